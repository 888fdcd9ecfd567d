import { formatEntry, type HistoryEntry, type HistoryOp, type HistoryOut } from "../../chaos/dist/index.js";
import { must, type Random } from "../../packages/kernel/dist/index.js";
import { type Answer, codeOf, nodePath } from "../support/http.ts";
import type { PlatformNode } from "../support/platform.ts";

export interface RegisterClientsOptions {
  /** A client asks the node that it belongs to, and the next one while that one refuses connections. */
  readonly nodes: readonly PlatformNode[];
  readonly clients: number;
  readonly keys: number;
  /** So many are begun, not counting those that were refused and have no effect. */
  readonly operations: number;
  readonly random: Random;
  /** Takes each operation as a line when its outcome is there. */
  record(line: string): void;
}

/** What an operation asks: the part of its entry that is known before it is sent. */
type Ask = Pick<HistoryEntry, "key" | "op" | "value" | "from"> & { readonly retryKey: string | null };

/** A refusal under these codes says that nothing was written. */
const NOTHING_WRITTEN = ["ECONNREFUSED", "overloaded", "no_leader", "draining"];
/** Under these nobody knows. */
const UNKNOWN = ["timeout", "internal"];
/** A node says after 10 s that it does not know. */
const TIMEOUT_MS = 12_000;
/** A write with an idempotency key is sent so often before its outcome counts as unknown. */
const ATTEMPTS = 4;
/** A tenth of the keys gets half of the operations, so that clients meet. */
const HOT_SHARE = 0.1;
const VERSIONS_REMEMBERED = 4;

/**
 * Clients that read and write registers, each one operation at a time, and what they were told. A register is a node's
 * property `value`; every write has a value of its own.
 */
export class RegisterClients {
  readonly counts = new Map<string, number>();
  readonly #options: RegisterClientsOptions;
  /** Of each key the versions that somebody was told of, the newest last. */
  readonly #versions = new Map<string, string[]>();
  readonly #waiting: { count: number; resolve(): void }[] = [];
  #begun = 0;
  #values = 0;

  constructor(options: RegisterClientsOptions) {
    this.#options = options;
  }

  /** Resolves when all operations have their outcome. Throws at an answer that no documented rule explains. */
  async run(): Promise<void> {
    const { clients, operations } = this.#options;
    const client = async (number: number): Promise<void> => {
      while (this.#begun < operations) {
        this.#begun += 1;
        for (const each of this.#waiting) if (each.count <= this.#begun) each.resolve();
        // What had no effect does not count.
        if (!(await this.#operate(number, this.#draw()))) this.#begun -= 1;
      }
    };
    await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  }

  /** Resolves once so many operations were begun. */
  begun(count: number): Promise<void> {
    if (this.#begun >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  get soFar(): number {
    return this.#begun;
  }

  /** Every key is read, through every node. */
  async readAll(): Promise<void> {
    const { keys, nodes, clients } = this.#options;
    const asks = nodes.flatMap((_, at) =>
      Array.from({ length: keys }, (__, key) => ({ at, key: `r${key}` })),
    );
    const queue = asks.values();
    const reader = async (): Promise<void> => {
      for (const { at, key } of queue)
        await this.#operate(at, { key, op: "read", value: null, from: null, retryKey: null });
    };
    await Promise.all(Array.from({ length: clients }, reader));
  }

  #draw(): Ask {
    const { random, keys } = this.#options;
    const hot = random.next() < 0.5;
    const key = `r${random.below(hot ? Math.ceil(keys * HOT_SHARE) : keys)}`;
    const dice = random.next();
    if (dice < 0.4) return { key, op: "read", value: null, from: null, retryKey: null };
    this.#values += 1;
    const value = `w${this.#values}`;
    const retryKey = random.next() < 0.5 ? value : null;
    if (dice < 0.6) return { key, op: "put", value, from: null, retryKey };
    if (dice < 0.7) return { key, op: "delete", value: null, from: null, retryKey };
    const known = this.#versions.get(key) ?? [];
    // Mostly the newest version that is known, sometimes one that is certainly old.
    const from = random.below(5) === 0 ? known[0] : known.at(-1);
    if (dice < 0.8 || from === undefined) return { key, op: "create", value, from: null, retryKey };
    return { key, op: "put_if_match", value, from, retryKey };
  }

  /** False if it was refused without effect. */
  async #operate(client: number, ask: Ask): Promise<boolean> {
    const { nodes } = this.#options;
    const call = microseconds();
    const attempts = ask.retryKey === null ? 1 : ATTEMPTS;
    let unknown: { code: string; node: string } | null = null;
    for (let attempt = 0; attempt < attempts; attempt++) {
      // A retry goes to another node on purpose.
      for (let turn = 0; turn < nodes.length; turn++) {
        const node = must(nodes[(client + attempt + turn) % nodes.length], "a node");
        const who = `c${client}@${node.id}`;
        const { code, answer } = await send(node, ask);
        if (code === "ECONNREFUSED" && turn + 1 < nodes.length) continue;
        if (UNKNOWN.includes(code) || answer === null) {
          if (NOTHING_WRITTEN.includes(code) && unknown === null) return this.#refused(who, ask, call, code);
          unknown ??= { code, node: node.id };
          break;
        }
        // Refused now says nothing of an attempt before.
        if (NOTHING_WRITTEN.includes(code)) {
          if (unknown === null) return this.#refused(who, ask, call, code);
          break;
        }
        this.#record(who, ask, call, told(ask.op, code, answer));
        if (unknown !== null) this.#count("retried");
        return true;
      }
    }
    if (unknown === null) throw new Error("no attempt has an outcome");
    this.#count(`unknown ${unknown.code}`);
    this.#record(`c${client}@${unknown.node}`, ask, call, { ok: false, out: unknown.code, unknown: true });
    return true;
  }

  #refused(client: string, ask: Ask, call: number, code: string): boolean {
    this.#count(`refused ${code}`);
    this.#record(client, ask, call, { ok: false, out: code, unknown: false });
    return false;
  }

  #record(
    client: string,
    { key, op, value, from }: Ask,
    call: number,
    outcome: Pick<HistoryEntry, "ok" | "out" | "unknown">,
  ): void {
    const ret = outcome.unknown ? null : microseconds();
    this.#options.record(formatEntry({ client, key, op, value, from, call, ret, ...outcome }));
    const { ok, out } = outcome;
    this.#count(ok ? op : outcome.unknown ? `${op} unknown` : `${op} ${out}`);
    const version = typeof out === "object" ? out?.version : ok ? out : undefined;
    if (version !== undefined && op !== "delete") this.#remember(key, version);
  }

  #remember(key: string, version: string): void {
    const known = (this.#versions.get(key) ?? []).filter((each) => each !== version);
    this.#versions.set(key, [...known, version].slice(-VERSIONS_REMEMBERED));
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

/** In whole microseconds, rounded down: what stands in this order happened in this order. */
function microseconds(): number {
  return Math.floor(performance.now() * 1000);
}

async function send(
  { client }: PlatformNode,
  { key, op, value, from, retryKey }: Ask,
): Promise<{ code: string; answer: Answer | null }> {
  const method = op === "read" ? "GET" : op === "delete" ? "DELETE" : "PUT";
  const headers = {
    ...(from === null ? {} : { "if-match": `"${from}"` }),
    ...(op === "create" ? { "if-none-match": "*" } : {}),
    ...(retryKey === null ? {} : { "idempotency-key": retryKey }),
  };
  const path = op === "read" ? `${nodePath(key)}?read=leader` : nodePath(key);
  const body = method === "PUT" ? { body: { properties: { value } } } : {};
  try {
    const answer = await client.call(method, path, { ...body, headers, timeoutMs: TIMEOUT_MS });
    return { code: answer.status === 200 ? "ok" : codeOf(answer), answer };
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    return { code: typeof code === "string" ? code : name, answer: null };
  }
}

/** What a definite answer says. */
function told(op: HistoryOp, code: string, answer: Answer): Pick<HistoryEntry, "ok" | "out" | "unknown"> {
  const said = (ok: boolean, out: HistoryOut) => ({ ok, out, unknown: false });
  const facts = answer.json as { version?: string; properties?: { value?: string } } | null;
  const version = facts?.version ?? "";
  if (code === "ok" && op === "read") return said(true, { value: facts?.properties?.value ?? null, version });
  if (code === "ok") return said(true, version);
  if (code === "not_found" && op === "read") return said(true, null);
  if (code === "not_found" && op === "delete") return said(false, code);
  if (code === "version_mismatch" && (op === "create" || op === "put_if_match")) return said(false, code);
  throw new Error(`${op} was answered ${answer.status} ${code}: ${answer.text.slice(0, 300)}`);
}
