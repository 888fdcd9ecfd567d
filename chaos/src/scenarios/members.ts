import assert from "node:assert/strict";
import type { NodeId, RegionId } from "@isthmus/kernel";
import { askMembership } from "../membership.ts";
import { MAIN, type Stage } from "./stage.ts";

/**
 * What stories about members share: asking for a change, and turning the world until it has come about.
 */
const US = "us" as RegionId;

export const node = (name: string): NodeId => name as NodeId;

/** Everybody who votes in a region's group, as its leader has it; null while a change is under way. */
function voters(stage: Stage, region: string): number[] | null {
  const { conf } = stage.world.core(stage.leaderOf(region)).replica(MAIN);
  return conf.outgoing.length > 0 || conf.learners.length > 0 ? null : conf.voters;
}

/** Whether any running node believes to lead the region's data group. */
export function isLed(stage: Stage, region: string): boolean {
  return stage.nodes(region).some((id) => stage.leads(id));
}

/** A new machine in the region: the change is taken, and its node runs. */
export async function add(stage: Stage, name: string, region = US): Promise<void> {
  assert.ok(await done(stage, askMembership(stage.world, { kind: "add", region, node: node(name) })));
}

/** The node shall leave: the change is taken, and nothing more. */
export async function remove(stage: Stage, name: string): Promise<void> {
  assert.ok(await done(stage, askMembership(stage.world, { kind: "remove", node: node(name) })));
}

/** Turns the world until something that was asked for has come. */
export async function done<T>(stage: Stage, asked: Promise<T>): Promise<T> {
  const box: { value?: T } = {};
  asked.then((value) => Object.assign(box, { value }));
  await stage.until(() => "value" in box);
  return box.value as T;
}

/** Takes a removed machine away once it is out of all groups: switched off before, it would be a loss. */
export async function takeAway(stage: Stage, name: string): Promise<void> {
  const { number } = stage.world.machine(node(name));
  await stage.until(() => {
    const leader = [...stage.world.machines.values()].find(({ core }) => core?.control.leadsWithKnowledge);
    const { conf } = leader?.core?.control ?? {};
    return conf !== undefined && ![conf.voters, conf.outgoing, conf.learners].flat().includes(number);
  });
  stage.world.retire(node(name));
}

/** Turns the world until these numbers vote in the region, and no others. */
export async function settled(stage: Stage, region: string, numbers: number[]): Promise<void> {
  await stage.until(() => isLed(stage, region) && String(voters(stage, region)) === String(numbers));
}

/** How many nodes' data directories the control group knows by their ids, as this node sees it. */
export function identified(stage: Stage, id: NodeId): number {
  return stage.world.machine(id).core?.control.state.dataIds.length ?? 0;
}
