import { describe, it } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { Load } from "../../support/load.ts";
import { assertNothingLost } from "../../support/nothing-lost.ts";
import type { Platform } from "../../support/platform.ts";

const RATE = 200;

export function killAll(shared: () => Platform): void {
  describe("kill -9 of all nine under writes", () => {
    it("dev over the same --data has every acknowledged write, and digests agree", async (t) => {
      const platform = shared();
      const load = new Load({ prefix: "kill-all", perSecond: RATE, targets: platform.nodes });
      try {
        await eventually("the load runs", () => (load.acknowledged.length >= 600 ? true : undefined), {
          withinMs: 30_000,
        });
        await platform.kill(...platform.nodes);
      } finally {
        await load.stop();
      }
      t.diagnostic(load.summary());
      platform.dev.child.kill("SIGTERM");
      await platform.dev.ended;

      await platform.startDev();
      t.diagnostic(`ready again after ${Math.round(platform.readyMs)} ms`);
      await platform.quiet();
      await assertNothingLost(platform, load.acknowledged);
    });
  });
}
