import assert from "node:assert/strict";
import { test } from "node:test";
import { patchNode, Stage } from "./stage.ts";

test("T16: a put removes what it had seen and nothing that a concurrent patch brings", async () => {
  const stage = await Stage.open(2, 3);
  await stage.put(stage.leaderOf("us"), "n", { old: 1 });
  await stage.quiet();
  stage.cutOff("eu");
  await stage.put(stage.leaderOf("us"), "n", { p: "put" });
  const patched = await stage.answer(stage.write(stage.leaderOf("eu"), [patchNode("n", { q: "patched" })]));
  assert.equal(patched.status, "applied");
  stage.rejoin("eu");
  await stage.end();
  for (const region of ["us", "eu"]) {
    const { properties } = await stage.answer(stage.read(stage.followerOf(region), "n"));
    assert.deepEqual(properties, { p: "put", q: "patched" });
  }
});
