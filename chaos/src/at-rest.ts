import type { ReadView } from "@isthmus/api";
import { GraphMachine } from "@isthmus/graph";
import {
  assert,
  CONTROL_GROUP,
  dataGroup,
  type GroupId,
  hex,
  type Key,
  type NodeId,
  originOf,
  Registry,
  valueToJson,
} from "@isthmus/kernel";
import type { NodeCore } from "@isthmus/node";
import type { NodeAtRest } from "./evidence.ts";
import { groupsOf, stateOf } from "./sightings.ts";
import type { Machine, World } from "./world.ts";

const PAGE_RECORDS = 7;
const READ_TIMEOUT_MS = 1000;

/** Whether all nodes run, all groups are led, nothing is paused, and all replicas have the same vector and digest. */
export function isQuiet(world: World): boolean {
  const groups = groupsOf(world);
  const first: string[] = [];
  for (const { core, life } of world.machines.values()) {
    if (core === null || life === null || life.stopped) return false;
    if (core.control.role.leader === 0 || core.control.state.pausedLinks.length > 0) return false;
    for (const [place, group] of groups.entries()) {
      const { role, machine } = core.replica(group);
      if (role.leader === 0) return false;
      const summary = `${machine.vector} ${core.control.state.position} ${hex(machine.digest())}`;
      first[place] ??= summary;
      if (summary !== first[place]) return false;
    }
  }
  return true;
}

/** A line for each node and group: what there is to see when a world does not come to rest, or fails. */
export function unrest(world: World): string {
  return [...world.machines.values()].flatMap((machine) => linesOf(world, machine)).join("\n");
}

function linesOf(world: World, machine: Machine): string[] {
  const { id, core, life, lives } = machine;
  const checkpoints = groupsOf(world).map((group) => `${group} ${checkpointIndex(world, machine, group)}`);
  if (core === null) {
    const how = life === null ? "is dead" : "has not recovered";
    return [`${id}: ${how}, life ${lives}; checkpoint of ${checkpoints.join(", ")}`];
  }
  const { role, state, commitIndex, appliedIndex } = core.control;
  const stopped = life?.stopped ? ", stopped" : "";
  return [
    `${id}: life ${lives}${stopped}; ${CONTROL_GROUP}: ${roleText(role)}, ${logText(core, CONTROL_GROUP)}, commit ${commitIndex}, applied ${appliedIndex}, position ${state.position}`,
    ...groupsOf(world).map((group) => {
      const replica = core.replica(group);
      const { vector, appliedIndex: applied } = replica.machine;
      const digest = hex(replica.machine.digest()).slice(0, 16);
      const disk = `checkpoint ${checkpointIndex(world, machine, group)}`;
      return `${id}: ${group}: ${roleText(replica.role)}, ${logText(core, group)}, commit ${replica.commitIndex}, applied ${applied}, ${disk}, [${vector}] digest ${digest}`;
    }),
  ];
}

function roleText({ state, term, leader }: NodeCore["control"]["role"]): string {
  return `${state.slice("State".length).toLowerCase()} in term ${term}, led by ${leader === 0 ? "nobody" : leader}`;
}

function logText(core: NodeCore, group: GroupId): string {
  const log = core.log(group);
  return `log ends at ${log.lastIndex}/${log.term(log.lastIndex)}`;
}

/** How far the checkpoint that is on the machine's volume goes: a new life would begin with it. */
function checkpointIndex(world: World, { region, volume }: Machine, group: GroupId): number {
  const contents = volume.contents(group);
  const state = {
    get: (key: Key) => contents.get(key),
    range: (from: Key, to: Key) => contents.range(from, to),
    set: () => assert(false, "a checkpoint is looked at and not changed"),
  };
  const registry = new Registry();
  const members = world.topology.regions.map(({ id }) => originOf(id));
  const origin = originOf(region);
  return new GraphMachine({ group, origin, state, registry, retryKeys: 1, members }).appliedIndex;
}

/** What each node holds, read as a client reads it: all pages. */
export async function atRest(world: World): Promise<NodeAtRest[]> {
  const nodes: NodeAtRest[] = [];
  for (const machine of world.machines.values())
    for (const { name } of world.topology.databases) {
      const records = await settled(world, machine.id, (core) => allRecords(core, name));
      nodes.push({ ...stateOf(world, machine, dataGroup(name, 0), world.core(machine.id)), records });
    }
  return nodes;
}

async function settled<T>(world: World, id: NodeId, work: (core: NodeCore) => Promise<T>): Promise<T> {
  const box: { value?: T; error?: unknown; done: boolean } = { done: false };
  world.call(id, work).then(
    (value) => Object.assign(box, { value, done: true }),
    (error: unknown) => Object.assign(box, { error, done: true }),
  );
  await world.runUntil(() => box.done, READ_TIMEOUT_MS);
  if (box.value === undefined) throw box.error ?? new Error(`${id} did not answer`);
  return box.value;
}

async function allRecords(core: NodeCore, database: string): Promise<string[]> {
  const view = (await core
    .database(database)
    ?.read({ level: "local", timeoutMs: READ_TIMEOUT_MS })) as ReadView;
  const lines: string[] = [];
  let cursor: string | null = null;
  do {
    const page = view.page(cursor, PAGE_RECORDS);
    for (const record of page.records)
      lines.push(JSON.stringify({ ...record, properties: valueToJson(record.properties) }));
    cursor = page.cursor;
  } while (cursor !== null);
  return lines;
}
