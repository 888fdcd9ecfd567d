import { after, before, describe } from "node:test";
import { Platform } from "../support/platform.ts";
import { conflict } from "./stories/conflict.ts";
import { everywhere } from "./stories/everywhere.ts";
import { idempotency } from "./stories/idempotency.ts";
import { importing } from "./stories/import.ts";

/** Stories that leave the platform whole, one after the other on one: a start takes seconds. */
describe("three regions of three", () => {
  let platform: Platform;
  before(async () => {
    platform = await Platform.start();
  });
  after(() => platform?.close());

  for (const story of [everywhere, conflict, idempotency, importing]) story(() => platform);
});
