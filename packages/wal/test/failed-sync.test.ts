import assert from "node:assert/strict";
import { test } from "node:test";
import { GROUP, nothing, run, World } from "./world.ts";

test("a batch whose sync failed is durable once a later life has shown it", async () => {
  for (const lastIsFirst of [false, true]) {
    const world = new World(`failed sync ${lastIsFirst}`);
    const first = await world.open();
    first.append(GROUP, { entries: run(1, 3) }, nothing);
    await world.run(() => first.sync());
    world.disk.failNextSync();
    // In the second case the batch is too large for what is left: it is the first of the next segment.
    const more = run(4, lastIsFirst ? 2000 : 6);
    first.append(GROUP, { entries: more }, () => assert.fail("nothing is told of a write that failed"));
    await assert.rejects(world.run(() => first.sync()));
    assert.equal(world.failures.length, 1);
    world.kill();
    // The system still has the bytes in memory, so the next life reads them, and may vote and answer by them.
    const second = await world.open();
    const shown = second.group(GROUP).lastIndex;
    assert.equal(shown, lastIsFirst ? 2000 : 6);
    world.crash();
    const third = await world.open();
    assert.equal(third.group(GROUP).lastIndex, shown, "what was shown is there after the power went");
    assert.equal(third.recovery.cut, null);
  }
});

test("recovery ends with the disk's error when the disk still fails, and leaves all as it was", async () => {
  const world = new World("still failing");
  const first = await world.open();
  first.append(GROUP, { entries: run(1, 3) }, nothing);
  await world.run(() => first.sync());
  world.kill();
  for (let life = 0; life < 3; life++) {
    world.disk.failNextSync();
    await assert.rejects(world.open(), { code: "disk_failed" });
    world.kill();
  }
  const last = await world.open();
  assert.equal(last.group(GROUP).lastIndex, 3);
});
