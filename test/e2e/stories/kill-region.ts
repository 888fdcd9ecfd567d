import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { Load } from "../../support/load.ts";
import { assertNothingLost } from "../../support/nothing-lost.ts";
import type { Platform } from "../../support/platform.ts";

const RATE = 100;

export function killRegion(shared: () => Platform): void {
  describe("kill -9 of a whole region under writes in the others", () => {
    it("the others write on, and the region catches up from its cursor when it is started again", async (t) => {
      const platform = shared();
      const lost = platform.inRegion("ap-south");
      const others = platform.nodes.filter((node) => node.region !== "ap-south");
      // Its own last writes count as well: those that it acknowledged it has, and the others get them.
      const own = new Load({ prefix: "kill-region-own", perSecond: RATE, targets: lost });
      const load = new Load({ prefix: "kill-region", perSecond: RATE, targets: others, idempotent: true });
      try {
        await eventually(
          "both loads run",
          () => (load.acknowledged.length >= 150 && own.acknowledged.length >= 150 ? true : undefined),
          { withinMs: 20_000 },
        );
        await platform.kill(...lost);
        await own.stop();
        const before = load.acknowledged.length;
        await eventually(
          "the others write on",
          () => (load.acknowledged.length >= before + 400 ? true : undefined),
          { withinMs: 30_000 },
        );
        const status = await platform.cli(["status"]);
        assert.equal(status.status, 1, "a region that is down shows in the exit status");
        assert.match(status.stderr, /no node of ap-south is up/);

        const begunMs = performance.now();
        await platform.restart(...lost);
        await eventually(
          "the region takes writes again",
          () => lost[0]?.client.putNode("kill-region-again", { value: 1 }),
          { withinMs: 20_000 },
        );
        t.diagnostic(`ap-south takes writes ${Math.round(performance.now() - begunMs)} ms after its start`);
      } finally {
        await own.stop();
        await load.stop();
      }
      t.diagnostic(`others: ${load.summary()}; ap-south: ${own.summary()}`);
      const quietMs = performance.now();
      await platform.quiet();
      t.diagnostic(`quiet ${Math.round(performance.now() - quietMs)} ms after the load's end`);
      await assertNothingLost(platform, [...load.acknowledged, ...own.acknowledged]);
    });
  });
}
