import assert from "node:assert/strict";
import type { Scheduler } from "@isthmus/sim";

/** More virtual time than any body of a suite needs. */
const LIMIT_MS = 120_000;

/** Lets virtual time pass until `body` has settled. */
export async function runIn<T>(scheduler: Scheduler, body: Promise<T>): Promise<T> {
  let settled = false;
  const mark = () => {
    settled = true;
  };
  body.then(mark, mark);
  await new Promise((resolve) => setImmediate(resolve));
  const done = await scheduler.runUntilTrue(() => settled, LIMIT_MS);
  assert.ok(done, "the simulated world has nothing left to do and the test still waits");
  return body;
}
