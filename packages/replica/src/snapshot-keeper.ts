import {
  assert,
  type Disk,
  type GroupId,
  hex,
  IsthmusError,
  type Random,
  type Registry,
  utf8,
} from "@isthmus/kernel";
import type { Snapshot } from "@isthmus/raft";
import { decodeConfState, type SnapshotFrame, type SnapshotHeader, type SnapshotOffer } from "@isthmus/wire";
import type { LogPort } from "./log-port.ts";
import { type CutPlan, cutSnapshot } from "./snapshot-cut.ts";
import { FEED_PATIENCE_TICKS, SnapshotFeed } from "./snapshot-feed.ts";
import { CUTTING, SnapshotShelf } from "./snapshot-shelf.ts";

export interface SnapshotKeeperOptions {
  readonly group: GroupId;
  readonly cluster: string;
  readonly disk: Disk;
  readonly random: Random;
  readonly registry: Registry;
  readonly chunkBytes: number;
  readonly log: Pick<LogPort, "entries" | "outcome">;
  /** The state as it is now, and what belongs to it; null when there is nothing to cut a snapshot of. */
  plan(): CutPlan | null;
  send(to: number, frame: SnapshotFrame): boolean;
  onFatal(error: unknown): void;
}

interface Cut {
  readonly plan: CutPlan;
  stop: string | null;
  ticks: number;
  /** Null when it came to nothing. */
  readonly done: Promise<SnapshotOffer | null>;
}

/** A view of the state must not be held for ever, however slow the disk is. */
const CUT_PATIENCE_TICKS = 6000;

/** The snapshots that one replica makes and hands out: when one is cut, which is offered, and how long it is kept. */
export class SnapshotKeeper {
  readonly #options: SnapshotKeeperOptions;
  readonly #shelf: SnapshotShelf;
  readonly #feed: SnapshotFeed;
  #cut: Cut | null = null;
  /** Ticks since the newest one was finished: who was told of it may not have asked yet. */
  #newestTicks = FEED_PATIENCE_TICKS;
  #closed = false;
  readonly #opened: Promise<void>;

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
    const { disk, cluster, group, registry } = options;
    this.#shelf = new SnapshotShelf({ disk, cluster, group, registry });
    this.#feed = new SnapshotFeed({
      group,
      shelf: this.#shelf,
      registry,
      send: (to, frame) => options.send(to, frame),
      want: (leastIndex) => this.#want(leastIndex),
      onFatal: (error) => options.onFatal(error),
    });
    registry.gauge("isthmus.snapshot.offered_bytes", { group }, () => this.#shelf.newest?.bytes ?? null);
    this.#opened = this.#shelf.open().catch((error: unknown) => options.onFatal(error));
  }

  /** For Raft: a finished snapshot with at least this index. Where there is none one is begun, and null given. */
  snapshot(leastIndex: number): Snapshot | null {
    const { newest } = this.#shelf;
    if (newest === null || newest.header.index < leastIndex) {
      this.#want(leastIndex);
      return null;
    }
    const { index, term, conf, id } = newest.header;
    this.#newestTicks = 0;
    return { index, term, conf: decodeConfState(conf).conf, data: utf8(id) };
  }

  /** Cuts one now, also where there is one; joins a cut that is under way. Rejects with `not_available`. */
  async cut(): Promise<SnapshotOffer> {
    await this.#opened;
    this.#begin();
    const offer = await this.#cut?.done;
    if (!offer) throw new IsthmusError("not_available", "there is nothing here to make a snapshot of now");
    return offer;
  }

  /** Entries behind this index are still needed with a snapshot; null when none are. */
  get neededIndex(): number | null {
    const needed = this.#feed.ids.flatMap((id) => this.#shelf.offer(id)?.header.index ?? []);
    const { newest } = this.#shelf;
    if (newest && this.#newestTicks < FEED_PATIENCE_TICKS) needed.push(newest.header.index);
    if (this.#cut) needed.push(this.#cut.plan.header.logFirst - 1);
    return needed.length === 0 ? null : Math.min(...needed);
  }

  /** Whether ticks would change nothing: nothing is cut, fed, or kept for somebody. */
  get isIdle(): boolean {
    return this.#cut === null && this.#feed.ids.length === 0 && this.#newestTicks >= FEED_PATIENCE_TICKS;
  }

  /** Whether this peer is fetching a snapshot from here. */
  isFeeding(peer: number): boolean {
    return this.#feed.isFeeding(peer);
  }

  tick(): void {
    this.#feed.tick();
    this.#newestTicks += 1;
    if (this.#cut === null) return;
    this.#cut.ticks += 1;
    if (this.#cut.ticks >= CUT_PATIENCE_TICKS) this.#cut.stop = "it took too long";
  }

  /** Answered when it is known what an earlier life left, and never within this call. */
  ask(from: number, frame: Extract<SnapshotFrame, { kind: "ask" }>): void {
    this.#opened
      .then(() => {
        if (!this.#closed) this.#feed.take(from, frame);
      })
      .catch((error: unknown) => this.#options.onFatal(error));
  }

  /** The peer is done, well or not. */
  done(from: number): void {
    this.#feed.end(from);
    this.#tidy();
  }

  /** Ends a cut that is under way: the state that it is made of is going. */
  async abort(why: string): Promise<void> {
    if (this.#cut === null) return;
    this.#cut.stop = why;
    await this.#cut.done;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.abort("the node stops");
    await this.#opened;
    await this.#shelf.close();
  }

  #want(leastIndex: number): void {
    this.#opened
      .then(() => {
        const { newest } = this.#shelf;
        if (newest === null || newest.header.index < leastIndex) this.#begin(leastIndex);
      })
      .catch((error: unknown) => this.#options.onFatal(error));
  }

  #begin(leastIndex = 0): void {
    if (this.#cut !== null || this.#closed) return;
    const plan = this.#options.plan();
    if (plan === null) return;
    if (plan.header.index < leastIndex) {
      plan.view.release();
      return;
    }
    // `stopped` is asked of the object itself, so it stands before the work begins.
    const cut: { -readonly [K in keyof Cut]: Cut[K] } = {
      plan,
      stop: null,
      ticks: 0,
      done: Promise.resolve(null),
    };
    this.#cut = cut;
    cut.done = this.#make(cut);
  }

  async #make(cut: Cut): Promise<SnapshotOffer | null> {
    const { group, cluster, disk, log, chunkBytes, random, registry, onFatal } = this.#options;
    const { plan } = cut;
    const nonce = hex(Uint8Array.from({ length: 4 }, () => random.below(256)));
    const header: SnapshotHeader = {
      ...plan.header,
      cluster,
      group,
      id: `${plan.header.index}-${plan.header.term}-${nonce}`,
    };
    const path = `${this.#shelf.directory}/${header.id}${CUTTING}`;
    try {
      await cutSnapshot({ plan, header, log, disk, path, chunkBytes, stopped: () => cut.stop });
      const offer = await this.#shelf.finish(header.id);
      this.#newestTicks = 0;
      registry.counter("isthmus.snapshot.cuts", { group }).add();
      registry.counter("isthmus.snapshot.cut_bytes", { group }).add(offer.bytes);
      this.#tidy();
      return offer;
    } catch (error) {
      if (!(error instanceof IsthmusError)) {
        onFatal(error);
        return null;
      }
      // A full disk, a failing one, a state that went away: the group goes on without this snapshot.
      registry.refuse("snapshot", error.code);
      await this.#removeUnfinished(path);
      return null;
    } finally {
      assert(this.#cut === cut, "one snapshot is cut at a time");
      this.#cut = null;
    }
  }

  async #removeUnfinished(path: string): Promise<void> {
    try {
      await this.#options.disk.remove(path);
    } catch (error) {
      if (!(error instanceof IsthmusError)) throw error;
      // It was not even begun, or goes at the next start.
      this.#options.registry.refuse("snapshot", error.code);
    }
  }

  #tidy(): void {
    this.#shelf
      .tidy((id) => this.#feed.isFeedingFrom(id))
      .catch((error: unknown) => {
        if (!(error instanceof IsthmusError)) this.#options.onFatal(error);
        else this.#options.registry.refuse("snapshot", error.code);
      });
  }
}
