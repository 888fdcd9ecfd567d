import type { ReadView } from "@isthmus/api";
import { CONTROL_GROUP, dataGroup, hex, type NodeId, valueToJson } from "@isthmus/kernel";
import type { NodeCore } from "@isthmus/node";
import type { NodeAtRest } from "./evidence.ts";
import { groupsOf, stateOf } from "./sightings.ts";
import type { World } from "./world.ts";

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

/** One line a node: what there is to see when a world does not come to rest. */
export function unrest(world: World): string {
  const lines: string[] = [];
  for (const { id, core, life } of world.machines.values()) {
    if (core === null) {
      lines.push(`${id}: ${life === null ? "is dead" : "has not recovered"}`);
      continue;
    }
    const { role } = core.control;
    lines.push(
      `${id}: ${CONTROL_GROUP} position ${core.control.state.position} term ${role.term} led by ${role.leader}; ${groupsOf(
        world,
      )
        .map((group) => {
          const replica = core.replica(group);
          const { term, leader, state } = replica.role;
          const { vector, appliedIndex } = replica.machine;
          return `${group} ${state} term ${term} led by ${leader}, commit ${replica.commitIndex}, applied ${appliedIndex}, [${vector}] ${hex(replica.machine.digest())}`;
        })
        .join("; ")}`,
    );
  }
  return lines.join("\n");
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
