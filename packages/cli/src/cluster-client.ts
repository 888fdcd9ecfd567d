import type { Agent } from "node:http";
import type { Endpoints } from "./endpoints.ts";
import { CommandFailure, EXIT } from "./failure.ts";
import { type Answer, type Call, exchange, keepAliveAgent } from "./http.ts";

/** Longer than a node takes to say `timeout` itself: past this the node is stopped or cut off. */
const ANSWER_TIMEOUT_MS = 15_000;

/** A node answered, and the answer is no. `status` is HTTP's. */
export class RefusedByNode extends CommandFailure {
  readonly status: number;
  /** How long the node asks to wait before the next attempt; null where it says nothing. */
  readonly retryAfterMs: number | null;

  constructor(call: Call, answer: Answer) {
    const problem = parseProblem(answer.body);
    const code = problem.code ?? `http_${answer.status}`;
    const detail = problem.detail ?? problem.title ?? `the node answered ${answer.status}`;
    const advice = ADVICE[code] ?? "";
    const exitStatus = code === "refused_by_safety" ? EXIT.refused : EXIT.failed;
    super(exitStatus, code, `${call.method} ${call.path}: ${detail} (${code})${advice}`);
    this.status = answer.status;
    const seconds = Number(answer.headers["retry-after"]);
    this.retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null;
  }
}

/** What to do about it, where a command can tell. */
const ADVICE: Readonly<Record<string, string>> = {
  no_leader: "; wait for an election, or see `isthmus status`",
  overloaded: "; try again in a moment",
  draining: "; try another --endpoint",
  timeout: "; the outcome is unknown: read before you write again",
  not_available: "; this build cannot do it yet",
};

/** Nobody on the list answered: exit status 4. */
export class Unreachable extends CommandFailure {
  constructor(endpoints: Endpoints, why: string) {
    const list = endpoints.urls.join(", ");
    const advice = "start a platform with `isthmus dev`, or name a node with --endpoint";
    super(
      EXIT.unreachable,
      "unreachable",
      `nobody answers at ${list} (from ${endpoints.from}): ${why}; ${advice}`,
    );
  }
}

/**
 * Talks to whichever node answers, and stays with it. A call goes on to the next endpoint when a node cannot be reached
 * or does not answer in time, so a call must bear being made twice: every write carries an idempotency key.
 */
export class ClusterClient {
  readonly #endpoints: Endpoints;
  readonly #agent: Agent = keepAliveAgent();
  readonly #timeoutMs: number;
  #current = 0;

  constructor(endpoints: Endpoints, options: { timeoutMs?: number } = {}) {
    this.#endpoints = endpoints;
    this.#timeoutMs = options.timeoutMs ?? ANSWER_TIMEOUT_MS;
  }

  /** The answer, whatever its status below 400. Throws RefusedByNode from 400 on, Unreachable when nobody answers. */
  async call(call: Call): Promise<Answer> {
    const { urls } = this.#endpoints;
    const first = this.#current;
    let why = "";
    for (let attempt = 0; attempt < urls.length; attempt++) {
      const index = (first + attempt) % urls.length;
      let answer: Answer;
      try {
        answer = await exchange(urls[index] ?? "", call, { agent: this.#agent, timeoutMs: this.#timeoutMs });
      } catch (error) {
        why = reason(error);
        continue;
      }
      this.#current = index;
      if (answer.status >= 400) throw new RefusedByNode(call, answer);
      return answer;
    }
    throw new Unreachable(this.#endpoints, why);
  }

  async json(call: Call): Promise<unknown> {
    const { body } = await this.call(call);
    try {
      return JSON.parse(body.toString("utf8")) as unknown;
    } catch (cause) {
      const message = `${call.method} ${call.path}: the answer is no JSON; is that address an isthmus node?`;
      throw new CommandFailure(EXIT.failed, "invalid_answer", message, { cause });
    }
  }

  /** Sends the next call to the next endpoint: for one that answers, but not well. */
  moveOn(): void {
    this.#current = (this.#current + 1) % this.#endpoints.urls.length;
  }

  close(): void {
    this.#agent.destroy();
  }
}

function reason(error: unknown): string {
  // A host with several addresses fails with one error for each.
  const sole = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  if (!(sole instanceof Error)) return String(sole);
  return sole.name === "TimeoutError" || sole.name === "AbortError" ? "no answer in time" : sole.message;
}

function parseProblem(body: Buffer): { code?: string; detail?: string; title?: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch {
    // Something between us and the node may answer in its own words: the status is all there is then.
    return {};
  }
  if (typeof parsed !== "object" || parsed === null) return {};
  const { code, detail, title } = parsed as Record<string, unknown>;
  return {
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof detail === "string" ? { detail } : {}),
    ...(typeof title === "string" ? { title } : {}),
  };
}
