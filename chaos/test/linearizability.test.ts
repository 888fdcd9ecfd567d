import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  checkLinearizability,
  formatEntry,
  type HistoryEntry,
  HistoryError,
  type HistoryOp,
  type LinearizabilityVerdict,
  parseHistory,
} from "@isthmus/chaos";
import { type Random, seededRandom } from "@isthmus/kernel";

const COMMAND = fileURLToPath(new URL("../dist/check-history.js", import.meta.url));

// ---- words for histories: each operation is its client's, from `call` to `ret` ----

type Span = readonly [call: number, ret: number | null];

const entry = (
  op: HistoryOp,
  [call, ret]: Span,
  rest: Partial<HistoryEntry>,
  client = `c${call}`,
): HistoryEntry => ({
  client,
  key: "k",
  op,
  value: null,
  from: null,
  call,
  ret,
  ok: ret !== null,
  out: null,
  unknown: ret === null,
  ...rest,
});
const version = (value: string): string => `v-${value}`;
const wrote = (span: Span, value: string): Partial<HistoryEntry> => ({
  value,
  out: span[1] === null ? "timeout" : version(value),
});
const put = (span: Span, value: string): HistoryEntry => entry("put", span, wrote(span, value));
const create = (span: Span, value: string): HistoryEntry => entry("create", span, wrote(span, value));
const putIf = (span: Span, from: string, value: string): HistoryEntry =>
  entry("put_if_match", span, { ...wrote(span, value), from: version(from) });
const update = (span: Span, value: string): HistoryEntry => entry("update", span, wrote(span, value));
const remove = (span: Span): HistoryEntry => entry("delete", span, {});
const read = (span: Span, value: string | null): HistoryEntry =>
  entry("read", span, { out: value === null ? null : { value, version: version(value) } });
const refused = (of: HistoryEntry, code: string): HistoryEntry => ({ ...of, ok: false, out: code });
const mismatch = (of: HistoryEntry): HistoryEntry => refused(of, "version_mismatch");

const GOOD: Record<string, HistoryEntry[]> = {
  "reads follow writes": [put([1, 2], "a"), read([3, 4], "a"), put([5, 6], "b"), read([7, 8], "b")],
  "a read beside a write may see either, and a later one goes on from there": [
    put([1, 2], "a"),
    put([3, 10], "b"),
    read([4, 5], "a"),
    read([6, 7], "b"),
  ],
  "writes side by side may take either order": [
    put([1, 10], "a"),
    put([2, 9], "b"),
    read([11, 12], "a"),
    read([13, 14], "a"),
  ],
  "of two creates side by side one wins, either": [
    create([1, 9], "a"),
    mismatch(create([2, 8], "b")),
    read([10, 11], "a"),
  ],
  "a condition follows the version through": [
    create([1, 2], "a"),
    putIf([3, 4], "a", "b"),
    mismatch(putIf([5, 6], "a", "c")),
    remove([7, 8]),
    refused(remove([9, 10]), "not_found"),
    create([11, 12], "d"),
  ],
  "an unknown write may count much later": [
    put([1, 2], "a"),
    put([3, null], "b"),
    read([4, 5], "a"),
    read([6, 7], "a"),
    read([8, 9], "b"),
  ],
  "an unknown write may never count": [put([1, 2], "a"), put([3, null], "b"), read([4, 5], "a")],
  "unknown writes may count one upon the other": [
    put([1, 2], "a"),
    remove([3, null]),
    create([4, null], "b"),
    read([5, 6], null),
    read([7, 8], "b"),
    putIf([9, null], "b", "c"),
    read([10, 11], "c"),
  ],
  "an unknown write that nobody saw explains a mismatch": [
    create([1, 2], "a"),
    put([3, null], "b"),
    mismatch(putIf([4, 5], "a", "c")),
  ],
  "an update finds something": [
    create([1, 5], "a"),
    update([2, 4], "b"),
    update([6, null], "c"),
    read([7, 8], "c"),
  ],
  "what was refused has no effect": [
    put([1, 2], "a"),
    refused(put([3, 4], "b"), "no_leader"),
    read([5, 6], "a"),
  ],
  "what returns as another is called may come after it": [
    put([1, 2], "a"),
    put([2, 3], "b"),
    read([4, 5], "a"),
  ],
};

const BAD: Record<string, { history: HistoryEntry[]; window: number[] }> = {
  "a stale read": {
    history: [put([1, 2], "z"), put([3, 4], "a"), read([5, 6], "a"), put([7, 8], "b"), read([9, 10], "a")],
    window: [3, 4, 1],
  },
  "a write that was acknowledged and is gone": {
    history: [put([1, 2], "a"), read([3, 4], null)],
    window: [0, 1],
  },
  "two reads that see two writes in two orders": {
    history: [put([1, 20], "a"), put([1, 20], "b"), read([2, 3], "a"), read([4, 5], "b"), read([6, 7], "a")],
    window: [0, 1, 2, 3, 4],
  },
  "two creates that both win": { history: [create([1, 9], "a"), create([2, 8], "b")], window: [0, 1] },
  "two conditional writes upon one version": {
    history: [put([1, 2], "a"), putIf([3, 9], "a", "b"), putIf([4, 8], "a", "c")],
    window: [1, 2, 0],
  },
  "a mismatch that nothing explains": {
    history: [put([1, 2], "a"), mismatch(putIf([3, 4], "a", "b"))],
    window: [0, 1],
  },
  "a write that takes effect before it is called": {
    history: [put([1, 2], "a"), put([3, null], "c"), read([4, 5], "b"), put([6, 7], "b")],
    window: [2, 3],
  },
  "an update of what is not there": {
    history: [create([1, 2], "a"), remove([3, 4]), update([5, 6], "b")],
    window: [1, 2],
  },
  "a deleted record that is read": {
    history: [put([1, 2], "a"), remove([3, 4]), read([5, 6], "a")],
    window: [1, 2, 0],
  },
  "an unknown write that counts twice": {
    history: [put([1, 2], "a"), put([3, null], "b"), read([4, 5], "b"), put([6, 7], "c"), read([8, 9], "b")],
    window: [1, 2, 3, 4],
  },
  "a refused write that is read": {
    history: [put([1, 2], "a"), refused(put([3, 4], "b"), "no_leader"), read([5, 6], "b")],
    window: [1, 2],
  },
  "one value under two versions": {
    history: [put([1, 2], "a"), entry("read", [3, 4], { out: { value: "a", version: "other" } })],
    window: [0, 1],
  },
};

describe("a linearizability checker", () => {
  for (const [name, history] of Object.entries(GOOD))
    test(`accepts: ${name}`, () => {
      assert.deepEqual(verdictOf(history), "linearizable");
      assert.equal(bruteForce(history), true, "the twin agrees");
    });

  for (const [name, { history, window }] of Object.entries(BAD))
    test(`finds: ${name}`, () => {
      const verdict = checkLinearizability([...history, put([50, 51], "later"), read([52, 53], "later")]);
      assert.equal(verdict.kind, "not_linearizable");
      assert.deepEqual(
        verdict.kind === "not_linearizable" && verdict.window.map((each) => history.indexOf(each)),
        window,
      );
      assert.equal(bruteForce(history), false, "the twin agrees");
    });

  test("judges keys apart", () => {
    const history = [put([1, 2], "a"), { ...read([3, 4], null), key: "other" }];
    assert.equal(verdictOf(history), "linearizable");
    const bad = [...history, { ...read([5, 6], null), key: "k" }];
    assert.equal(verdictOf(bad), "not_linearizable");
  });

  test("agrees with trying every order, on small histories at random", () => {
    const random = seededRandom("twin");
    const counts = { linearizable: 0, not_linearizable: 0, undecided: 0 };
    for (let round = 0; round < 6_000; round++) {
      const history = randomHistory(random, 2 + random.below(5));
      const verdict = checkLinearizability(history);
      counts[verdict.kind] += 1;
      const text = history.map(formatEntry).join("\n");
      assert.equal(verdict.kind === "linearizable", bruteForce(history), text);
      if (verdict.kind === "not_linearizable") {
        const { window } = verdict;
        assert(window.length > 0 && window.every((each) => history.includes(each)), text);
      }
    }
    assert.equal(counts.undecided, 0);
    assert(Math.min(counts.linearizable, counts.not_linearizable) > 500, JSON.stringify(counts));
  });

  test("accepts long histories of a true register, and finds one stale read in them", () => {
    const random = seededRandom("long");
    const history = trueHistory(random, { operations: 4_000, clients: 20, keys: 5 });
    const verdict = checkLinearizability(history);
    assert.equal(verdict.kind, "linearizable");
    const reads = history.filter(({ op, call, out }) => op === "read" && call > 2_000 && out !== null);
    const victim = reads[0];
    assert(victim);
    const early = history.find(
      ({ op, key, call, ok }) => op === "put" && ok && key === victim.key && call > 10,
    );
    assert(early && typeof early.out === "string");
    const stale = { ...victim, out: { value: early.value, version: early.out } };
    const broken = checkLinearizability(history.map((each) => (each === victim ? stale : each)));
    assert.equal(broken.kind, "not_linearizable");
    assert(broken.kind === "not_linearizable" && broken.key === victim.key);
    assert(
      broken.window.includes(stale) && broken.window.length < 60,
      `${broken.window.length} in the window`,
    );
  });

  test("gives up where the search outgrows its bound, and says so", () => {
    const history = Array.from({ length: 12 }, (_, index) => put([1, 20], `w${index}`));
    const verdict = checkLinearizability([...history, read([30, 31], null)], { configurationsMax: 100 });
    assert.equal(verdict.kind, "undecided");
  });
});

describe("a history's lines", () => {
  const check = (lines: readonly string[]) => {
    const directory = mkdtempSync(path.join(tmpdir(), "isthmus-history-"));
    try {
      const file = path.join(directory, "history.jsonl");
      writeFileSync(file, lines.join("\n"));
      const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, file], { encoding: "utf8" });
      return { status, told: stdout.split("\n"), stderr };
    } finally {
      rmSync(directory, { recursive: true });
    }
  };

  test("are judged by a command, which prints the window", () => {
    const good = check((GOOD["reads follow writes"] ?? []).map(formatEntry));
    assert.equal(good.status, 0);
    assert.match(good.told[0] ?? "", /^linearizable: 4 operations on 1 keys/);
    const stale = (BAD["a stale read"]?.history ?? []).map(formatEntry);
    const bad = check(stale);
    assert.equal(bad.status, 1);
    assert.deepEqual(bad.told, [
      "NOT linearizable: key k: no order of these explains what c9 was told at 10",
      stale[3],
      stale[4],
      stale[1],
      "",
    ]);
    const none = check([...stale, "{"]);
    assert.equal(none.status, 2);
    assert.match(none.stderr, /line 6: no JSON/);
  });

  test("are read as they were written, with their members in order", () => {
    const history = [...Object.values(GOOD).flat(), ...Object.values(BAD).flatMap(({ history: bad }) => bad)];
    const text = history.map((each) => `${formatEntry(each)}\n`).join("");
    assert.deepEqual(parseHistory(text), history);
    assert.match(
      text,
      /^\{"client":"c1","key":"k","op":"put","value":"a","from":null,"call":1,"ret":2,"ok":true,"out":"v-a","unknown":false\}$/m,
    );
  });

  test("that are none are named", () => {
    const good = formatEntry(put([1, 2], "a"));
    for (const [line, what] of [
      ["{", /line 2: no JSON/],
      ["[]", /line 2: an entry is an object/],
      [good.replace('"put"', '"post"'), /`op` is one of/],
      [good.replace('"ret":2', '"ret":0'), /not before `call`/],
      [good.replace('"ret":2', '"ret":null'), /if and only if/],
      [good.replace('"v-a"', "7"), /`out` is/],
    ] as const)
      assert.throws(
        () => parseHistory(`${good}\n${line}\n`),
        (error) => error instanceof HistoryError && what.test(error.message),
      );
  });
});

function verdictOf(history: readonly HistoryEntry[]): LinearizabilityVerdict["kind"] {
  return checkLinearizability(history).kind;
}

// ---- the dumb twin: every subset of what is unknown, every order, a register of value and version ----

interface Register {
  readonly value: HistoryEntry["value"];
  /** Null: written by somebody who was not told; the first who is told fixes it. */
  readonly version: string | null;
}

function bruteForce(history: readonly HistoryEntry[]): boolean {
  const told = history.filter(
    ({ op, ok, unknown, out }) =>
      ok || (unknown && op !== "read") || out === "version_mismatch" || out === "not_found",
  );
  // Which version a value has is fixed by anybody who was told of both; it must be one, and no other value's.
  const versions = new Map<HistoryEntry["value"], string>();
  for (const { op, ok, value, out } of history) {
    if (!ok || out === null) continue;
    const [of, is] = typeof out === "object" ? [out.value, out.version] : [value, out];
    if (op !== "delete" && versions.get(of) !== undefined && versions.get(of) !== is) return false;
    versions.set(of, is);
  }
  if (new Set(versions.values()).size !== versions.size) return false;
  return anyOrder(told, null, versions);
}

function anyOrder(
  left: readonly HistoryEntry[],
  state: Register | null,
  versions: ReadonlyMap<HistoryEntry["value"], string>,
): boolean {
  if (left.every(({ unknown }) => unknown)) return true;
  return left.some((next) => {
    if (left.some(({ ret }) => ret !== null && ret < next.call)) return false;
    const after = applied(next, state, versions);
    return (
      after !== "impossible" &&
      anyOrder(
        left.filter((each) => each !== next),
        after,
        versions,
      )
    );
  });
}

function applied(
  { op, ok, unknown, value, from, out }: HistoryEntry,
  state: Register | null,
  versions: ReadonlyMap<HistoryEntry["value"], string>,
): Register | null | "impossible" {
  const counts = ok || unknown;
  const matches = from === null ? true : state?.version === from;
  const written = { value, version: versions.get(value) ?? null };
  switch (op) {
    case "read": {
      const seen = typeof out === "object" ? out : null;
      return seen?.value === state?.value && (seen?.version ?? null) === (state?.version ?? null)
        ? state
        : "impossible";
    }
    case "put":
      return written;
    case "put_if_match":
      if (counts) return matches ? written : "impossible";
      return matches ? "impossible" : state;
    case "create":
      if (counts) return state === null ? written : "impossible";
      return state === null ? "impossible" : state;
    case "update":
      return state === null ? "impossible" : written;
    case "delete":
      if (counts) return state === null || !matches ? "impossible" : null;
      return state === null ? null : "impossible";
  }
}

// ---- histories at random ----

/** Answers at random, so that about half of the histories are impossible. */
function randomHistory(random: Random, length: number): HistoryEntry[] {
  const values = ["a", "b", "c", "d", "e", "f", "g"].slice(0, length);
  const some = (): string => values[random.below(Math.min(length, 3))] ?? "a";
  return values.map((value) => {
    const call = random.below(10);
    const ret = call + random.below(6);
    const span: Span = [call, ret];
    const maybe: Span = random.below(4) === 0 ? [call, null] : span;
    switch (random.below(11)) {
      case 0:
      case 1:
        return put(maybe, value);
      case 10:
        return update(maybe, value);
      case 2:
        return putIf(maybe, some(), value);
      case 3:
        return create(maybe, value);
      case 4:
        return remove(maybe);
      case 5:
        return mismatch(putIf(span, some(), value));
      case 6:
        return random.below(2) === 0 ? refused(remove(span), "not_found") : mismatch(create(span, value));
      default:
        return read(span, random.below(5) === 0 ? null : some());
    }
  });
}

/** What clients of a true register see: each operation counts at one moment between its call and its return. */
function trueHistory(
  random: Random,
  { operations, clients, keys }: { operations: number; clients: number; keys: number },
): HistoryEntry[] {
  const registers = new Map<string, { value: string; told: boolean }>();
  const history: { moment: number; span: Span; entry: () => HistoryEntry }[] = [];
  for (let number = 0; number < operations; number++) {
    const call = number + random.next();
    const moment = call + random.next() * clients;
    const lost = random.below(100) === 0;
    const span: Span = [call, lost ? null : moment + random.next() * clients];
    const key = `k${random.below(keys)}`;
    const value = `w${number}`;
    const act = (): HistoryEntry => {
      const now = registers.get(key);
      const write = (made: HistoryEntry): HistoryEntry => {
        registers.set(key, { value, told: !lost });
        return made;
      };
      // What is lost counts, or not.
      if (lost && random.below(2) === 0) return put(span, value);
      // A version that nobody was told of is in nobody's condition.
      switch (now?.told === false ? 4 : random.below(5)) {
        case 0:
          return now ? write(putIf(span, now.value, value)) : write(create(span, value));
        case 1:
          if (lost) return put(span, `${value}-lost`);
          if (now) return mismatch(create(span, value));
          return refused(remove(span), "not_found");
        case 2:
          if (now) registers.delete(key);
          return now ? remove(span) : write(put(span, value));
        case 3:
          return write(put(span, value));
        default:
          if (lost) return put(span, `${value}-lost`);
          if (now) now.told = true;
          return read(span, now?.value ?? null);
      }
    };
    history.push({ moment, span, entry: () => ({ ...act(), key }) });
  }
  return history.sort((a, b) => a.moment - b.moment).map(({ entry: made }) => made());
}
