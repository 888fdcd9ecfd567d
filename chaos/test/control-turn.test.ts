import assert from "node:assert/strict";
import { test } from "node:test";
import { gridTopology, isQuiet, World } from "@isthmus/chaos";
import type { NodeId, RegionId } from "@isthmus/kernel";

const US = "us" as RegionId;
const EU = "eu" as RegionId;

test("a control group that asks for another turn in the middle of its own is given one, and the node goes on", async () => {
  const world = new World({ seed: "control turn", topology: gridTopology({ regions: 2, nodes: 1 }) });
  world.startAll();
  const started = () => [...world.machines.values()].every(({ core }) => core !== null);
  assert.ok(await world.runUntil(() => started() && isQuiet(world), 30_000));
  const { control } = world.core("us-1" as NodeId);
  const pump = control.pump.bind(control);
  const asked: Promise<unknown>[] = [];
  control.pump = () => {
    pump();
    if (asked.length > 0) return;
    asked.push(control.change({ kind: "set_link", from: US, to: EU, paused: true }, 5000));
  };
  asked.push(control.change({ kind: "set_link", from: EU, to: US, paused: true }, 5000));
  asked.length = 0;
  // Throws what stops a node.
  assert.ok(await world.runUntil(() => control.state.pausedLinks.length === 2, 10_000));
  await Promise.all(asked);
});
