import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { Load } from "../../support/load.ts";
import { assertNothingLost } from "../../support/nothing-lost.ts";
import type { Platform } from "../../support/platform.ts";

/** The goal is 2 s; a busy machine gets more before a test fails. */
const AGAIN_WITHIN_MS = 10_000;
const RATE = 200;

export function killLeader(shared: () => Platform): void {
  describe("kill -9 of a leader under writes", () => {
    it("nothing acknowledged is lost, writes succeed again, and the killed node catches up", async (t) => {
      const platform = shared();
      const region = "us-east";
      const load = new Load({ prefix: "kill-leader", perSecond: RATE, targets: platform.nodes });
      try {
        await eventually("the load runs", () => (load.acknowledged.length >= 300 ? true : undefined), {
          withinMs: 20_000,
        });
        const leader = await platform.leader(region);
        const killedMs = performance.now();
        await platform.kill(leader);
        const gap = await eventually(
          "writes succeed again",
          () => {
            const ms = load.gapSince(killedMs, (write) => write.region === region);
            return Number.isFinite(ms) ? ms : undefined;
          },
          { withinMs: AGAIN_WITHIN_MS, everyMs: 10 },
        );
        t.diagnostic(`${leader.id} killed: writes in ${region} succeed again after ${Math.round(gap)} ms`);
        const againMs = performance.now();
        await platform.restart(leader);
        t.diagnostic(`${leader.id} listens ${Math.round(performance.now() - againMs)} ms after its start`);
        await eventually(
          "the killed node takes writes again",
          () => {
            const back = load.gapSince(againMs, ({ node }) => node === leader.id);
            return Number.isFinite(back) ? true : undefined;
          },
          { withinMs: AGAIN_WITHIN_MS },
        );
      } finally {
        await load.stop();
      }
      t.diagnostic(load.summary());
      const unavailable = [...load.errors.keys()].filter((code) => code.startsWith("http_"));
      assert.deepEqual(unavailable, [], "every refusal has a code");
      await platform.quiet();
      await assertNothingLost(platform, load.acknowledged);
    });
  });
}
