import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "../support/eventually.ts";
import { Load } from "../support/load.ts";
import { assertNothingLost } from "../support/nothing-lost.ts";
import { Platform, type PlatformNode } from "../support/platform.ts";
import { diskBytes, MemoryWatch, MIB, mib } from "./resources.ts";

/** The others' writes a second, all the time; the region that goes away adds its own while it is there. */
const RATE = 450;
const OWN_RATE = 50;
const AWAY = "ap-south";
const STEP_MS = 10_000;
/** Steps of the two minutes: it is there, it is stopped with its sockets open, it is dead, it is there again. */
const THERE = 3;
const FROZEN = 3;
const DEAD = 3;
const BACK = 3;

/**
 * What one write may take at one node, with all that belongs to it: its entry in the log, its outcome, the record, its
 * share of the tree. It is about 100 B of content.
 */
const DISK_PER_WRITE = 1024;
/** Beyond what a node takes before anything is written: segments are prepared whole, trees keep free pages. */
const DISK_FIXED = 32 * MIB;
/**
 * Memory must not keep what a region has missed beyond the caches that have a limit: the overlay before the checkpoint
 * (64 MiB), the log's cache (32 MiB), batches ready to ship (8 MiB), what is under way; and the collector's slack.
 */
const MEMORY_MAX = 640 * MIB;
const QUIET_GOAL_MS = 10_000;
const QUIET_MAX_MS = 60_000;

describe("a region away for one minute of two, under 500 writes/s", () => {
  let platform: Platform;
  before(async () => {
    platform = await Platform.start();
  });
  after(() => platform?.close());

  it("costs the others bounded memory and disk, and it has everything soon after its return", async (t) => {
    const away = platform.inRegion(AWAY);
    const others = platform.nodes.filter(({ region }) => region !== AWAY);
    const directories = new Map(platform.devFile.nodes.map(({ node, dir }) => [node, dir]));
    const disk = (node: PlatformNode): number => diskBytes(directories.get(node.id) ?? "");
    const memory = new MemoryWatch(platform.nodes);
    const load = new Load({ prefix: "others", perSecond: RATE, targets: others });
    const own = new Load({ prefix: "own", perSecond: OWN_RATE, targets: away });
    let again: Load | null = null;
    let step = 0;
    const look = async (steps: number, what: string): Promise<void> => {
      for (let turn = 0; turn < steps; turn++) {
        await pause(STEP_MS);
        step += 1;
        const ofMemory = (nodes: readonly PlatformNode[]): string =>
          mib(Math.max(...nodes.map((node) => memory.peak(node))));
        const ofDisk = (nodes: readonly PlatformNode[]): string => mib(Math.max(...nodes.map(disk)));
        t.diagnostic(
          `${(step * STEP_MS) / 1000} s (${AWAY} ${what}), ${load.acknowledged.length} writes: the largest node ` +
            `has ${ofMemory(others)} of memory, ${ofDisk(others)} on disk; of ${AWAY} ${ofMemory(away)}, ${ofDisk(away)}`,
        );
        memory.reset();
      }
    };
    const peaks = new Map<string, number>();
    const most = setInterval(() => {
      for (const node of platform.nodes)
        peaks.set(node.id, Math.max(peaks.get(node.id) ?? 0, memory.peak(node)));
    }, 1_000);
    const diskBefore = Math.max(...platform.nodes.map(disk));
    try {
      await look(THERE, "is there");
      for (const node of away) platform.freeze(node);
      await look(FROZEN, "is stopped");
      await platform.kill(...away);
      await own.stop();
      await look(DEAD, "is dead");
      await platform.restart(...away);
      const returnedMs = performance.now();
      await eventually(
        "the region takes writes again",
        () => away[0]?.client.putNode("again", { value: 1 }),
        {
          withinMs: 60_000,
        },
      );
      t.diagnostic(`${AWAY} takes writes ${Math.round(performance.now() - returnedMs)} ms after its return`);
      again = new Load({ prefix: "again", perSecond: OWN_RATE, targets: away });
      await look(BACK, "is back");
    } finally {
      await Promise.all([own.stop(), load.stop(), again?.stop()]);
      clearInterval(most);
      memory.close();
    }
    const endedMs = performance.now();
    const { digest } = await platform.quiet(QUIET_MAX_MS);
    const quietMs = Math.round(performance.now() - endedMs);
    t.diagnostic(`digests equal (${digest}) ${quietMs} ms after the load's end (goal: ${QUIET_GOAL_MS} ms)`);
    t.diagnostic(`others: ${load.summary()}; ${AWAY}: ${own.summary()}; again: ${again?.summary()}`);

    const writes = load.sent + own.sent + (again?.sent ?? 0);
    const diskMax = DISK_FIXED + diskBefore + writes * DISK_PER_WRITE;
    for (const node of platform.nodes) {
      const [took, peak] = [disk(node), peaks.get(node.id) ?? 0];
      t.diagnostic(`${node.id}: at most ${mib(peak)} of memory, ${mib(took)} on disk at the end`);
      assert(took < diskMax, `${node.id} takes ${mib(took)} on disk after ${writes} writes`);
      assert(peak < MEMORY_MAX, `${node.id} had ${mib(peak)} of memory`);
    }
    await assertNothingLost(platform, [
      ...load.acknowledged,
      ...own.acknowledged,
      ...(again?.acknowledged ?? []),
    ]);
  });
});
