import type { GroupId } from "@isthmus/kernel";
import type { Entry, HardState } from "@isthmus/raft";
import type { GroupLog, GroupRecords, OutcomeRecord, Wal } from "@isthmus/wal";

/** The dumbest log: arrays, copied whenever they change. */
export interface TwinGroup {
  first: number;
  firstTerm: number;
  entries: Entry[];
  hardState: HardState;
  conf: Uint8Array | undefined;
  outcomes: OutcomeRecord[];
  lastOutcome: { sequence: number; index: number };
}

export type Twin = ReadonlyMap<GroupId, TwinGroup>;

export interface Step {
  readonly group: GroupId;
  readonly records: GroupRecords;
}

export function emptyGroup(): TwinGroup {
  return {
    first: 1,
    firstTerm: 0,
    entries: [],
    hardState: { term: 0, vote: 0, commit: 0 },
    conf: undefined,
    outcomes: [],
    lastOutcome: { sequence: 0, index: 0 },
  };
}

export function lastOf(group: TwinGroup): number {
  return group.first + group.entries.length - 1;
}

export function after(twin: Twin, { group, records }: Step): Twin {
  const next = { ...(twin.get(group) ?? emptyGroup()) };
  const { compact, entries, hardState, conf, outcomes } = records;
  if (compact && compact.index >= next.first) {
    const kept = next.entries.find(({ index }) => index === compact.index)?.term === compact.term;
    next.entries = kept ? next.entries.filter(({ index }) => index > compact.index) : [];
    next.outcomes = kept ? next.outcomes.filter(({ index }) => index > compact.index) : [];
    if (!kept) next.lastOutcome = { sequence: 0, index: 0 };
    next.first = compact.index + 1;
    next.firstTerm = compact.term;
  }
  const from = entries?.[0]?.index;
  if (entries && from) next.entries = [...next.entries.filter(({ index }) => index < from), ...entries];
  if (hardState) next.hardState = hardState;
  if (conf) next.conf = conf;
  for (const outcome of outcomes ?? []) {
    next.outcomes = [...next.outcomes, outcome];
    next.lastOutcome = { sequence: outcome.sequence, index: outcome.index };
  }
  return new Map([...twin, [group, next]]);
}

/** Everything that a reader can learn, as a text to compare. */
export function describeTwin(twin: Twin): string {
  return describeAll(
    [...twin].map(([id, group]) => [
      id,
      {
        first: group.first,
        firstTerm: group.firstTerm,
        entries: group.entries,
        terms: group.entries.map(({ term }) => term),
        hardState: group.hardState,
        conf: group.conf,
        outcomes: group.outcomes,
        lastOutcome: group.lastOutcome,
      },
    ]),
  );
}

export function describeWal(wal: Wal): string {
  return describeAll([...wal.groups].map(([id, log]) => [id, contentOf(log)]));
}

function contentOf(log: GroupLog): TwinGroup & { terms: number[] } {
  const { firstIndex, lastIndex } = log;
  const entries = log.entries(firstIndex, lastIndex + 1, Number.POSITIVE_INFINITY);
  const outcomes: OutcomeRecord[] = [];
  if (log.firstOutcomeSequence > 0) {
    for (let sequence = log.firstOutcomeSequence; sequence <= log.lastOutcomeSequence; sequence++) {
      const outcome = log.outcome(sequence);
      if (outcome) outcomes.push(outcome);
    }
  }
  return {
    first: firstIndex,
    firstTerm: log.firstIndexTerm,
    entries,
    terms: entries.map(({ index }) => log.term(index)),
    hardState: log.hardState,
    conf: log.conf,
    outcomes,
    lastOutcome: { sequence: log.lastOutcomeSequence, index: log.lastOutcomeIndex },
  };
}

function describeAll(groups: [string, unknown][]): string {
  groups.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(groups, (_key, value: unknown) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
    // Buffers become objects before they come here.
    if (
      typeof value === "object" &&
      value !== null &&
      "type" in value &&
      value.type === "Buffer" &&
      "data" in value
    ) {
      return Buffer.from(value.data as number[]).toString("latin1");
    }
    return value;
  });
}
