import assert from "node:assert/strict";
import { test } from "node:test";
import {
  applyControl,
  controlMembers,
  foundedControl,
  foundingHash,
  isLinkPaused,
  type Topology,
} from "@isthmus/control";
import type { NodeId, RegionId } from "@isthmus/kernel";

function topology(...sizes: number[]): Topology {
  let number = 0;
  return {
    cluster: "test",
    regions: sizes.map((size, region) => ({
      id: `r${region + 1}` as RegionId,
      priority: 1,
      nodes: Array.from({ length: size }, (_, index) => {
        number += 1;
        const id = `r${region + 1}-${index + 1}` as NodeId;
        return {
          id,
          number,
          api: `http://127.0.0.1:${1000 + number}`,
          cluster: `ws://127.0.0.1:${2000 + number}`,
        };
      }),
    })),
    databases: [{ name: "main", policy: "multi_writer" }],
  };
}

const [r1, r2] = ["r1", "r2"] as [RegionId, RegionId];
const pause = (from: RegionId, to: RegionId, paused = true) =>
  ({ kind: "set_link", from, to, paused }) as const;

test("each region has the same number of control votes: three at most, and no more than the smallest region's nodes", () => {
  assert.deepEqual(controlMembers(topology(3, 3, 3)), { voters: [1, 2, 3, 4, 5, 6, 7, 8, 9], learners: [] });
  assert.deepEqual(controlMembers(topology(5)), { voters: [1, 2, 3], learners: [4, 5] });
  assert.deepEqual(controlMembers(topology(3, 1)), { voters: [1, 4], learners: [2, 3] });
});

test("a link is paused and resumed in one direction, and every command counts", () => {
  let state = foundedControl(topology(1, 1));
  state = applyControl(state, pause(r1, r2)).state;
  assert.deepEqual(
    [isLinkPaused(state, r1, r2), isLinkPaused(state, r2, r1), state.position],
    [true, false, 1],
  );
  state = applyControl(state, pause(r1, r2)).state;
  assert.deepEqual([state.pausedLinks, state.position], [["r1>r2"], 2]);
  state = applyControl(state, pause(r1, r2, false)).state;
  assert.deepEqual([state.pausedLinks, state.position], [[], 3]);
});

test("a link that is not there is refused by name, and the position moves on all the same", () => {
  const before = foundedControl(topology(1, 1));
  for (const command of [pause(r1, r1), pause(r1, "r9" as RegionId)]) {
    const { state, refusal } = applyControl(before, command);
    assert.equal(refusal?.code, "invalid");
    assert.deepEqual([state.position, state.pausedLinks], [1, []]);
  }
});

test("a founding is recognised by who takes part, not by where they live", () => {
  const [region] = topology(1).regions;
  assert.ok(region);
  const moved = {
    ...topology(1),
    regions: [{ ...region, nodes: region.nodes.map((node) => ({ ...node, api: "http://127.0.0.1:1" })) }],
  };
  assert.deepEqual(foundingHash(moved), foundingHash(topology(1)));
  assert.notDeepEqual(foundingHash(topology(2)), foundingHash(topology(1)));
  assert.notDeepEqual(foundingHash({ ...topology(1), cluster: "other" }), foundingHash(topology(1)));
});
