import { after, before, beforeEach, describe } from "node:test";
import { Platform } from "../support/platform.ts";
import { killAll } from "./stories/kill-all.ts";
import { killLeader } from "./stories/kill-leader.ts";
import { killRegion } from "./stories/kill-region.ts";
import { pauseLeader } from "./stories/pause-leader.ts";

/** One platform through one fault after the other: what each leaves behind, the next must bear. */
describe("three regions of three under faults", () => {
  let platform: Platform;
  before(async () => {
    platform = await Platform.start();
  });
  // Only after a story that failed is there anything to heal.
  beforeEach(() => platform.heal());
  after(() => platform?.close());

  for (const story of [killLeader, pauseLeader, killRegion, killAll]) story(() => platform);
});
