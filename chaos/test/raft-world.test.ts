import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { drawProfile, RaftJudge, RaftWorldNode, runRaftWorld, Violation } from "@isthmus/chaos";
import { must, seededRandom, utf8 } from "@isthmus/kernel";
import { type ConfState, type Entry, encodeConfChange, type Message } from "@isthmus/raft";
import { confOfVoters, drawChange, isQuorum, nextConf } from "../dist/raft-world-conf.js";

const SCHEDULES = 60;
const TURNS = 1500;

describe("a world of the consensus core alone", () => {
  const bear = (members: "fixed" | "changing") => {
    const sum = { leaders: 0, committed: 0, reads: 0, changes: 0, snapshots: 0 };
    for (let number = 1; number <= SCHEDULES; number++) {
      const { failure, ...met } = runRaftWorld({
        seed: `unit-${number}`,
        turns: TURNS,
        profile: { members },
      });
      if (failure) throw new Error(`the seed unit-${number}`, { cause: failure.error });
      for (const name of ["leaders", "committed", "reads", "changes", "snapshots"] as const)
        sum[name] += met[name];
    }
    assert(
      sum.leaders > SCHEDULES && sum.committed > 10 * SCHEDULES && sum.reads > SCHEDULES,
      JSON.stringify(sum),
    );
    return sum;
  };

  test(`bears ${SCHEDULES} schedules of slow disks, crashes, cuts and late messages, and comes to rest`, () => {
    const { changes, snapshots } = bear("fixed");
    assert.deepEqual({ changes, snapshots }, { changes: 0, snapshots: 0 });
  });

  test(`bears as many in which members change, logs are compacted and leadership is handed over`, () => {
    const { changes, snapshots } = bear("changing");
    assert(changes > 2 * SCHEDULES && snapshots > 2 * SCHEDULES, JSON.stringify({ changes, snapshots }));
  });

  test("draws worlds of both kinds where none is asked for, and seeds of fixed members do not move for the others", () => {
    const drawn = (number: number, members?: "fixed") =>
      drawProfile(seededRandom(`a ${number}`), seededRandom(`b ${number}`), members ? { members } : {});
    const all = Array.from({ length: 40 }, (_, number) => drawn(number));
    const [changing, fixed] = [
      all.filter((each) => each.strangers > 0),
      all.filter((each) => each.strangers === 0),
    ];
    assert(changing.length > fixed.length && fixed.length > 0);
    for (const { nodes, strangers, disks, weights } of changing) {
      assert.equal(disks.length, nodes + strangers);
      assert(weights.change > 0 && weights.apply > 0);
    }
    for (const [number, profile] of all.entries())
      if (profile.strangers === 0) assert.deepEqual(profile, drawn(number, "fixed"));
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
    return { judge: new RaftJudge(nodes, confOfVoters([1, 2, 3])), one, two, life: one.life };
  };
  /** The node stands for election and is elected by these, whose disks know of it. */
  const elect = ({ judge, one, life }: ReturnType<typeof world>, voters: readonly number[]): void => {
    life.raw.campaign();
    const write = must(
      life.raw.ready().messages.find(({ type }) => type === "MsgStorageAppend"),
      "a write",
    );
    one.disk.write(write);
    for (const response of write.responses ?? []) {
      judge.leaves(one, response);
      life.raw.step(response);
    }
    for (const from of voters) life.raw.step(message({ type: "MsgVoteResp", from, to: 1 }));
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

  test("finds a leader that is not elected by a majority, and one with a configuration that was not agreed on", () => {
    const first = world();
    elect(first, [2]);
    assert.equal(first.life.raw.raftState, "StateLeader");
    finds(/majorities: 1 leads in term 1 without the votes/, () => first.judge.moved(first.one));
    const second = world();
    second.life.raw.applyConfChange({ type: "ConfChangeAddLearnerNode", nodeId: 4 });
    finds(/configuration agreement: 1 has .*learn \[4\]/, () =>
      second.judge.changed(second.one, second.life),
    );
  });

  test("finds a commit that too few of one half have on disk, and a snapshot that is not of its place", () => {
    const { judge, one, two, life } = world();
    const change = encodeConfChange({
      transition: "ConfChangeTransitionJointExplicit",
      changes: [
        { type: "ConfChangeRemoveNode", nodeId: 3 },
        { type: "ConfChangeAddNode", nodeId: 4 },
      ],
    });
    const entries: Entry[] = [{ term: 1, index: 1, ...change }];
    const follower = must(two.life, "it lives");
    follower.raw.step(message({ type: "MsgApp", from: 1, to: 2, entries, commit: 1 }));
    follower.raw.ready();
    follower.log.push(...entries);
    finds(/durability: 2 has committed 1 .* only \[\]/, () => judge.handedOut(two, follower, entries));
    for (const { disk } of [one, two]) disk.write(message({ term: 0, entries }));
    judge.handedOut(two, follower, entries);
    assert.deepEqual(judge.lastConf.voters, [1, 2, 4]);
    judge.snapped(1, { index: 1, term: 1, conf: judge.lastConf });
    finds(/snapshots: 1 has one of 1 in term 2/, () =>
      judge.snapped(1, { index: 1, term: 2, conf: judge.lastConf }),
    );
    finds(/configuration agreement/, () =>
      judge.snapped(1, { index: 1, term: 1, conf: confOfVoters([1, 2, 3]) }),
    );
    judge.applies(one, life, entries);
  });
});

describe("a configuration, reckoned apart", () => {
  const joint: ConfState = { ...confOfVoters([1, 2, 4]), outgoing: [1, 2, 3], learners: [5] };

  test("counts a majority of each half, and neither learners nor those who went", () => {
    const has = (...ids: number[]) => isQuorum(joint, (id) => ids.includes(id));
    assert(has(1, 2) && has(1, 3, 4));
    assert(!has(1, 4, 5) && !has(1, 3, 5) && !has(3, 4, 5));
    assert(!isQuorum(confOfVoters([1, 2, 4]), (id) => [1, 3, 5].includes(id)));
  });

  test("is joint until it is left, and takes nothing else meanwhile", () => {
    const changes = [{ type: "ConfChangeAddLearnerNode" as const, nodeId: 3 }];
    const demoted = nextConf(confOfVoters([1, 2, 3]), {
      transition: "ConfChangeTransitionJointExplicit",
      changes,
    });
    assert.deepEqual(demoted, { ...confOfVoters([1, 2]), outgoing: [1, 2, 3], learnersNext: [3] });
    const left = { transition: "ConfChangeTransitionAuto" as const, changes: [] };
    assert.deepEqual(nextConf(demoted, left), { ...confOfVoters([1, 2]), learners: [3] });
    assert.equal(nextConf(demoted, { type: "ConfChangeAddNode", nodeId: 4 }), null);
    assert.equal(nextConf(confOfVoters([1]), left), null);
    assert.equal(nextConf(confOfVoters([1]), { type: "ConfChangeRemoveNode", nodeId: 1 }), null);
  });

  test("is asked for changes that it can take, and that leave a majority of its voters in", () => {
    const random = seededRandom("changes");
    let conf = confOfVoters([1, 2, 3]);
    for (let count = 0; count < 300; count++) {
      const next = nextConf(conf, drawChange(random, conf, 6));
      assert(next !== null, "it fits");
      const stay = conf.voters.filter((id) => next.voters.includes(id));
      assert(stay.length * 2 > conf.voters.length, `${stay} of ${conf.voters}`);
      conf = next;
    }
  });
});
