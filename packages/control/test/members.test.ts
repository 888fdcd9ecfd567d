import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allNodes,
  applyControl,
  type ControlCommand,
  type ControlState,
  controlMembers,
  dataIdOf,
  foundedControl,
  foundingHash,
  isRemoved,
  type Topology,
} from "@isthmus/control";
import { type NodeId, type RegionId, seededRandom } from "@isthmus/kernel";

const R1 = "r1" as RegionId;

function topology(...sizes: number[]): Topology {
  let number = 0;
  return {
    cluster: "test",
    regions: sizes.map((size, region) => ({
      id: `r${region + 1}` as RegionId,
      priority: 1,
      nodes: Array.from({ length: size }, () => {
        number += 1;
        return spec(number);
      }),
    })),
    databases: [{ name: "main", policy: "multi_writer" }],
  };
}

function spec(number: number) {
  return { id: `n${number}` as NodeId, number, api: `http://n${number}:1`, cluster: `ws://n${number}:2` };
}

const add = (name: number, region = R1): ControlCommand => ({
  kind: "add_node",
  region,
  node: spec(name).id,
  api: spec(name).api,
  cluster: spec(name).cluster,
});
const remove = (name: number): ControlCommand => ({ kind: "remove_node", node: spec(name).id });
const drain = (name: number, draining = true): ControlCommand => ({
  kind: "drain_node",
  node: spec(name).id,
  draining,
});
const identify = (name: number, digit: string): ControlCommand => ({
  kind: "identify_node",
  node: spec(name).id,
  dataId: digit.repeat(32),
});

function play(state: ControlState, ...commands: ControlCommand[]) {
  let refusal: string | null = null;
  for (const command of commands) {
    const after = applyControl(state, command);
    state = after.state;
    refusal = after.refusal?.code ?? null;
  }
  return { state, refusal };
}

const numbers = ({ topology: { regions } }: ControlState) =>
  regions.map(({ nodes }) => nodes.map(({ number }) => number));

test("a node gets the next number, whoever left before", () => {
  const { state } = play(foundedControl(topology(3)), add(10), remove(10), remove(3), add(11));
  assert.deepEqual(numbers(state), [[1, 2, 5]]);
  assert.equal(state.lastNumber, 5);
  assert.deepEqual([isRemoved(state, spec(10).id), isRemoved(state, spec(1).id)], [true, false]);
});

test("a change that is said twice counts once, and both are answered as done", () => {
  const once = play(foundedControl(topology(3)), add(10), remove(2), drain(1), identify(1, "a"));
  const twice = play(once.state, add(10), remove(2), drain(1), identify(1, "a"));
  assert.equal(twice.refusal, null);
  assert.deepEqual({ ...twice.state, position: 0 }, { ...once.state, position: 0 });
});

test("a name that left, an address in use, an unknown region and a bad name are refused", () => {
  const { state } = play(foundedControl(topology(3)), remove(3));
  assert.equal(play(state, add(3)).refusal, "invalid");
  assert.equal(play(state, { ...add(10), api: "http://n1:1" } as ControlCommand).refusal, "invalid");
  assert.equal(play(state, { ...add(1), api: "http://elsewhere:1" } as ControlCommand).refusal, "invalid");
  assert.equal(play(state, add(10, "r9" as RegionId)).refusal, "invalid");
  assert.equal(play(state, { ...add(10), node: "No Name" as NodeId } as ControlCommand).refusal, "invalid");
  assert.equal(play(state, remove(9)).refusal, "not_found");
  assert.equal(play(state, drain(3)).refusal, "not_found");
});

test("the last node of a region stays: it holds the last copy", () => {
  const { state, refusal } = play(foundedControl(topology(1, 2)), remove(1));
  assert.equal(refusal, "refused_by_safety");
  assert.deepEqual(numbers(state), [[1], [2, 3]]);
  assert.equal(play(state, remove(2), remove(3)).refusal, "refused_by_safety");
});

test("a node is known by the data it came with first; other data are refused for ever (R17)", () => {
  const { state } = play(foundedControl(topology(2)), identify(1, "a"));
  assert.equal(dataIdOf(state, spec(1).id), "a".repeat(32));
  assert.equal(play(state, identify(1, "b")).refusal, "refused_by_safety");
  assert.equal(dataIdOf(play(state, identify(1, "b")).state, spec(1).id), "a".repeat(32));
  assert.equal(dataIdOf(state, spec(2).id), null);
  assert.equal(dataIdOf(play(state, remove(1)).state, spec(1).id), "a".repeat(32), "also while it leaves");
  assert.equal(play(state, identify(1, "x")).refusal, "invalid");
});

test("draining is undone by a word, and by leaving", () => {
  const { state } = play(foundedControl(topology(3)), drain(2), drain(1));
  assert.deepEqual(state.draining, ["n1", "n2"]);
  assert.deepEqual(play(state, drain(1, false), remove(2)).state.draining, []);
});

test("control votes follow the members: one more node in each region is one more vote of each", () => {
  const { state } = play(foundedControl(topology(1, 1)), add(10));
  assert.deepEqual(controlMembers(state.topology), { voters: [1, 2], learners: [3] });
  const both = play(state, add(11, "r2" as RegionId)).state;
  assert.deepEqual(controlMembers(both.topology), { voters: [1, 2, 3, 4], learners: [] });
});

test("the founding hash is that of the founding, whoever came since: members change, the cluster stays", () => {
  const founding = topology(3);
  const { state } = play(foundedControl(founding), add(10));
  assert.notDeepEqual(foundingHash(state.topology), foundingHash(founding));
});

test("whatever is asked, numbers and names are never given twice, and each region keeps a node", () => {
  const random = seededRandom("members");
  const draw = (): ControlCommand => {
    const name = 1 + random.below(12);
    const choices = [add(name), add(name, "r2" as RegionId), remove(name), drain(name)];
    return choices[random.below(choices.length)] as ControlCommand;
  };
  for (let run = 0; run < 200; run++) {
    let state = foundedControl(topology(2, 1));
    const bearers = new Map<number, NodeId>();
    for (let at = 1; at <= 40; at++) {
      state = applyControl(state, draw()).state;
      assert.equal(state.position, at);
      const everybody = [...allNodes(state.topology), ...state.removed].map(({ node }) => node);
      assert.equal(new Set(everybody.map(({ id }) => id)).size, everybody.length);
      for (const { id, number } of everybody) {
        assert.equal(bearers.get(number) ?? id, id);
        bearers.set(number, id);
        assert.ok(number <= state.lastNumber);
      }
      assert.equal(new Set(everybody.map(({ number }) => number)).size, everybody.length);
      assert.ok(state.topology.regions.every(({ nodes }) => nodes.length > 0));
      for (const id of state.draining) assert.ok(!isRemoved(state, id));
    }
  }
});
