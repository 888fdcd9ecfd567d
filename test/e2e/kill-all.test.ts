import { after, before, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { Load } from "../support/load.ts";
import { assertNothingLost } from "../support/nothing-lost.ts";
import { Platform } from "../support/platform.ts";

const RATE = 200;

describe("kill -9 of all nine under writes", () => {
  let platform: Platform;
  before(async () => {
    platform = await Platform.start();
  });
  after(() => platform?.close());

  it("dev over the same --data has every acknowledged write, and digests agree", async (t) => {
    const first = await oneLife(platform, "kill-all-1");
    t.diagnostic(first.summary());
    await platform.startDev();
    t.diagnostic(`ready again after ${Math.round(platform.readyMs)} ms`);
    await platform.quiet();
    await assertNothingLost(platform, first.acknowledged);

    // A second time: what was recovered, and not only what was just written, must bear it.
    const second = await oneLife(platform, "kill-all-2");
    t.diagnostic(second.summary());
    await platform.startDev();
    await platform.quiet();
    await assertNothingLost(platform, [...first.acknowledged, ...second.acknowledged]);
  });
});

/** Writes, kills all nine amid them, and ends `dev`. */
async function oneLife(platform: Platform, prefix: string): Promise<Load> {
  const load = new Load({ prefix, perSecond: RATE, targets: platform.nodes });
  try {
    await eventually("the load runs", () => (load.acknowledged.length >= 600 ? true : undefined), {
      withinMs: 30_000,
    });
    await platform.kill(...platform.nodes);
  } finally {
    await load.stop();
  }
  platform.dev.child.kill("SIGTERM");
  await platform.dev.ended;
  return load;
}
