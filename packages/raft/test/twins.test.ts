import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import {
  type ConfChangeSingle,
  type ConfigurationState,
  type Entry,
  enterJoint,
  entryBytes,
  leaveJoint,
  MemoryStorage,
  RaftError,
  simple,
} from "@isthmus/raft";
import fc from "fast-check";
import { Inflights } from "../dist/inflights.js";
import { PeerProgress } from "../dist/progress.js";
import { RaftLog } from "../dist/raft-log.js";
import { Unstable } from "../dist/unstable.js";
import { entry } from "./cluster.ts";

const INFINITE = Number.POSITIVE_INFINITY;

test("a window is a list of messages whose front goes up to what is acknowledged", () => {
  const op = fc.oneof(
    fc.record({ kind: fc.constant("send" as const), step: fc.integer({ min: 1, max: 3 }), bytes: fc.nat(9) }),
    fc.record({ kind: fc.constant("free" as const), back: fc.integer({ min: -2, max: 12 }) }),
    fc.record({ kind: fc.constant("reset" as const) }),
  );
  const limits = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(8, 20, INFINITE));
  fc.assert(
    fc.property(limits, fc.array(op, { maxLength: 60 }), ([limit, limitBytes], ops) => {
      const window = new Inflights(limit, limitBytes);
      let twin: { last: number; bytes: number }[] = [];
      let last = 0;
      for (const does of ops) {
        if (does.kind === "send" && !window.full) {
          last += does.step;
          window.add(last, does.bytes);
          twin.push({ last, bytes: does.bytes });
        } else if (does.kind === "free") {
          window.freeUpTo(last - does.back);
          twin = twin.filter((sent) => sent.last > last - does.back);
        } else if (does.kind === "reset") {
          window.reset();
          twin = [];
        }
        const bytes = twin.reduce((sum, sent) => sum + sent.bytes, 0);
        deepEqual([window.count, window.full], [twin.length, twin.length === limit || bytes >= limitBytes]);
      }
    }),
  );
});

/** What is known of a peer, by rules as plain as they can be written: a window is a list of last indexes. */
class PlainProgress {
  match = 0;
  next = 5;
  state = "StateProbe";
  paused = false;
  pending = 0;
  window: number[] = [];

  enter(state: string, next: number): void {
    Object.assign(this, { state, next, paused: state === "StateSnapshot", window: [], pending: 0 });
  }

  sent(count: number, limit: number): void {
    if (count > 0 && this.state === "StateReplicate") {
      this.next += count;
      this.window.push(this.next - 1);
    }
    this.paused = this.state === "StateReplicate" ? this.window.length === limit : this.paused || count > 0;
  }

  acknowledged(index: number): void {
    const isNews = index > this.match;
    if (isNews) {
      this.match = index;
      this.next = Math.max(this.next, index + 1);
      if (this.state !== "StateSnapshot") this.paused = false;
    }
  }

  refused(index: number, hint: number): void {
    if (this.state === "StateReplicate") {
      if (index > this.match) this.next = this.match + 1;
    } else if (index === this.next - 1) {
      this.next = Math.max(Math.min(index, hint + 1), this.match + 1);
      if (this.state !== "StateSnapshot") this.paused = false;
    }
  }
}

test("progress goes as its plain twin does, and next stays above match whatever comes", () => {
  const small = fc.nat(20);
  const op = fc.oneof(
    fc.record({ kind: fc.constantFrom("probe" as const, "replicate" as const) }),
    fc.record({ kind: fc.constant("snapshot" as const), index: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ kind: fc.constant("send" as const), count: fc.nat(3) }),
    fc.record({ kind: fc.constant("acknowledge" as const), index: small }),
    fc.record({ kind: fc.constant("refuse" as const), back: fc.integer({ min: -1, max: 4 }), hint: small }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(op, { maxLength: 40 }), (limit, ops) => {
      const inflights = new Inflights(limit, INFINITE);
      const real = new PeerProgress({ match: 0, next: 5, isLearner: false, inflights });
      const twin = new PlainProgress();
      for (const does of ops) {
        switch (does.kind) {
          case "probe":
            real.becomeProbe();
            twin.enter("StateProbe", Math.max(twin.match, twin.pending) + 1);
            break;
          case "replicate":
            real.becomeReplicate();
            twin.enter("StateReplicate", twin.match + 1);
            break;
          case "snapshot":
            // A snapshot is sent of what the peer is not known to have.
            if (does.index <= twin.match) break;
            real.becomeSnapshot(does.index);
            twin.enter("StateSnapshot", does.index + 1);
            twin.pending = does.index;
            break;
          case "send":
            // A full window lets empty messages through alone; nothing goes to a peer that waits for a snapshot.
            if (real.state === "StateSnapshot" || (does.count > 0 && inflights.full)) break;
            real.sentEntries(does.count, 0);
            twin.sent(does.count, limit);
            break;
          case "acknowledge":
            if (real.state === "StateReplicate") inflights.freeUpTo(does.index);
            if (twin.state === "StateReplicate")
              twin.window = twin.window.filter((last) => last > does.index);
            real.maybeUpdate(does.index);
            twin.acknowledged(does.index);
            break;
          case "refuse": {
            const index = Math.max(0, twin.next - 1 - does.back);
            real.maybeDecrTo(index, does.hint);
            twin.refused(index, does.hint);
            break;
          }
        }
        deepEqual(
          [real.state, real.match, real.next, real.paused, inflights.count, real.pendingSnapshot],
          [twin.state, twin.match, twin.next, twin.paused, twin.window.length, twin.pending],
          JSON.stringify(does),
        );
        ok(real.match < real.next);
      }
    }),
  );
});

const appended = fc.record({
  kind: fc.constant("append" as const),
  back: fc.nat(3),
  count: fc.integer({ min: 1, max: 3 }),
});

test("the unstable end of the log is an array, a mark to where it is on disk, and one to where it was handed out", () => {
  const op = fc.oneof(
    appended,
    fc.record({ kind: fc.constant("hand out" as const) }),
    fc.record({ kind: fc.constant("stable" as const), back: fc.nat(4), wrong: fc.boolean() }),
    fc.record({ kind: fc.constant("restore" as const), ahead: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant("stable snapshot" as const), wrong: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(op, { maxLength: 40 }), (ops) => {
      const real = new Unstable(1);
      // The twin keeps the whole log from 1 on; below `stable` it is on disk, below `handed` on its way there.
      let log: Entry[] = [];
      let base = 0;
      let stable = 1;
      let handed = 1;
      let snapshot: { index: number; asked: boolean } | undefined;
      let term = 1;
      const end = (): number => base + log.length + 1;
      for (const does of ops) {
        term += 1;
        if (does.kind === "append") {
          const from = Math.max(base + 1, end() - does.back);
          const entries = Array.from({ length: does.count }, (_, at) => entry(term, from + at));
          real.truncateAndAppend(entries);
          log = [...log.slice(0, from - base - 1), ...entries];
          stable = Math.min(stable, from);
          handed = Math.min(handed, from);
        } else if (does.kind === "hand out") {
          real.acceptInProgress();
          handed = end();
          if (snapshot !== undefined) snapshot.asked = true;
        } else if (does.kind === "stable") {
          const index = Math.max(base, end() - 1 - does.back);
          const known = log[index - base - 1]?.term ?? 0;
          real.stableTo(index, does.wrong ? known + 1 : known);
          if (!does.wrong && index >= stable) {
            stable = index + 1;
            handed = Math.max(handed, stable);
          }
        } else if (does.kind === "restore") {
          const index = end() + does.ahead;
          real.restore({
            index,
            term,
            conf: { voters: [1], outgoing: [], learners: [], learnersNext: [], autoLeave: false },
          });
          log = [];
          base = index;
          stable = handed = index + 1;
          snapshot = { index, asked: false };
        } else if (snapshot !== undefined) {
          real.stableSnapshotTo(does.wrong ? snapshot.index + 1 : snapshot.index);
          if (!does.wrong) snapshot = undefined;
        }
        const tail = log.slice(stable - base - 1);
        deepEqual(
          [real.offset, real.isEmpty, real.lastIndex],
          [stable, tail.length === 0, tail.length > 0 ? end() - 1 : snapshot?.index],
          JSON.stringify(does),
        );
        deepEqual(real.nextEntries(), log.slice(handed - base - 1));
        equal(real.nextSnapshot()?.index, snapshot?.asked === false ? snapshot.index : undefined);
        deepEqual(real.slice(stable, end()), tail);
        for (let index = stable; index < end() + 2; index++)
          equal(real.term(index), log[index - base - 1]?.term);
      }
    }),
  );
});

test("a log over a disk that lags behind reads as one array, whatever is on disk, in flight or compacted", () => {
  const op = fc.oneof(
    appended,
    fc.record({ kind: fc.constant("write" as const), upTo: fc.nat(4) }),
    fc.record({ kind: fc.constant("commit" as const), ahead: fc.nat(3) }),
    fc.record({ kind: fc.constant("apply" as const) }),
    fc.record({ kind: fc.constant("compact" as const) }),
    fc.record({
      kind: fc.constant("follow" as const),
      back: fc.nat(5),
      fork: fc.nat(5),
      count: fc.nat(4),
      says: fc.nat(4),
    }),
  );
  const cuts = fc.constantFrom(0, 12, 30, INFINITE);
  fc.assert(
    fc.property(fc.array(op, { maxLength: 40 }), cuts, fc.boolean(), (ops, maxBytes, allowUnstable) => {
      const storage = new MemoryStorage();
      const real = new RaftLog(storage, INFINITE);
      let log: Entry[] = [];
      let committed = 0;
      let applied = 0;
      let first = 1;
      let stable = 0;
      let term = 1;
      for (const does of ops) {
        term += 1;
        if (does.kind === "append") {
          const from = Math.max(committed + 1, log.length + 1 - does.back);
          const entries = Array.from({ length: does.count }, (_, at) => entry(term, from + at, "data"));
          real.append(entries);
          log = [...log.slice(0, from - 1), ...entries];
          stable = Math.min(stable, from - 1);
        } else if (does.kind === "write") {
          const written = real.nextUnstable();
          real.acceptUnstable();
          storage.append(written);
          const index = Math.max(0, log.length - does.upTo);
          // Only what storage has may be called stable.
          const upTo = Math.min(index, storage.lastIndex());
          if (upTo > 0) real.stableTo(upTo, log[upTo - 1]?.term ?? 0);
          stable = Math.max(stable, upTo);
        } else if (does.kind === "commit") {
          committed = Math.min(log.length, committed + does.ahead);
          real.commitTo(committed);
          real.commitTo(committed - 1);
        } else if (does.kind === "apply") {
          const handed = real.nextCommitted(allowUnstable);
          deepEqual(handed, log.slice(applied, allowUnstable ? committed : Math.min(committed, stable)));
          if (handed.length === 0) continue;
          real.acceptApplying(handed, allowUnstable);
          applied += handed.length;
          real.appliedTo(applied, 0);
        } else if (does.kind === "compact") {
          // What storage has not called stable is kept there: it may be asked for.
          const upTo = Math.min(applied, stable);
          if (upTo < first) continue;
          storage.compact(upTo);
          first = upTo + 1;
        } else {
          // A leader whose log is ours up to a fork, and its own entries from there on.
          const previous = Math.max(committed, log.length - does.back);
          const fork = previous + does.fork;
          const entries = Array.from({ length: does.count }, (_, at) => {
            const index = previous + 1 + at;
            return (index <= fork ? log[index - 1] : undefined) ?? entry(term, index, "fork");
          });
          const at = log[previous - 1]?.term ?? 0;
          equal(real.maybeAppend(previous, at + 1000, entries, 0), undefined, "another term before it");
          const lastNew = real.maybeAppend(previous, at, entries, previous + does.says);
          equal(lastNew, previous + entries.length);
          const conflict = entries.findIndex((e) => log[e.index - 1]?.term !== e.term);
          if (conflict >= 0) {
            log = [...log.slice(0, previous + conflict), ...entries.slice(conflict)];
            stable = Math.min(stable, previous + conflict);
          }
          committed = Math.max(committed, Math.min(previous + does.says, previous + entries.length));
        }
        deepEqual(
          [real.lastIndex, real.lastTerm, real.committed, real.applied, real.firstIndex],
          [log.length, log.at(-1)?.term ?? 0, committed, applied, first],
          JSON.stringify(does),
        );
        for (let from = 1; from <= log.length + 1; from++) {
          const expected = from < first ? undefined : within(log.slice(from - 1), maxBytes);
          deepEqual(real.entriesFrom(from, maxBytes), expected, `entries from ${from}`);
        }
        for (let index = 0; index <= log.length + 1; index++) {
          const known = index < first - 1 || index > log.length ? undefined : (log[index - 1]?.term ?? 0);
          equal(real.term(index), known, `the term of ${index}`);
        }
        for (const asked of [0, 1, term - 1, term]) {
          let at = log.length;
          while (at > 0 && at >= first - 1 && (log[at - 1]?.term ?? 0) > asked) at -= 1;
          const known = at === 0 || at < first - 1 ? 0 : (log[at - 1]?.term ?? 0);
          deepEqual(real.findConflictByTerm(log.length, asked), { index: at, term: known });
        }
      }
    }),
  );
});

/** The first entries that fit in `maxBytes`, and one at least. */
function within(entries: Entry[], maxBytes: number): Entry[] {
  let bytes = 0;
  return entries.filter((entry, at) => {
    bytes += entryBytes(entry);
    return at === 0 || bytes <= maxBytes;
  });
}

const single: fc.Arbitrary<ConfChangeSingle> = fc.record({
  type: fc.constantFrom(
    "ConfChangeAddNode",
    "ConfChangeAddNode",
    "ConfChangeAddLearnerNode",
    "ConfChangeRemoveNode",
    "ConfChangeUpdateNode",
  ),
  nodeId: fc.integer({ min: 0, max: 7 }),
});
const way = fc.oneof(
  fc.record({ kind: fc.constant("simple" as const), changes: fc.array(single, { maxLength: 3 }) }),
  fc.record({
    kind: fc.constant("enter" as const),
    autoLeave: fc.boolean(),
    changes: fc.array(single, { maxLength: 5 }),
  }),
  fc.record({ kind: fc.constant("leave" as const) }),
);

test("through any sequence of changes a configuration stays sound, and a refused one leaves it as it was", () => {
  const refusals = new Set<string>();
  fc.assert(
    fc.property(fc.array(way, { maxLength: 15 }), (ways) => {
      const nobody = { voters: [], outgoing: [], learners: [], learnersNext: [], autoLeave: false };
      let state: ConfigurationState = simple(
        { ...nobody, progress: new Map() },
        [{ type: "ConfChangeAddNode", nodeId: 1 }],
        0,
      );
      for (const [at, does] of ways.entries()) {
        const before = structuredClone(state);
        try {
          if (does.kind === "simple") state = simple(state, does.changes, at);
          else if (does.kind === "enter") state = enterJoint(state, does.autoLeave, does.changes, at);
          else state = leaveJoint(state);
        } catch (error) {
          if (!(error instanceof RaftError)) throw error;
          refusals.add(error.code);
          deepEqual(state, before);
          continue;
        }
        const { voters, outgoing, learners, learnersNext, autoLeave, progress } = state;
        const isJoint = outgoing.length > 0;
        ok(voters.length > 0, "somebody votes");
        for (const ids of [voters, outgoing, learners, learnersNext, [...progress.keys()]])
          deepEqual(
            ids,
            [...new Set(ids)].sort((a, b) => a - b),
            "lists ascend",
          );
        deepEqual(
          [...progress.keys()],
          [...new Set([...voters, ...outgoing, ...learners])].sort((a, b) => a - b),
          "everyone named has progress, nobody else",
        );
        for (const id of learners) ok(!voters.includes(id) && !outgoing.includes(id));
        for (const id of learnersNext) ok(outgoing.includes(id) && !voters.includes(id));
        for (const [id, { isLearner, match, next }] of progress) {
          equal(isLearner, learners.includes(id));
          ok(match < next);
        }
        if (!isJoint) deepEqual([learnersNext, autoLeave], [[], false]);
        equal(isJoint, does.kind === "enter");
        // Any majority of the old voters meets any majority that can decide now: else two leaders, two commits.
        const moved = before.voters.filter((id) => !voters.includes(id)).length;
        const came = voters.filter((id) => !before.voters.includes(id)).length;
        if (does.kind === "simple") ok(moved + came <= 1, "one voter at a time");
        if (does.kind === "enter") deepEqual(outgoing, before.voters);
        if (does.kind === "leave") deepEqual(voters, before.voters);
      }
    }),
    { numRuns: 300 },
  );
  for (const code of ["ErrAlreadyJoint", "ErrNotJoint", "ErrInJoint", "ErrManyVoters", "ErrRemovedAllVoters"])
    ok(refusals.has(code), `${code} was met`);
});
