import type { NodeChange } from "@isthmus/api";
import type { Topology } from "@isthmus/control";
import {
  CONTROL_GROUP,
  dataGroup,
  IsthmusError,
  must,
  type NodeId,
  type Random,
  type RegionId,
} from "@isthmus/kernel";
import type { NodeCore } from "@isthmus/node";
import type { World } from "./world.ts";

/** What an operator asks of a world's members. */
export type MembershipAction =
  | { readonly kind: "add"; readonly region: RegionId; readonly node: NodeId }
  | { readonly kind: "remove"; readonly node: NodeId }
  | { readonly kind: "drain"; readonly node: NodeId; readonly draining: boolean }
  | { readonly kind: "transfer"; readonly group: string; readonly to: NodeId };

/**
 * Asks one node after the other, as an operator does; resolves with whether it came to pass. A node that was added gets a
 * machine, which starts; one that was removed keeps running until somebody takes it away, as in life.
 */
export async function askMembership(world: World, action: MembershipAction): Promise<boolean> {
  const running = [...world.machines.values()].filter(
    ({ id, core, life }) => core !== null && life?.stopped === false && id !== nodeOf(action),
  );
  for (const { id } of running) {
    const text = `${JSON.stringify(action)}, asked of ${id}`;
    world.trace.event(world.nowMs, "operator", text);
    try {
      const told = await world.call(id, async (core) => {
        const change = await perform(core, action);
        return { change, topology: core.membership.topology() };
      });
      if (action.kind === "add" && !world.knows(action.node))
        join(world, action.region, told.change, told.topology);
      world.trace.event(world.nowMs, "operator", `${text}: done`);
      return true;
    } catch (error) {
      // Anything but a refusal is the node's own fault.
      if (!(error instanceof IsthmusError)) world.fail(id, error);
      world.trace.event(world.nowMs, "operator", `${text}: ${String(error)}`);
      // A rule holds whoever is asked; who cannot reach the others may not be the only one to ask.
      if (error instanceof IsthmusError && RULES.has(error.code)) return false;
    }
  }
  return false;
}

const RULES = new Set(["invalid", "not_found", "refused_by_safety"]);

function nodeOf(action: MembershipAction): NodeId | null {
  return action.kind === "remove" ? action.node : null;
}

async function perform(core: NodeCore, action: MembershipAction): Promise<NodeChange | null> {
  const { membership } = core;
  const now = { dryRun: false };
  switch (action.kind) {
    case "add": {
      const { region, node } = action;
      const spec = { id: node, region, api: `http://${node}:80`, cluster: `ws://${node}:7400` };
      return membership.add(spec, now);
    }
    case "remove":
      return membership.remove(action.node, now);
    case "drain":
      return membership.drain(action.node, action.draining, now);
    case "transfer":
      await membership.transfer(action.group, action.to, now);
      return null;
  }
}

function join(
  world: World,
  region: RegionId,
  change: NodeChange | null,
  { topology, position }: ReturnType<NodeCore["membership"]["topology"]>,
): void {
  const { id, number, api, cluster } = must(change, "a node that was added is shown").node;
  const node = { id: id as NodeId, number, api, cluster };
  world.addMachine(region, node, { topology: topology as Topology, position });
  world.start(node.id);
}

// ---- as a fault that a plan may draw ----

/** What an operator does in the middle of everything else; for whom is decided when its time has come. */
export interface MembershipPlan {
  readonly what: "add" | "remove" | "replace" | "drain" | "transfer" | "lose_disk";
  readonly region: RegionId;
  /** Which of those who are there then. */
  readonly pick: number;
}

/** A region does not grow beyond this: each node costs the others heartbeats. */
const REGION_NODES_MAX = 5;
/** A lost disk is for plans that name it: together with disks that rot it may be more than any cluster survives. */
const WHATS: readonly MembershipPlan["what"][] = ["add", "remove", "replace", "drain", "transfer"];

export function drawMembership(random: Random, region: RegionId): MembershipPlan {
  const what = must(WHATS[random.below(WHATS.length)], "one of several");
  return { what, region, pick: random.below(60) };
}

/** Begins it; `forMs` is how long a drain lasts. Rules of safety are the cluster's own: what it refuses is not done. */
export function beginMembership(
  world: World,
  { what, region, pick }: MembershipPlan,
  forMs: number,
  met: (kind: string) => void,
): void {
  const members = membersOf(world, region);
  const node = members[pick % Math.max(1, members.length)];
  if (node === undefined) return;
  const ask = async (action: MembershipAction): Promise<boolean> => {
    const done = await askMembership(world, action);
    met(`membership ${action.kind} ${done ? "done" : "refused"}`);
    return done;
  };
  const perform = async (): Promise<void> => {
    const isFull = members.length >= REGION_NODES_MAX;
    switch (what) {
      case "add":
        if (!isFull) await ask({ kind: "add", region, node: nextName(world, region) });
        return;
      case "remove":
        await ask({ kind: "remove", node });
        return;
      case "replace":
        if (isFull || (await ask({ kind: "add", region, node: nextName(world, region) })))
          await ask({ kind: "remove", node });
        return;
      case "drain":
        await ask({ kind: "drain", node, draining: true });
        await world.sleep(forMs);
        await ask({ kind: "drain", node, draining: false });
        return;
      case "transfer": {
        const group = pick % 3 === 0 ? CONTROL_GROUP : dataGroup("main", 0);
        await ask({ kind: "transfer", group, to: node });
        return;
      }
      case "lose_disk":
        if (!mayLoseDisk(world, region, node)) return;
        met("membership disk lost");
        world.kill(node, "power");
        world.loseDisk(node);
        world.start(node);
        // It is refused under its old name; the operator replaces it, now or when the storm is over.
        await world.sleep(forMs);
        await ask({ kind: "remove", node });
    }
  };
  perform().catch((error: unknown) => world.fail("the operator", error));
}

/**
 * One disk at a time, of a region of three or more, and only when all of it know each other's data by the control log:
 * what docs/decisions/0006-membership.md promises for.
 */
function mayLoseDisk(world: World, region: RegionId, node: NodeId): boolean {
  const inside = world.regionNodes(region);
  const knowing = inside.every((id) => {
    const { core, life } = world.machine(id);
    const known = core?.control.state.dataIds.map((each) => each.node) ?? [];
    return life?.stopped === false && inside.every((other) => known.includes(other));
  });
  return (
    inside.length >= 3 && knowing && !inside.some((id) => world.lostDisks.has(id)) && world.machines.has(node)
  );
}

/**
 * Takes away whoever is out of all groups, removes who lost its disk, and ends all draining: after a storm the operator
 * tidies up.
 */
export function tidyMembers(world: World): void {
  const leader = [...world.machines.values()].find(({ core }) => core?.control.leadsWithKnowledge);
  const control = leader?.core?.control;
  if (!control) return;
  const { removed, draining } = control.state;
  for (const { region, node } of removed) {
    if (!world.machines.has(node.id)) continue;
    const confs = world.regionNodes(region).flatMap((id) => {
      const replica = world.machine(id).core?.replica(dataGroup("main", 0));
      return replica?.leadsWithKnowledge ? [replica.conf] : [];
    });
    const isNamed = [control.conf, ...confs].some(({ voters, outgoing, learners }) =>
      [...voters, ...outgoing, ...learners].includes(node.number),
    );
    // Without a leader that knows, nobody can say that the region can do without it.
    if (confs.length > 0 && !isNamed) world.retire(node.id);
  }
  for (const node of world.lostDisks)
    if (world.machines.has(node) && !removed.some((gone) => gone.node.id === node))
      askMembership(world, { kind: "remove", node }).catch((error: unknown) =>
        world.fail("the operator", error),
      );
  for (const node of draining)
    askMembership(world, { kind: "drain", node, draining: false }).catch((error: unknown) =>
      world.fail("the operator", error),
    );
}

/** Members of a region, as the node that knows most has them. */
export function membersOf(world: World, region: RegionId): NodeId[] {
  const states = [...world.machines.values()].flatMap(({ core }) => (core ? [core.control.state] : []));
  const newest = states.reduce<(typeof states)[number] | null>(
    (best, state) => (best && best.position >= state.position ? best : state),
    null,
  );
  const { topology } = newest ?? { topology: world.topology };
  return topology.regions.find(({ id }) => id === region)?.nodes.map(({ id }) => id) ?? [];
}

function nextName(world: World, region: RegionId): NodeId {
  for (let count = 1; ; count++) {
    const name = `${region}-new-${count}` as NodeId;
    if (!world.knows(name)) return name;
  }
}
