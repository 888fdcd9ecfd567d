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
  return new Map([...twin, [group, changed(twin.get(group) ?? emptyGroup(), records)]]);
}

export function changed(group: TwinGroup, records: GroupRecords): TwinGroup {
  const next = { ...group };
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
  return next;
}

/** Everything that a reader can learn, as a text to compare. */
export function describeTwin(twin: Twin): string {
  return describeAll([...twin]);
}

export function describeWal(wal: Wal): string {
  return describeAll([...wal.groups].map(([id, log]) => [id, contentOf(log)]));
}

function contentOf(log: GroupLog): TwinGroup {
  const { firstIndex, lastIndex } = log;
  const outcomes: OutcomeRecord[] = [];
  if (log.firstOutcomeSequence > 0) {
    for (let sequence = log.firstOutcomeSequence; sequence <= log.lastOutcomeSequence; sequence++) {
      const outcome = log.outcome(sequence);
      if (outcome) outcomes.push(outcome);
    }
  }
  const entries = log.entries(firstIndex, lastIndex + 1, Number.POSITIVE_INFINITY);
  return {
    first: firstIndex,
    firstTerm: log.firstIndexTerm,
    entries: entries.map((entry) => ({ ...entry, term: log.term(entry.index) })),
    hardState: log.hardState,
    conf: log.conf,
    outcomes,
    lastOutcome: { sequence: log.lastOutcomeSequence, index: log.lastOutcomeIndex },
  };
}

function describeAll(groups: (readonly [string, TwinGroup])[]): string {
  const lines: string[] = [];
  for (const [id, group] of groups.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const { term, vote, commit } = group.hardState;
    lines.push(`${id}: from ${group.first} after term ${group.firstTerm}, hard ${term} ${vote} ${commit}`);
    lines.push(`  conf ${bytesText(group.conf)}`);
    for (const { index, term, type, data } of group.entries) {
      lines.push(`  entry ${index} ${term} ${type} ${bytesText(data)}`);
    }
    for (const { index, sequence, bytes } of group.outcomes) {
      lines.push(`  outcome ${sequence} of ${index} ${bytesText(bytes)}`);
    }
    lines.push(`  last outcome ${group.lastOutcome.sequence} of ${group.lastOutcome.index}`);
  }
  return lines.join("\n");
}

function bytesText(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "absent" : `'${Buffer.from(bytes).toString("latin1")}'`;
}
