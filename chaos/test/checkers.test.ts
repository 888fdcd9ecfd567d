import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { VersionVector } from "@isthmus/causality";
import {
  AppliedPrefixes,
  BatchBook,
  CausalOrder,
  type Checker,
  CheckpointBehindLog,
  type CommitSeen,
  CommittedStays,
  Convergence,
  Durability,
  Effects,
  type EntryApplied,
  EqualDigests,
  ExactlyOnce,
  type HistoryItem,
  LeaderReads,
  LinearizableKeys,
  LogMatching,
  type LogSeen,
  LogWatch,
  type NodeAtRest,
  OneLeader,
  type RoleSeen,
  SessionReads,
  Violation,
  WithinBounds,
} from "@isthmus/chaos";
import {
  CONTROL_GROUP,
  dataGroup,
  encodeValue,
  hex,
  must,
  type NodeId,
  type Origin,
  type RegionId,
} from "@isthmus/kernel";
import {
  type Batch,
  encodeOutcomes,
  encodeRequest,
  encodeRequests,
  HASH_ZERO,
  hashBatch,
  NO_DEPENDENTS,
} from "@isthmus/wire";

// Each checker is shown a history that is good, and then the smallest one that is not.

const GROUP = dataGroup("main", 0);
const US = "us" as RegionId;
const EU = "eu" as RegionId;

const vector = (components: Readonly<Record<string, number>>): VersionVector =>
  VersionVector.of(Object.entries(components) as [Origin, number][]);
const at = (node: string, region: RegionId = US) => ({ atMs: 1, node: node as NodeId, region, group: GROUP });

function finds(what: RegExp, call: () => void): void {
  assert.throws(call, (error) => error instanceof Violation && what.test(error.message));
}

interface BatchFacts {
  origin?: string;
  sequence: number;
  wallMs?: number;
  context?: Readonly<Record<string, number>>;
  counter?: number;
  key?: string;
  id?: string;
  value?: string;
}

function batch({
  origin = "us",
  sequence,
  wallMs = 10 * sequence,
  context = {},
  ...request
}: BatchFacts): Batch {
  const head = {
    group: GROUP,
    origin: origin as Origin,
    epoch: 1,
    sequence,
    stamp: { wallMs, logical: 0 },
    context: vector(context),
    previousHash: HASH_ZERO,
  };
  const requests = encodeRequests([
    encodeRequest({
      id: { node: origin === "us" ? 1 : 2, nonce: 7, counter: request.counter ?? sequence },
      retry: request.key === undefined ? null : { key: request.key, bodyHash: HASH_ZERO },
      operations: [
        {
          op: "put_node",
          id: request.id ?? "n",
          condition: null,
          labels: [],
          properties: [["v", encodeValue(request.value ?? `${origin}${sequence}`)]],
        },
      ],
    }),
  ]);
  const outcome = encodeOutcomes([{ status: "applied", dependents: [NO_DEPENDENTS] }]);
  return { ...head, requests, outcome, hash: hashBatch(head, requests, outcome) };
}

function entry(made: Batch, more: Partial<EntryApplied> = {}): EntryApplied {
  const { context, origin, sequence } = made;
  return {
    ...at("us-1"),
    index: 1,
    term: 1,
    checksum: 1,
    applied: { kind: "local", batch: made, results: [] },
    before: context,
    after: context.with(origin, sequence),
    digest: "d",
    ...more,
  };
}

function item(more: Partial<HistoryItem>): HistoryItem {
  return {
    client: "c",
    kind: "write",
    key: "n",
    from: "us-1" as NodeId,
    region: US,
    callMs: 0,
    returnMs: 1,
    result: "ok",
    code: null,
    write: null,
    read: null,
    ...more,
  };
}

function acknowledged({ group, origin, epoch, sequence, hash }: Batch): HistoryItem["write"] {
  const receipt = { group, origin, epoch, sequence, hash: hex(hash) };
  return { retryKey: null, operation: "", operations: [], versions: [], value: "", receipt };
}

function atRest(node: string, more: Partial<NodeAtRest> = {}): NodeAtRest {
  return { ...at(node), index: 1, vector: vector({ us: 1 }), digest: "d", records: [], ...more };
}

test("one leader a term: two leaders of one term are found, also when only followers name them", () => {
  const role = (node: string, number: number, more: Partial<RoleSeen>): RoleSeen => {
    return { ...at(node), number, leads: false, term: 4, leader: 0, ...more };
  };
  const checker = new OneLeader();
  checker.role(role("us-1", 1, { leads: true }));
  checker.role(role("us-2", 2, { leader: 1 }));
  checker.role(role("us-2", 2, { leads: true, term: 5 }));
  checker.role(role("eu-1", 4, { leads: true, region: EU }));
  finds(/term 4/, () => checker.role(role("us-3", 3, { leads: true })));
  finds(/term 5/, () => checker.role(role("us-3", 3, { leader: 1, term: 5 })));
  // The control group is one group, in whichever region its leaders are.
  checker.role(role("us-1", 1, { leads: true, group: CONTROL_GROUP }));
  finds(/_control/, () => checker.role(role("eu-1", 4, { leads: true, group: CONTROL_GROUP, region: EU })));
});

describe("log matching", () => {
  const held = (
    node: string,
    first: number,
    terms: readonly number[],
    more: Partial<LogSeen> = {},
  ): LogSeen => ({
    ...at(node),
    first,
    previousTerm: first === 1 ? 0 : 1,
    entries: terms.map((term, place) => ({ term, checksum: 100 * term + first + place })),
    ...more,
  });
  const checked = (...seen: readonly LogSeen[]): void => {
    const checker = new LogMatching();
    for (const each of seen) checker.logged(each);
  };
  test("logs that fought over a tail and agree again are let be, and so are another region's", () => {
    checked(
      held("us-1", 1, [1, 1]),
      held("us-2", 1, [1]),
      held("us-2", 2, [2, 2]),
      held("us-1", 2, [2, 2]),
      held("eu-1", 1, [1], { region: EU, entries: [{ term: 1, checksum: 7 }] }),
    );
  });
  test("other bytes under one index and term are found", () => {
    finds(/1\/1 .* other bytes/, () =>
      checked(held("us-1", 1, [1]), held("us-2", 1, [1], { entries: [{ term: 1, checksum: 7 }] })),
    );
  });
  test("an entry that stands behind another one than elsewhere is found, though it is the same itself", () => {
    finds(/2\/3 .* behind one of term 2/, () =>
      checked(held("us-1", 1, [1, 3]), held("us-2", 1, [2]), held("us-2", 2, [3], { previousTerm: 2 })),
    );
  });
});

describe("committed entries stay", () => {
  const logged = (node: string, first: number, terms: readonly number[]): LogSeen => {
    const entries = terms.map((term) => ({ term, checksum: 1 }));
    return { ...at(node), first, previousTerm: 0, entries };
  };
  const leads = (node: string, term: number): RoleSeen => {
    return { ...at(node), number: 2, leads: true, term, leader: 2 };
  };
  const committed = (): CommittedStays => {
    const checker = new CommittedStays();
    checker.logged(logged("us-1", 1, [1, 1, 2]));
    checker.committed({ ...at("us-1"), index: 3, term: 2 });
    return checker;
  };
  test("a leader of a later term that lacks what was committed is found, and one that has it is not", () => {
    const checker = committed();
    checker.logged(logged("us-2", 1, [1, 1]));
    finds(/without 3\/2/, () => checker.role(leads("us-2", 3)));
    checker.logged(logged("us-2", 3, [2, 3]));
    checker.role(leads("us-2", 3));
    // What was committed in its own term or later need not be known to who was chosen before.
    checker.logged(logged("us-3", 1, [1]));
    checker.role(leads("us-3", 2));
  });
  test("another entry under a committed index is found, at once where the node takes it for committed", () => {
    const checker = committed();
    checker.logged(logged("us-2", 1, [1, 1, 1, 4]));
    checker.committed({ ...at("us-2"), index: 2, term: 4 });
    finds(/3\/1 .* us-1 took 3\/2/, () => checker.committed({ ...at("us-2"), index: 3, term: 4 }));
  });
  test("a commit beyond the log is found, and a new life that knows of less is let be", () => {
    const checker = committed();
    checker.logged(logged("us-1", 1, [1, 1, 2]));
    checker.committed({ ...at("us-1"), index: 2, term: 2 });
    finds(/has not/, () => checker.committed({ ...at("us-1"), index: 4, term: 2 }));
  });
});

describe("what a log watch tells of commits", () => {
  /** A node's log of entries of term 1, whose hard state never says that one is committed. */
  const watched = (checkers: readonly Checker[]) => {
    const entries = [1, 2, 3].map((index) => ({ term: 1, index, type: "EntryNormal" as const }));
    const log = {
      id: GROUP,
      firstIndex: 1,
      firstIndexTerm: 0,
      lastIndex: 3,
      hardState: { term: 2, vote: 0, commit: 0 },
      term: (index: number) => (index === 0 ? 0 : 1),
      entries: (lo: number, hi: number) => entries.slice(lo - 1, hi - 1),
    };
    const replica = { commitIndex: 0, role: { term: 1 }, isInstalling: false };
    return { replica, watch: new LogWatch({ log, replica, checkers, sighting: () => at("us-1") }) };
  };
  test("it is told when the replica learns it, in the term of then, whatever its log will say, and once", () => {
    const seen: CommitSeen[] = [];
    const { replica, watch } = watched([{ name: "seen", committed: (commit) => seen.push(commit) }]);
    watch.look();
    assert.deepEqual(seen, []);
    replica.commitIndex = 3;
    watch.look();
    replica.role.term = 2;
    watch.look();
    assert.deepEqual(seen, [{ ...at("us-1"), index: 3, term: 1 }]);
  });
  test("a leader of the next term that lacks what only the replica knew to be committed is found", () => {
    const checker = new CommittedStays();
    const { replica, watch } = watched([checker]);
    replica.commitIndex = 3;
    watch.look();
    replica.role.term = 2;
    watch.look();
    const leader = { ...at("us-2"), number: 2, leads: true, term: 2, leader: 2 };
    finds(/without 1\/1, which us-1 took for committed in term 1/, () => checker.role(leader));
  });
  test("a replica that fetches its state takes nothing for committed", () => {
    const checker = new CommittedStays();
    const { replica, watch } = watched([checker]);
    watch.look();
    replica.isInstalling = true;
    // What it heard last never came into its log.
    replica.commitIndex = 9;
    watch.look();
    replica.isInstalling = false;
    finds(/us-1 takes 4 .* its log has not/, () => watch.look());
  });
});

test("checkpoint behind log: a life whose checkpoint holds more than its log is found", () => {
  const checker = new CheckpointBehindLog();
  const entries = [1, 1, 1].map((term) => ({ term, checksum: null }));
  checker.logged({ ...at("us-1"), first: 1, previousTerm: 0, entries });
  const state = { ...at("us-1"), vector: vector({}), digest: "d" };
  checker.opened({ ...state, index: 3 });
  finds(/at 4, .* ends at 3/, () => checker.opened({ ...state, index: 4 }));
});

describe("linearizable keys", () => {
  const put = (value: string, more: Partial<HistoryItem>): HistoryItem => {
    const operation = { op: "put_node", id: "n", condition: null, labels: [], properties: [] } as const;
    const versions = more.result === "ok" ? [`v-${value}`] : [];
    const write = { retryKey: null, operation: "", operations: [operation], versions, value, receipt: null };
    return item({ write, ...more });
  };
  const read = (value: string, callMs: number, more: Partial<HistoryItem> = {}): HistoryItem => {
    const facts = { level: "leader", session: null, asOf: null, value, version: `v-${value}` } as const;
    return item({ kind: "read", callMs, returnMs: callMs + 1, read: facts, ...more });
  };
  const checked = (history: readonly HistoryItem[], nodes = [atRest("us-1")]): LinearizableKeys => {
    const checker = new LinearizableKeys();
    for (const each of history) checker.returned(each);
    checker.finished(nodes);
    return checker;
  };
  const first = put("a", { callMs: 0, returnMs: 1, result: "ok" });
  test("a stale read is found, in a world of one region", () => {
    const second = put("b", { callMs: 2, returnMs: 3, result: "ok" });
    assert.deepEqual(checked([first, second, read("b", 4)]).counts, { judged: 1, undecided: 0 });
    finds(/no order of these/, () => checked([first, second, read("a", 4)]));
    checked([first, second, read("a", 4)], [atRest("us-1"), atRest("eu-1", { region: EU })]);
  });
  test("a write whose outcome is unknown may count later, once, and one that was turned away never", () => {
    const unknown = put("b", { callMs: 2, returnMs: 3, result: "unknown" });
    checked([first, unknown, read("a", 4), read("b", 6)]);
    finds(/no order/, () => checked([first, unknown, read("b", 4), read("a", 6)]));
    const failed = put("b", { callMs: 2, returnMs: 3, result: "failed" });
    finds(/nobody wrote/, () => checked([first, failed, read("b", 4)]));
  });
  test("a condition on a version that only a read at `session` showed holds, though the write's outcome is unknown", () => {
    const unknown = put("b", { callMs: 2, returnMs: 3, result: "unknown" });
    const condition = { kind: "match", version: "v-b" } as const;
    const operation = { op: "delete_node", id: "n", condition } as const;
    const write = {
      retryKey: null,
      operation: "",
      operations: [operation],
      versions: ["v-c"],
      value: "c",
      receipt: null,
    };
    const remove = item({ write, callMs: 6, returnMs: 7, result: "ok" });
    const shown = read("b", 4);
    const session = read("b", 4, { read: { ...must(shown.read, "what was read"), level: "session" } });
    const gone = read("b", 8, { read: { ...must(shown.read, "what was read"), value: null, version: null } });
    checked([first, unknown, session, remove, gone]);
    finds(/no order/, () => checked([first, unknown, session, read("a", 8)]));
    finds(/no order/, () => checked([first, unknown, remove, gone]));
  });
  test("calls under one key are one write, from the first call to the first answer", () => {
    const unknown = put("b", { callMs: 2, returnMs: 3, result: "unknown" });
    const again = put("b", { callMs: 8, returnMs: 9, result: "ok" });
    checked([first, unknown, read("b", 4), again, read("b", 10)]);
    finds(/no order/, () => checked([first, unknown, again, read("a", 10)]));
  });
});

test("applied prefixes: another entry, or another state after the same entry, is found", () => {
  const checker = new AppliedPrefixes();
  checker.applied(entry(batch({ sequence: 1 })));
  checker.applied(entry(batch({ sequence: 1 }), at("us-2")));
  checker.applied(entry(batch({ sequence: 1 }), { ...at("eu-1", EU), checksum: 9 }));
  finds(/bytes 2/, () => checker.applied(entry(batch({ sequence: 1 }), { ...at("us-3"), checksum: 2 })));
  finds(/ e;/, () => checker.applied(entry(batch({ sequence: 1 }), { ...at("us-3"), digest: "e" })));
  finds(/opens/, () => checker.opened({ ...at("us-3"), index: 1, vector: vector({}), digest: "d" }));
});

test("equal digests: a replica that differs at a vector is found, in any region and also right after its start", () => {
  const checker = new EqualDigests();
  checker.applied(entry(batch({ sequence: 1 })));
  checker.applied(entry(batch({ sequence: 1 }), at("eu-1", EU)));
  finds(/\[us:1\]/, () => checker.applied(entry(batch({ sequence: 1 }), { ...at("eu-2", EU), digest: "e" })));
  finds(/\[us:1\]/, () =>
    checker.opened({ ...at("eu-2", EU), index: 3, vector: vector({ us: 1 }), digest: "e" }),
  );
});

describe("causal order", () => {
  const checker = new CausalOrder();
  const remote = (made: Batch, before: VersionVector, after: VersionVector): EntryApplied =>
    entry(made, { applied: { kind: "remote", batch: made }, before, after });

  test("a batch before its context is found", () => {
    const made = batch({ sequence: 1, context: { eu: 2 } });
    checker.applied(remote(made, vector({ eu: 2 }), vector({ eu: 2, us: 1 })));
    finds(/needs \[eu:2\]/, () => checker.applied(remote(made, vector({ eu: 1 }), vector({ eu: 1, us: 1 }))));
  });
  test("a gap and a repetition are found", () => {
    const made = batch({ sequence: 2 });
    finds(/us:2/, () => checker.applied(remote(made, vector({}), vector({ us: 2 }))));
    finds(/us:2/, () => checker.applied(remote(made, vector({ us: 2 }), vector({ us: 2 }))));
  });
  test("a no-op that takes a number, and a context that is not the state's vector, are found", () => {
    const made = batch({ sequence: 1 });
    const noOp = { kind: "skipped", why: "gap", requests: [] } as const;
    finds(/no-op/, () => checker.applied(entry(made, { applied: noOp })));
    finds(/says/, () =>
      checker.applied(entry(made, { before: vector({ eu: 1 }), after: vector({ eu: 1, us: 1 }) })),
    );
  });
});

describe("batch numbers", () => {
  test("a number that was given twice is found", () => {
    const book = new BatchBook();
    book.applied(entry(batch({ sequence: 1 })));
    book.applied(entry(batch({ sequence: 1 })));
    finds(/another batch/, () => book.applied(entry(batch({ sequence: 1, value: "other" }))));
  });
  test("a stamp that does not pass what its batch had seen is found", () => {
    const book = new BatchBook();
    book.applied(entry(batch({ sequence: 1, wallMs: 50 })));
    const late = batch({ origin: "eu", sequence: 1, wallMs: 50, context: { us: 1 } });
    finds(/stamp/, () => book.applied(entry(late)));
  });
});

describe("exactly once", () => {
  const booked = (...batches: readonly Batch[]): void => {
    const book = new BatchBook();
    const checker = new ExactlyOnce(book);
    assert.equal(checker.name, "exactly once");
    for (const made of batches) book.applied(entry(made));
  };
  test("a request in two batches is found", () => {
    booked(batch({ sequence: 1, counter: 1 }), batch({ sequence: 2, counter: 2 }));
    finds(/is in us:1 and in us:2/, () =>
      booked(batch({ sequence: 1, counter: 1 }), batch({ sequence: 2, counter: 1 })),
    );
  });
  test("a key that counts again where it was known is found, and not where it could not be", () => {
    booked(batch({ sequence: 1, key: "k" }), batch({ origin: "eu", sequence: 1, key: "k" }));
    finds(/"k"/, () => booked(batch({ sequence: 1, key: "k" }), batch({ sequence: 2, key: "k" })));
    const knowing = batch({ origin: "eu", sequence: 1, key: "k", context: { us: 1 }, wallMs: 99 });
    finds(/"k"/, () => booked(batch({ sequence: 1, key: "k" }), knowing));
  });
});

test("exactly once: a key that the table had to forget may count again, and no other may", () => {
  const booked = (keys: readonly string[]): void => {
    const book = new BatchBook();
    new ExactlyOnce(book, { retryKeys: 2 });
    for (const [place, key] of keys.entries()) book.applied(entry(batch({ sequence: place + 1, key })));
  };
  booked(["k", "l", "m", "k"]);
  finds(/"k"/, () => booked(["k", "l", "k"]));
});

describe("durability", () => {
  const made = batch({ sequence: 1 });
  const checked = (applied: readonly Batch[], nodes: readonly NodeAtRest[]): void => {
    const book = new BatchBook();
    const checker = new Durability(book);
    for (const each of applied) book.applied(entry(each));
    checker.returned(item({ write: acknowledged(made) }));
    checker.finished(nodes);
  };
  test("an acknowledged batch that nobody has, or that is another one now, is found", () => {
    checked([made], [atRest("us-1")]);
    finds(/nobody/, () => checked([], [atRest("us-1")]));
    finds(/another batch/, () => checked([batch({ sequence: 1, value: "other" })], [atRest("us-1")]));
  });
  test("a replica that ends without it is found", () => {
    finds(/us-2/, () => checked([made], [atRest("us-1"), atRest("us-2", { vector: vector({}) })]));
  });
});

test("leader reads: a read that lacks what was acknowledged before it was asked is found", () => {
  const read = (callMs: number, sequence: number): HistoryItem =>
    item({
      kind: "read",
      callMs,
      returnMs: callMs + 1,
      read: { level: "leader", session: null, asOf: vector({ us: sequence }), version: null, value: null },
    });
  const checker = new LeaderReads();
  checker.returned(item({ returnMs: 10, write: acknowledged(batch({ sequence: 1 })) }));
  checker.returned(item({ returnMs: 20, write: acknowledged(batch({ sequence: 2 })) }));
  checker.returned(read(5, 0));
  checker.returned(read(15, 1));
  checker.returned(read(25, 2));
  finds(/us:2 was acknowledged before/, () => checker.returned(read(25, 1)));
  checker.returned({
    ...read(25, 1),
    read: { level: "local", session: null, asOf: vector({}), version: null, value: null },
  });
});

test("session reads: a read that goes back behind its token is found", () => {
  const read = (asOf: VersionVector): HistoryItem =>
    item({
      kind: "read",
      read: { level: "session", session: vector({ us: 2, eu: 1 }), asOf, version: null, value: null },
    });
  const checker = new SessionReads();
  checker.returned(read(vector({ us: 3, eu: 1 })));
  finds(/had seen/, () => checker.returned(read(vector({ us: 3 }))));
});

test("convergence: a node that ends at another vector, digest or record is found", () => {
  const checker = new Convergence();
  checker.finished([atRest("us-1", { records: ["a"] }), atRest("eu-1", { records: ["a"] })]);
  finds(/eu-1/, () => checker.finished([atRest("us-1"), atRest("eu-1", { vector: vector({ us: 2 }) })]));
  finds(/eu-1/, () => checker.finished([atRest("us-1"), atRest("eu-1", { digest: "e" })]));
  finds(/nothing/, () => checker.finished([atRest("us-1", { records: ["a"] }), atRest("eu-1")]));
});

test("memory bounds: a gauge beyond its bound is found", () => {
  const checker = new WithinBounds({ "isthmus.write.waiting": 5 });
  checker.sampled("us-1" as NodeId, new Map([["isthmus.write.waiting", 5]]));
  finds(/is 6/, () => checker.sampled("us-1" as NodeId, new Map([["isthmus.write.waiting", 6]])));
});

describe("effects", () => {
  const shown = (id: string, version: string, value: string): string =>
    JSON.stringify({ kind: "node", id, labels: [], properties: { v: value }, version });
  const checked = (batches: readonly Batch[], records: readonly string[]): void => {
    const book = new BatchBook();
    const checker = new Effects(book);
    for (const each of batches) book.applied(entry(each));
    checker.finished([atRest("us-1", { records })]);
  };
  test("a record that is not what the batches make is found: lost, stale, or written by nobody", () => {
    const batches = [batch({ sequence: 1 }), batch({ sequence: 2, context: { us: 1 } })];
    checked(batches, [shown("n", "us.1.2.0", "us2")]);
    finds(/us-1 shows nothing/, () => checked(batches, []));
    finds(/us1/, () => checked(batches, [shown("n", "us.1.1.0", "us1")]));
    finds(/ghost/, () => checked(batches, [shown("n", "us.1.2.0", "us2"), shown("ghost", "us.1.9.0", "x")]));
  });
  test("concurrent writes stand side by side, and of a request that was applied in two regions one is seen", () => {
    const both = [batch({ sequence: 1 }), batch({ origin: "eu", sequence: 1, wallMs: 99 })];
    checked(both, [shown("n", "eu.1.1.0+us.1.1.0", "eu1")]);
    const twice = [
      batch({ sequence: 1, key: "k" }),
      batch({ origin: "eu", sequence: 1, wallMs: 99, key: "k" }),
    ];
    // The later one is an echo: it stands, and is not seen where the other one is.
    checked(twice, [shown("n", "eu.1.1.0+us.1.1.0", "us1")]);
    finds(/eu1/, () => checked(twice, [shown("n", "eu.1.1.0+us.1.1.0", "eu1")]));
  });
});
