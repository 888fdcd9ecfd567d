import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@isthmus/kernel";
import { Scheduler, SimStateVolume } from "@isthmus/sim";
import { openLmdb } from "@isthmus/store";
import type { StateWorld } from "./state-store.ts";

const LIMIT_MS = 60_000;

/** LMDB in a directory that `dispose` removes. */
export async function lmdbWorld(): Promise<StateWorld> {
  const directory = await mkdtemp(join(tmpdir(), "isthmus-state-"));
  return {
    open: () => openLmdb({ path: join(directory, "state") }),
    settle: (promise) => promise,
    dispose: () => rm(directory, { recursive: true }),
  };
}

export async function simWorld(seed: string): Promise<StateWorld> {
  const scheduler = new Scheduler();
  const volume = new SimStateVolume({ scheduler, random: seededRandom(seed) });
  return {
    open: async () => volume.open({ alive: true }),
    settle: (promise) => settleIn(scheduler, promise),
    dispose: async () => {},
  };
}

/** Moves virtual time on until the promise is settled. */
export async function settleIn<T>(scheduler: Scheduler, promise: Promise<T>): Promise<T> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await new Promise((resolve) => setImmediate(resolve));
  if (!(await scheduler.runUntilTrue(() => settled, LIMIT_MS)) && !settled) {
    throw new Error("the world came to rest before the promise was settled");
  }
  return promise;
}
