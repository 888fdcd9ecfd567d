import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "../../support/eventually.ts";
import { nodePath } from "../../support/http.ts";
import { Load } from "../../support/load.ts";
import { assertNothingLost } from "../../support/nothing-lost.ts";
import type { Platform } from "../../support/platform.ts";

const RATE = 200;
const FROZEN_MS = 10_000;
const KEYS = 50;

export function pauseLeader(shared: () => Platform): void {
  describe("SIGSTOP of a leader for 10 s under writes", () => {
    it("nothing acknowledged is lost, and no leader read at the resumed node is stale", async (t) => {
      const platform = shared();
      const region = "us-east";
      const leader = await platform.leader(region);
      const others = platform.inRegion(region).filter((node) => node !== leader);
      const [writer, second] = others;
      assert(writer && second);
      const keys = Array.from({ length: KEYS }, (_, number) => `frozen-${number}`);
      for (const key of keys) await writer.client.putNode(key, { value: "old" });
      // Kept connections to the leader: what is asked first after it goes on must not wait for a handshake.
      await Promise.all(keys.map((key) => leader.client.read(nodePath(key), "leader")));

      const load = new Load({ prefix: "pause-leader", perSecond: RATE, targets: platform.nodes });
      let stale: string[] = [];
      try {
        await eventually("the load runs", () => (load.acknowledged.length >= 200 ? true : undefined), {
          withinMs: 20_000,
        });
        const frozenMs = performance.now();
        platform.freeze(leader);
        const successor = await eventually(
          "the two others elect",
          async () => {
            const next = await platform.leader(region, writer);
            return next === leader ? undefined : next;
          },
          { withinMs: 20_000 },
        );
        const gap = await eventually(
          "writes succeed again",
          () => {
            const ms = load.gapSince(frozenMs, (write) => write.region === region);
            return Number.isFinite(ms) ? ms : undefined;
          },
          { withinMs: 10_000 },
        );
        t.diagnostic(`${leader.id} stopped: ${successor.id} leads, writes again after ${Math.round(gap)} ms`);
        await Promise.all(
          keys.map((key, number) =>
            (number % 2 === 0 ? writer : second).client.putNode(key, { value: "new" }),
          ),
        );
        await pause(Math.max(0, FROZEN_MS - (performance.now() - frozenMs)));

        // Asked while it still stands: the questions wait in its sockets and are the first that it sees.
        const early = keys.map((key) => readAt(platform, leader.id, key));
        platform.thaw(leader);
        const late = keys.map((key) => readAt(platform, leader.id, key));
        const seen = await Promise.all([...early, ...late]);
        stale = seen.filter((value) => value === "old");
        const fresh = seen.filter((value) => value === "new").length;
        const errors = [...new Set(seen.filter((value) => value !== "new"))].join(", ") || "none";
        t.diagnostic(
          `of ${seen.length} leader reads at the resumed node ${fresh} see the new value, errors: ${errors}`,
        );
      } finally {
        await load.stop();
      }
      assert.deepEqual(stale, [], "no leader read shows the old value");
      t.diagnostic(load.summary());
      await platform.quiet();
      await assertNothingLost(platform, load.acknowledged);
    });
  });
}

/** The value that a leader read at the node sees, or why it sees none. */
async function readAt(platform: Platform, node: string, key: string): Promise<string> {
  try {
    const record = await platform.node(node).client.read(nodePath(key), "leader");
    return String(record?.properties.value);
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    return `error ${code ?? name}`;
  }
}
