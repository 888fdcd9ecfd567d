/**
 * The writer's thread. All commits of an environment happen here, one after the other: a large ordered transaction
 * takes up to seconds, and on the event loop it would hold back heartbeats.
 */
import { statfs } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { type GroupId, must } from "@isthmus/kernel";
import { unpackWrites } from "./commit-frames.ts";
import { ENOSPC, errorNumberOf, type WriterFault } from "./errors.ts";
import { type GroupDatabase, openGroup, openRoot } from "./lmdb-root.ts";

export type WriterRequest =
  | { readonly kind: "frame"; readonly commit: number; readonly frame: Uint8Array }
  | { readonly kind: "commit"; readonly commit: number; readonly group: GroupId }
  | { readonly kind: "clear"; readonly commit: number; readonly group: GroupId }
  | { readonly kind: "close" };

export type WriterReply =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly commit: number }
  | { readonly kind: "failed"; readonly commit: number; readonly fault: WriterFault };

/** Less than a large commit writes at a time. */
const FULL_BELOW_BYTES = 1 << 20;

const port = must(parentPort, "the writer runs in a thread of its own");
const { path } = workerData as { readonly path: string };
const root = openRoot(path);
const databases = new Map<GroupId, GroupDatabase>();
/** Commits that wait for the one under way, of different groups: they become one transaction, and one sync. */
let waiting: Extract<WriterRequest, { kind: "commit" }>[] = [];
const frames = new Map<number, Uint8Array[]>();
let failed: WriterFault | null = null;
/** The end of the work given so far. One transaction at a time: two at once would share one in LMDB, and its fate. */
let work: Promise<void> = Promise.resolve();

port.on("message", (request: WriterRequest) => {
  switch (request.kind) {
    case "frame":
      framesOf(request.commit).push(request.frame);
      return;
    case "commit":
      waiting.push(request);
      // A group has one commit under way, so what waits together may be written in any order.
      if (waiting.length === 1) work = work.then(commitWaiting);
      return;
    case "clear":
      work = work.then(() => answer([request.commit], () => databaseOf(request.group).clearAsync()));
      return;
    case "close":
      work = work.then(close);
      return;
  }
});
reply({ kind: "ready" });

async function commitWaiting(): Promise<void> {
  const requests = waiting;
  waiting = [];
  await answer(
    requests.map((request) => request.commit),
    () => commit(requests),
  );
}

async function answer(commitIds: readonly number[], write: () => Promise<unknown>): Promise<void> {
  // After an error nothing may be written: what the environment holds is not known any more.
  if (failed === null) {
    try {
      // The first promise is rejected for any error, also one of the sync; only then may the second be awaited, since
      // it stays silent for ever when a sync has failed.
      await write();
      await root.flushed;
    } catch (error) {
      failed = await faultOf(error);
    }
  }
  for (const commitId of commitIds) {
    frames.delete(commitId);
    reply(
      failed === null
        ? { kind: "done", commit: commitId }
        : { kind: "failed", commit: commitId, fault: failed },
    );
  }
}

/** A batch is one transaction, aborted as a whole if any of its writes fails. (A callback's throw would not abort.) */
function commit(requests: readonly { readonly commit: number; readonly group: GroupId }[]): Promise<boolean> {
  // Order: a database is opened before the batch begins, which opening one would end.
  const writes = requests.map((request) => ({ ...request, database: databaseOf(request.group) }));
  return root.batch(() => {
    for (const { commit: commitId, database } of writes)
      for (const frame of framesOf(commitId))
        for (const [key, value] of unpackWrites(frame)) {
          if (value === undefined) void database.remove(key);
          else void database.put(key, value);
        }
  });
}

/** A failed environment is left as it is: closing it would wait for a flush that does not come. */
async function close(): Promise<void> {
  if (failed === null) await root.close();
  port.close();
}

/** lmdb rejects with a general error that carries a promise of the true one. */
async function faultOf(error: unknown): Promise<WriterFault> {
  let cause = error;
  if (error instanceof Error && "commitError" in error) {
    cause = await Promise.resolve(error.commitError).catch((inner: unknown) => inner);
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return { errorNumber: (await isFull()) ? ENOSPC : errorNumberOf(cause), message };
}

/** LMDB calls a write that the disk took only in part an I/O error: what is left tells that from a broken disk. */
async function isFull(): Promise<boolean> {
  const left = await statfs(path).catch(() => null);
  return left !== null && left.bavail * left.bsize < FULL_BELOW_BYTES;
}

function databaseOf(group: GroupId): GroupDatabase {
  const known = databases.get(group);
  if (known !== undefined) return known;
  const database = openGroup(root, group);
  databases.set(group, database);
  return database;
}

function framesOf(commitId: number): Uint8Array[] {
  const known = frames.get(commitId);
  if (known !== undefined) return known;
  const fresh: Uint8Array[] = [];
  frames.set(commitId, fresh);
  return fresh;
}

function reply(message: WriterReply): void {
  port.postMessage(message);
}
