import { type ClusterClient, RefusedByNode, Unreachable } from "../cluster-client.ts";
import type { Answer, Call } from "../http.ts";

/** How long a bulk command bears a cluster that answers nothing useful: longer than an election, shorter than a lunch. */
export const PATIENCE_MS = 60_000;

const PAUSE_FIRST_MS = 50;
const PAUSE_MAX_MS = 2_000;

/** No node to take it right now, or an outcome that nobody knows. */
const PASSING = new Set([429, 502, 503, 504]);

/**
 * Makes the call again while its failure is a passing one, for at most `patienceMs`. The call must bear being made
 * twice: reads do, writes by their idempotency key.
 */
export async function callPatiently(
  client: ClusterClient,
  call: Call,
  patienceMs: number = PATIENCE_MS,
): Promise<Answer> {
  const deadline = performance.now() + patienceMs;
  let pauseMs = PAUSE_FIRST_MS;
  for (;;) {
    try {
      return await client.call(call);
    } catch (error) {
      const passing =
        error instanceof Unreachable || (error instanceof RefusedByNode && PASSING.has(error.status));
      if (!passing || performance.now() >= deadline) throw error;
      const asked = error instanceof RefusedByNode ? error.retryAfterMs : null;
      if (error instanceof RefusedByNode) client.moveOn();
      await pause(Math.min(asked ?? pauseMs, PAUSE_MAX_MS));
      pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
