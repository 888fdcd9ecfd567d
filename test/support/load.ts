import { codeOf, type NodeClient, nodePath } from "./http.ts";

export interface LoadOptions {
  /** Begins the ids of what is written; ids are `PREFIX-NUMBER`. */
  readonly prefix: string;
  readonly perSecond: number;
  /** Whom to write to, in turn. */
  readonly targets: readonly LoadTarget[];
  /** Whether each write carries an idempotency key, its id. */
  readonly idempotent?: boolean;
  /** Whether a write whose connection breaks goes on to the next target, as a client does that knows of several. */
  readonly goOn?: boolean;
}

export interface LoadTarget {
  readonly id: string;
  readonly region: string;
  readonly client: NodeClient;
}

export interface Acknowledged {
  readonly id: string;
  readonly value: number;
  readonly node: string;
  readonly region: string;
  /** When it was sent and when it was acknowledged, by this process's monotonic clock, in ms. */
  readonly sentMs: number;
  readonly atMs: number;
}

const LOOK_EVERY_MS = 5;
/** More than this under way means that nobody answers: further ones are counted as `not_sent`. */
const INFLIGHT_MAX = 4_000;
/** A node says after 10 s that it does not know. */
const TIMEOUT_MS = 12_000;

/**
 * Writers that keep their pace whatever the answers do: a write is sent when it is due, not when the one before it is
 * answered. Every write has its own id; all that was acknowledged is kept, refusals and broken connections are counted
 * by code.
 */
export class Load {
  readonly acknowledged: Acknowledged[] = [];
  readonly errors = new Map<string, number>();
  readonly #options: LoadOptions;
  readonly #begunMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #underWay = new Set<Promise<void>>();
  #sent = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#sendDue(), LOOK_EVERY_MS);
  }

  get sent(): number {
    return this.#sent;
  }

  /** Stops sending and waits for every answer that is still to come. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** From `sinceMs` to the first acknowledgement of a write that was sent after it, where `which` holds; else Infinity. */
  gapSince(sinceMs: number, which: (write: Acknowledged) => boolean): number {
    const after = this.acknowledged.filter((write) => write.sentMs >= sinceMs && which(write));
    return Math.min(...after.map(({ atMs }) => atMs)) - sinceMs;
  }

  summary(): string {
    const errors = [...this.errors].map(([code, count]) => `${code} ${count}`).join(", ") || "none";
    return `${this.#sent} sent, ${this.acknowledged.length} acknowledged, errors: ${errors}`;
  }

  #sendDue(): void {
    const { perSecond } = this.#options;
    const due = Math.floor(((performance.now() - this.#begunMs) / 1000) * perSecond);
    for (; this.#sent < due; this.#sent++) {
      if (this.#underWay.size >= INFLIGHT_MAX) {
        this.#count("not_sent");
        continue;
      }
      const write: Promise<void> = this.#write(this.#sent).finally(() => this.#underWay.delete(write));
      this.#underWay.add(write);
    }
  }

  async #write(value: number): Promise<void> {
    const { targets, goOn = false } = this.#options;
    const sentMs = performance.now();
    // Everybody once, and the first once more.
    for (let attempt = 0; attempt <= targets.length; attempt++) {
      const isLast = !goOn || attempt === targets.length;
      if (await this.#writeTo(targets[(value + attempt) % targets.length], value, sentMs, isLast)) return;
    }
  }

  /** Whether that was the end of it: false when the connection broke, and it is not the last attempt. */
  async #writeTo(
    target: LoadTarget | undefined,
    value: number,
    sentMs: number,
    isLast: boolean,
  ): Promise<boolean> {
    const { prefix, idempotent = false } = this.#options;
    if (target === undefined) throw new Error("a load needs somebody to write to");
    const id = `${prefix}-${value}`;
    try {
      const answer = await target.client.call("PUT", nodePath(id), {
        body: { labels: ["Load"], properties: { value } },
        timeoutMs: TIMEOUT_MS,
        ...(idempotent ? { headers: { "idempotency-key": id } } : {}),
      });
      if (answer.status !== 200) {
        this.#count(codeOf(answer));
        return true;
      }
      const { id: node, region } = target;
      this.acknowledged.push({ id, value, node, region, sentMs, atMs: performance.now() });
    } catch (error) {
      const { code, name } = error as NodeJS.ErrnoException;
      if (!isLast) return false;
      this.#count(typeof code === "string" ? code : name);
    }
    return true;
  }

  #count(code: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
}
