import { IsthmusError, type NodeId } from "@isthmus/kernel";
import type { Fault } from "./fault-kinds.ts";
import type { Machine, World } from "./world.ts";

export type DiskFault = Extract<
  Fault,
  { kind: "fail_sync" | "full_disk" | "lose_writes" | "misdirect_writes" | "rot" | "fail_commit" }
>;

/** Lets a node's disk or its state begin to fail. What comes of it is for the node to say. */
export function failDisk(world: World, id: NodeId, fault: DiskFault): void {
  const machine = world.machine(id);
  const { disk, volume } = machine;
  world.trace.event(world.nowMs, id, `its disk: ${fault.kind}`);
  switch (fault.kind) {
    case "fail_sync":
      disk.failNextSync();
      return;
    case "full_disk":
      disk.limitBytes = disk.usedBytes + fault.roomBytes;
      return;
    case "lose_writes":
      disk.lostWriteRate = fault.rate;
      return;
    case "misdirect_writes":
      disk.misdirectedWriteRate = fault.rate;
      return;
    case "rot":
      for (let bit = 0; bit < fault.bits; bit++) {
        const path = disk.rotAnywhere();
        world.trace.event(world.nowMs, id, `a bit rots in ${path ?? "no file"}`);
      }
      return;
    case "fail_commit":
      machine.stateFails = true;
      volume.failNextCommit(fault.code);
      return;
  }
}

/** Takes such a fault back. What it has damaged stays so. */
export function mendDisk(world: World, id: NodeId, kind: DiskFault["kind"]): void {
  const { disk, volume } = world.machine(id);
  world.trace.event(world.nowMs, id, `its disk: ${kind} is over`);
  if (kind === "fail_sync") disk.mendSync();
  else if (kind === "full_disk") disk.limitBytes = null;
  else if (kind === "lose_writes") disk.lostWriteRate = 0;
  else if (kind === "misdirect_writes") disk.misdirectedWriteRate = 0;
  else if (kind === "fail_commit") volume.failNextCommit(null);
}

/** The code of the fault behind an error by which a node ended, if this node was given that very fault; else null. */
export function givenFault({ disk, stateFails }: Machine, error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (!(at instanceof IsthmusError)) continue;
    if (disk.gave(at)) return at.code;
    if (stateFails && (at.code === "store_failed" || at.code === "disk_full")) return at.code;
  }
  return null;
}
