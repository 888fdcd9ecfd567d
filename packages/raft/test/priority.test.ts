import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "@isthmus/kernel";
import { Cluster } from "./cluster.ts";
import { Lone } from "./lone.ts";

test("of two priorities the higher one stands first, and has had its whole range before the other begins", () => {
  for (const drawn of [0, 9]) {
    const ticks = (priority: number): number => {
      const lone = new Lone({ preVote: true, priority, random: () => drawn });
      let passed = 0;
      for (; lone.state === "StateFollower"; passed++) lone.node.tick();
      return passed;
    };
    deepEqual([ticks(0), ticks(-1), ticks(-3)], [10 + drawn, 20 + drawn, 40 + drawn]);
  }
});

test("a priority only delays: one of the lowest leads where nobody else can", () => {
  const cluster = new Cluster({
    voters: [1, 2, 3],
    preVote: true,
    checkQuorum: true,
    only: { 2: { priority: -1 }, 3: { priority: -2 } },
  });
  cluster.elect(3);
  cluster.node(3).propose(utf8("a"));
  cluster.settle([2, 3]);
  cluster.network = [];
  // 2 is gone, 3 comes back; 1 goes first and lacks the entry. Its asking takes nobody's time back: 3 has its turn.
  cluster.restart(3);
  for (let round = 0; round < 120; round++) {
    for (const id of [1, 3]) cluster.tick(id);
    cluster.settle([1, 3]);
  }
  deepEqual([cluster.node(1).status().lead, cluster.node(3).status().lead], [3, 3]);
  deepEqual(cluster.applied(1), ["a"]);
});

test("a priority is from -16 to 0 and needs pre-vote; what is asked for directly does not wait", () => {
  for (const wrong of [{ priority: 1 }, { priority: -17 }, { priority: -0.5 }])
    throws(() => new Lone({ preVote: true, ...wrong }), { name: "AssertionError" });
  throws(() => new Lone({ priority: -1 }), /preVote/);
  const lone = new Lone({ preVote: true, priority: -2 });
  lone.node.campaign();
  equal(lone.state, "StatePreCandidate");
  const asked = new Lone({ preVote: true, priority: -2 });
  asked.hear({ type: "MsgTimeoutNow", term: 1 });
  equal(asked.state, "StateCandidate");
});
