import { assert, must } from "@isthmus/kernel";
import type { HistoryEntry, HistoryValue, ReadOut } from "../history.ts";
import {
  ABSENT,
  type Linearization,
  linearize,
  type Need,
  type RegisterState,
  type Step,
} from "../linearization.ts";

export interface LinearizabilityOptions {
  /** For each key, before the check gives up; a configuration takes about 100 bytes. */
  readonly configurationsMax?: number;
}

export type LinearizabilityVerdict =
  | {
      readonly kind: "linearizable";
      readonly keys: number;
      readonly operations: number;
      readonly unknowns: number;
      readonly configurations: number;
    }
  | NotLinearizable
  | { readonly kind: "undecided"; readonly key: string; readonly configurations: number };

export interface NotLinearizable {
  readonly kind: "not_linearizable";
  readonly key: string;
  readonly why: string;
  /**
   * What cannot be ordered, by call, and last the writes outside it of which it speaks. Whatever the state was before, no
   * order of the former exists; without any of its reads and refusals one does.
   */
  readonly window: readonly HistoryEntry[];
}

const CONFIGURATIONS_MAX = 2_000_000;

/**
 * Whether each key of the history is a linearizable register. Throws nothing for a bad history: that is the verdict. Two
 * writes of one key must not have the same value, since values are how reads are told apart; if two do, that is asserted.
 */
export function checkLinearizability(
  history: readonly HistoryEntry[],
  { configurationsMax = CONFIGURATIONS_MAX }: LinearizabilityOptions = {},
): LinearizabilityVerdict {
  let configurations = 0;
  const byKey = Map.groupBy(history, ({ key }) => key);
  for (const [key, entries] of byKey) {
    const register = new RegisterHistory(key, entries);
    if (register.contradiction !== null) return register.contradiction;
    const found = register.order(configurationsMax);
    configurations += found.configurations;
    if (found.kind === "gave_up") return { kind: "undecided", key, configurations: found.configurations };
    if (found.kind === "none") return register.explain(found.stuck, configurationsMax);
  }
  return {
    kind: "linearizable",
    keys: byKey.size,
    operations: history.length,
    unknowns: history.filter(({ unknown }) => unknown).length,
    configurations,
  };
}

/** A step that knows which entry it came from. */
interface EntryStep extends Step {
  readonly entry: HistoryEntry;
}

/** A part of a key's history, and what the key may hold at first. */
interface Cut {
  readonly steps: readonly EntryStep[];
  readonly initial: readonly RegisterState[];
}

/** The history of one key, its versions and values resolved to the writes that made them. */
class RegisterHistory {
  /** What is already impossible before any order is looked for; else null. */
  readonly contradiction: NotLinearizable | null;
  readonly #key: string;
  readonly #entries: readonly HistoryEntry[];
  readonly #byValue = new Map<HistoryValue, RegisterState>();
  readonly #byVersion = new Map<string, RegisterState>();
  readonly #versions = new Map<RegisterState, string>();
  readonly #steps: readonly EntryStep[];

  constructor(key: string, entries: readonly HistoryEntry[]) {
    this.#key = key;
    this.#entries = entries.toSorted((a, b) => a.call - b.call);
    this.contradiction = this.#resolve();
    this.#steps = this.contradiction ? [] : this.#entries.flatMap((entry, index) => this.#step(entry, index));
  }

  order(configurationsMax: number): Linearization {
    return linearize(this.#steps, { initial: [ABSENT], configurationsMax });
  }

  /** The smallest part around what is stuck that cannot be ordered either, whatever came before it. */
  explain(stuck: Step, configurationsMax: number): NotLinearizable {
    const end = stuck.ret;
    const impossible = ({ steps, initial }: Cut): boolean =>
      initial.every((state) => {
        // A write counts once: if it already stands at first, it is not still to come.
        const left = steps.filter(({ becomes }) => becomes === ABSENT || becomes !== state);
        return linearize(left, { initial: [state], configurationsMax }).kind === "none";
      });
    let cut = this.#cuts(end).find(impossible) ?? this.#whole(end);
    // Only what changes nothing may be left out: without a write more would be impossible, not less.
    for (const step of cut.steps.filter(({ becomes }) => becomes === undefined)) {
      const fewer = { ...cut, steps: cut.steps.filter((each) => each !== step) };
      if (impossible(fewer)) cut = fewer;
    }
    const told = cut.steps.find(({ ret }) => ret === end)?.entry ?? cut.steps.at(-1)?.entry;
    return {
      kind: "not_linearizable",
      key: this.#key,
      why: `no order of these explains what ${told?.client} was told at ${end}`,
      window: this.#shown(cut.steps),
    };
  }

  /**
   * The history up to `end` from each of its calls on, the latest first, with any state at first. What was under way at a
   * cut is weakened: a write may or may not come behind it, an observation is left out. So what is impossible in a cut is
   * impossible in the whole.
   */
  *#cuts(end: number): Generator<Cut> {
    const { steps } = this.#whole(end);
    const calls = new Set(steps.filter(({ ret }) => ret <= end).map(({ call }) => call));
    for (const at of [...calls].sort((a, b) => b - a)) {
      const before = steps.filter(({ call }) => call < at);
      const rest = steps
        .filter(({ ret }) => ret >= at)
        .map((step) => (step.call < at ? { ...step, ret: Number.POSITIVE_INFINITY } : step));
      const initial = new Set([ABSENT, ...before.flatMap(({ becomes }) => becomes ?? [])]);
      yield { steps: rest.filter(isEvidence), initial: [...initial] };
    }
  }

  /** The history as it looks to who stops at `end`: what had not returned by then may or may not count. */
  #whole(end: number): Cut {
    const steps = this.#steps
      .filter(({ call }) => call <= end)
      .map((step) => (step.ret > end ? { ...step, ret: Number.POSITIVE_INFINITY } : step));
    return { steps: steps.filter(isEvidence), initial: [ABSENT] };
  }

  /** By call; of the writes that may or may not count only those of which another speaks, and behind them those before. */
  #shown(steps: readonly EntryStep[]): HistoryEntry[] {
    const known = steps.filter(({ ret }) => ret !== Number.POSITIVE_INFINITY).map(({ entry }) => entry);
    const spokenOf = this.#spokenOf(known);
    const shown = steps
      .map(({ entry }) => entry)
      .filter((each) => known.includes(each) || spokenOf.includes(each));
    return [...new Set([...shown, ...spokenOf])];
  }

  /** The writes whose values or versions these name. */
  #spokenOf(entries: readonly HistoryEntry[]): HistoryEntry[] {
    return entries.flatMap((entry) => {
      const out = readOutOf(entry);
      const read = out === null ? undefined : this.#byValue.get(out.value);
      const matched = entry.from === null ? undefined : this.#byVersion.get(entry.from);
      return [read, matched].flatMap((write) => (write === undefined ? [] : (this.#entries[write] ?? [])));
    });
  }

  // ---- values and versions ----

  /** Learns which write each value and each version belongs to; what contradicts itself in that is returned. */
  #resolve(): NotLinearizable | null {
    for (const [index, entry] of this.#entries.entries()) {
      if (!writesValue(entry) || !(entry.ok || entry.unknown)) continue;
      assert(!this.#byValue.has(entry.value), "no two writes of a key have the same value");
      this.#byValue.set(entry.value, index);
    }
    for (const [index, entry] of this.#entries.entries()) {
      if (!entry.ok) continue;
      if (writesValue(entry) && typeof entry.out === "string") {
        const wrong = this.#name(index, entry.out, entry);
        if (wrong) return wrong;
      }
      const out = readOutOf(entry);
      if (out === null) continue;
      const write = this.#byValue.get(out.value);
      if (write === undefined)
        return this.#impossible("a value was read that nobody wrote", [
          ...this.#entries.filter(({ value }) => value === out.value && value !== null),
          entry,
        ]);
      const wrong = this.#name(write, out.version, entry);
      if (wrong) return wrong;
    }
    return null;
  }

  #name(write: RegisterState, version: string, by: HistoryEntry): NotLinearizable | null {
    const known = this.#versions.get(write);
    const other = this.#byVersion.get(version);
    const writer = must(this.#entries[write], "a write's number");
    if (known !== undefined && known !== version)
      return this.#impossible(`one write has two versions, ${known} and ${version}`, [writer, by]);
    if (other !== undefined && other !== write)
      return this.#impossible(`two writes have the version ${version}`, [
        must(this.#entries[other], "a write's number"),
        writer,
        by,
      ]);
    this.#versions.set(write, version);
    this.#byVersion.set(version, write);
    return null;
  }

  #impossible(why: string, window: readonly HistoryEntry[]): NotLinearizable {
    return { kind: "not_linearizable", key: this.#key, why, window: [...new Set(window)] };
  }

  // ---- what each operation needs and does ----

  #step(entry: HistoryEntry, index: number): EntryStep[] {
    const effect = entry.ok || entry.unknown ? this.#effect(entry, index) : this.#refusal(entry);
    if (effect === null) return [];
    // An unknown read tells nothing.
    if (entry.unknown && effect.becomes === undefined) return [];
    return [{ ...effect, entry, call: entry.call, ret: entry.ret ?? Number.POSITIVE_INFINITY }];
  }

  #effect(entry: HistoryEntry, index: number): Pick<Step, "needs" | "becomes"> {
    switch (entry.op) {
      case "read": {
        const out = readOutOf(entry);
        const state = out === null ? ABSENT : (this.#byValue.get(out.value) ?? NOBODYS);
        return { needs: { kind: "is", state }, becomes: undefined };
      }
      case "put":
        return { needs: { kind: "any" }, becomes: index };
      case "put_if_match":
        return { needs: this.#hasVersion(entry), becomes: index };
      case "create":
        return { needs: { kind: "is", state: ABSENT }, becomes: index };
      case "update":
        return { needs: { kind: "is_not", state: ABSENT }, becomes: index };
      case "delete":
        return {
          needs: entry.from === null ? { kind: "is_not", state: ABSENT } : this.#hasVersion(entry),
          becomes: ABSENT,
        };
    }
  }

  /** What a refusal tells of the state; null if nothing. */
  #refusal(entry: HistoryEntry): Pick<Step, "needs" | "becomes"> | null {
    const told = (needs: Need): Pick<Step, "needs" | "becomes"> => ({ needs, becomes: undefined });
    if (entry.op === "delete" && entry.out === "not_found") return told({ kind: "is", state: ABSENT });
    if (entry.out !== "version_mismatch") return null;
    if (entry.op === "create") return told({ kind: "is_not", state: ABSENT });
    if (entry.from === null) return null;
    return told({ kind: "is_not", state: this.#byVersion.get(entry.from) ?? NOBODYS });
  }

  #hasVersion({ from }: HistoryEntry): Need {
    return { kind: "is", state: (from === null ? undefined : this.#byVersion.get(from)) ?? NOBODYS };
  }
}

/** Of a version that no write of this history was told to have. */
const NOBODYS: RegisterState = -2;

function writesValue({ op }: HistoryEntry): boolean {
  return op !== "read" && op !== "delete";
}

function readOutOf({ op, ok, out }: HistoryEntry): ReadOut | null {
  return op === "read" && ok && typeof out === "object" ? out : null;
}

/** An observation without a return says nothing. */
function isEvidence({ ret, becomes }: EntryStep): boolean {
  return ret !== Number.POSITIVE_INFINITY || becomes !== undefined;
}
