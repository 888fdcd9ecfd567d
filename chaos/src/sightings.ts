import { CONTROL_GROUP, crc32, dataGroup, type GroupId, hex } from "@isthmus/kernel";
import type { NodeCore } from "@isthmus/node";
import type { Checker, ReplicaState, Sighting } from "./evidence.ts";
import { LogWatch, type WatchedReplica } from "./log-watch.ts";
import type { Machine, World } from "./world.ts";

const NOTHING = new Uint8Array();

/**
 * Makes a node's replicas tell the checkers what they do. The methods that the node calls are wrapped on its own
 * objects: the code that runs is the code that is shipped, and nothing in it knows that somebody looks.
 */
export function watchNode(
  world: World,
  machine: Machine,
  core: NodeCore,
  checkers: readonly Checker[],
): void {
  watchRole(world, machine, CONTROL_GROUP, core, core.control, checkers);
  const logs = new Map<GroupId, LogWatch>();
  for (const group of groupsOf(world)) {
    logs.set(group, watchRole(world, machine, group, core, core.replica(group), checkers));
    watchState(world, machine, group, core, checkers);
  }
  core.onInstalled((group) => {
    const { appliedIndex } = core.replica(group).machine;
    world.trace.event(world.nowMs, machine.id, `${group}: has installed a snapshot at ${appliedIndex}`);
    // Order: the log begins anew behind the snapshot before anything is judged by it.
    tell(world, () => logs.get(group)?.look());
    watchState(world, machine, group, core, checkers);
  });
}

/** What a replica goes on from: its checkpoint, or a snapshot that has become its state. */
function watchState(
  world: World,
  machine: Machine,
  group: GroupId,
  core: NodeCore,
  checkers: readonly Checker[],
): void {
  if (core.replica(group).isInstalling) return;
  watchApply(world, machine, group, core, checkers);
  const state = stateOf(world, machine, group, core);
  tell(world, () => {
    for (const checker of checkers) checker.opened?.(state);
  });
}

export function groupsOf(world: World): GroupId[] {
  return world.topology.databases.map(({ name }) => dataGroup(name, 0));
}

export function stateOf(world: World, machine: Machine, group: GroupId, core: NodeCore): ReplicaState {
  const { appliedIndex, vector, digest } = summary(core, group);
  return { ...sighting(world, machine, group), index: appliedIndex, vector, digest };
}

/** What a node says of itself by its gauges. */
export function sampleNode(world: World, machine: Machine, checkers: readonly Checker[]): void {
  const values = new Map<string, number>();
  for (const { name, value } of machine.registry?.samples() ?? [])
    values.set(name, Math.max(value, values.get(name) ?? 0));
  tell(world, () => {
    for (const checker of checkers) checker.sampled?.(machine.id, values);
  });
}

interface Pumped extends WatchedReplica {
  readonly role: { readonly state: string; readonly term: number; readonly leader: number };
  pump(): void;
}

function watchRole(
  world: World,
  machine: Machine,
  group: GroupId,
  core: NodeCore,
  replica: Pumped,
  checkers: readonly Checker[],
): LogWatch {
  const log = new LogWatch({
    log: core.log(group),
    replica,
    checkers,
    sighting: () => sighting(world, machine, group),
  });
  const look = (): void => log.look();
  tell(world, look);
  const pump = replica.pump.bind(replica);
  let last = replica.role;
  replica.pump = () => {
    pump();
    tell(world, look);
    const { role } = replica;
    if (role === last) return;
    if (role.state !== last.state || role.term !== last.term || role.leader !== last.leader) {
      const who = role.leader === 0 ? "nobody" : String(role.leader);
      const text = `${group}: ${role.state.slice(5).toLowerCase()} in term ${role.term}, led by ${who}`;
      world.trace.event(world.nowMs, machine.id, text);
      tell(world, () => {
        const leads = role.state === "StateLeader";
        const { term, leader } = role;
        const seen = { ...sighting(world, machine, group), number: machine.number, leads, term, leader };
        for (const checker of checkers) checker.role?.(seen);
      });
    }
    last = role;
  };
  return log;
}

function watchApply(
  world: World,
  machine: Machine,
  group: GroupId,
  core: NodeCore,
  checkers: readonly Checker[],
): void {
  const graph = core.replica(group).machine;
  const apply = graph.apply.bind(graph);
  const concerned = checkers.filter((checker) => checker.applied !== undefined);
  graph.apply = (index, term, data) => {
    const before = graph.vector;
    const applied = apply(index, term, data);
    const after = graph.vector;
    const digest = hex(graph.digest());
    const checksum = crc32(data ?? NOTHING);
    world.trace.applied(world.nowMs, machine.id, { group, index, term, kind: applied.kind }, after);
    const entry = {
      atMs: world.nowMs,
      node: machine.id,
      region: machine.region,
      group,
      index,
      term,
      checksum,
      applied,
      before,
      after,
      digest,
    };
    tell(world, () => {
      for (const checker of concerned) checker.applied?.(entry);
    });
    return applied;
  };
}

/** What a checker finds ends the run. It is not thrown into the node, whose own handling must not see it. */
function tell(world: World, call: () => void): void {
  try {
    call();
  } catch (error) {
    world.fail("a checker", error);
  }
}

function summary(core: NodeCore, group: GroupId) {
  const { machine } = core.replica(group);
  return { appliedIndex: machine.appliedIndex, vector: machine.vector, digest: hex(machine.digest()) };
}

function sighting(world: World, machine: Machine, group: GroupId): Sighting {
  return { atMs: world.nowMs, node: machine.id, region: machine.region, group };
}
