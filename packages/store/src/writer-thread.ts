import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { assert, type GroupId, type StoreWrite } from "@isthmus/kernel";
import { packWrites } from "./commit-frames.ts";
import type { WriterFault } from "./errors.ts";
import type { WriterReply, WriterRequest } from "./lmdb-writer.ts";

type Outcome = WriterFault | null;

/** The event loop's side of the writer's thread. Each call answers with null, or with what went wrong. */
export class WriterThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (outcome: Outcome) => void>();
  #nextCommit = 1;
  #ended: WriterFault | null = null;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (message: WriterReply) => this.#receive(message));
    worker.on("error", (error) => this.#end({ errorNumber: null, message: String(error) }));
    worker.on("exit", () => this.#end({ errorNumber: null, message: "the writer's thread has ended" }));
    // An open store alone does not keep a process alive; a commit under way does.
    worker.unref();
  }

  /** Rejects with what the thread met when it opened the environment. */
  static async start(path: string): Promise<WriterThread> {
    const worker = new Worker(new URL("./lmdb-writer.js", import.meta.url), { workerData: { path } });
    await once(worker, "message");
    return new WriterThread(worker);
  }

  /** One durable transaction. Packs in slices of a turn each; `writes` must not change until it answers. */
  async commit(group: GroupId, writes: readonly StoreWrite[]): Promise<Outcome> {
    const commit = this.#nextCommit++;
    let frames = 0;
    for (const frame of packWrites(writes)) {
      if (frames++ > 0) await nextTurn();
      this.#post({ kind: "frame", commit, frame }, [frame.buffer]);
    }
    return this.#ask({ kind: "commit", commit, group });
  }

  /** Durably removes all that the group has. */
  clear(group: GroupId): Promise<Outcome> {
    return this.#ask({ kind: "clear", commit: this.#nextCommit++, group });
  }

  /** After all that was asked before it. */
  async close(): Promise<void> {
    if (this.#ended !== null) return;
    this.#worker.ref();
    // Not `once`, which would reject for an error on the way out: how it ends no longer matters, only that it does.
    const exited = new Promise((resolve) => this.#worker.on("exit", resolve));
    this.#post({ kind: "close" });
    await exited;
  }

  #ask(request: WriterRequest & { readonly commit: number }): Promise<Outcome> {
    if (this.#ended !== null) return Promise.resolve(this.#ended);
    if (this.#waiting.size === 0) this.#worker.ref();
    return new Promise((resolve) => {
      this.#waiting.set(request.commit, resolve);
      this.#post(request);
    });
  }

  #post(request: WriterRequest, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #receive(message: WriterReply): void {
    if (message.kind === "ready") return;
    const resolve = this.#waiting.get(message.commit);
    assert(resolve !== undefined, "the writer answers what was asked, once");
    this.#waiting.delete(message.commit);
    if (this.#waiting.size === 0) this.#worker.unref();
    resolve(message.kind === "done" ? null : message.fault);
  }

  #end(fault: WriterFault): void {
    this.#ended ??= fault;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const resolve of waiting) resolve(this.#ended);
  }
}
