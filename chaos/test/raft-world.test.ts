import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RaftJudge, RaftWorldNode, runRaftWorld, Violation } from "@isthmus/chaos";
import { must, utf8 } from "@isthmus/kernel";
import type { Entry, Message } from "@isthmus/raft";

const SCHEDULES = 60;
const TURNS = 1500;

describe("a world of the consensus core alone", () => {
  test(`bears ${SCHEDULES} schedules of slow disks, crashes, cuts and late messages, and comes to rest`, () => {
    const sum = { leaders: 0, committed: 0, reads: 0 };
    for (let number = 1; number <= SCHEDULES; number++) {
      const { failure, leaders, committed, reads } = runRaftWorld({ seed: `unit-${number}`, turns: TURNS });
      if (failure) throw new Error(`the seed unit-${number}`, { cause: failure.error });
      sum.leaders += leaders;
      sum.committed += committed;
      sum.reads += reads;
    }
    assert(
      sum.leaders > SCHEDULES && sum.committed > 10 * SCHEDULES && sum.reads > SCHEDULES,
      JSON.stringify(sum),
    );
  });

  test("is the same each time for a seed, and another one for another seed", () => {
    const told = (seed: string): string[] => {
      const lines: string[] = [];
      runRaftWorld({ seed, turns: 300, read: (line) => lines.push(line) });
      return lines;
    };
    assert.deepEqual(told("a"), told("a"));
    assert.notDeepEqual(told("a"), told("b"));
    assert(told("a").length > 100);
  });
});

describe("the judge of such a world", () => {
  const config = {
    electionTick: 10,
    heartbeatTick: 1,
    asyncStorageWrites: true,
    maxSizePerMsg: 0,
    maxInflightMsgs: 1,
    random: () => 0,
  };
  const world = () => {
    const nodes = [1, 2, 3].map((id) => new RaftWorldNode(id, [1, 2, 3], config));
    for (const node of nodes) node.start();
    const [one, two] = nodes;
    assert(one?.life && two?.life);
    return { judge: new RaftJudge(nodes), one, two, life: one.life };
  };
  const entry = (term: number, index: number): Entry => ({
    term,
    index,
    type: "EntryNormal",
    data: utf8("x"),
  });
  const message = (more: Partial<Message>): Message => ({
    type: "MsgAppResp",
    to: 2,
    from: 1,
    term: 1,
    logTerm: 0,
    index: 0,
    commit: 0,
    vote: 0,
    entries: [],
    reject: false,
    rejectHint: 0,
    ...more,
  });
  const finds = (what: RegExp, call: () => void): void => {
    assert.throws(call, (error) => error instanceof Violation && what.test(error.message));
  };

  test("finds a vote and an acknowledgement that the disk knows nothing of, and lets true ones leave", () => {
    const { judge, one } = world();
    const vote = message({ type: "MsgVoteResp" });
    finds(/durability: 1 gives 2 its vote/, () => judge.leaves(one, vote));
    one.disk.write(message({ term: 1, vote: 2 }));
    judge.leaves(one, vote);
    finds(/durability: 1 acknowledges 1/, () => judge.leaves(one, message({ index: 1 })));
    one.disk.write(message({ term: 0, entries: [entry(1, 1)] }));
    judge.leaves(one, message({ index: 1 }));
  });

  test("finds two logs that differ in an entry of one index and term, or before it", () => {
    const { judge, one, two, life } = world();
    const first = entry(1, 1);
    judge.handedOut(one, life, [first]);
    assert(two.life);
    finds(/log matching/, () => judge.handedOut(two, must(two.life, "it lives"), [entry(1, 1)]));
    judge.handedOut(two, two.life, [first]);
    two.life.log.push(first);
    const second = entry(2, 2);
    judge.handedOut(two, two.life, [second]);
    finds(/behind one of 0/, () => judge.handedOut(one, life, [second]));
  });

  test("finds what is applied without being committed", () => {
    const { judge, one, life } = world();
    finds(/applies at 1 .* committed is one of none/, () => judge.applies(one, life, [entry(1, 1)]));
  });
});
