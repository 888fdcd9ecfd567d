import assert from "node:assert/strict";
import { test } from "node:test";
import { Life, Scheduler } from "@isthmus/sim";

test("a life that is to end after N events runs exactly N, and is cut off in the place of the next", async () => {
  for (const events of [1, 2, 7]) {
    const { scheduler, life, ran, cutAt } = lifeOf(20);
    life.endAfter(events, () => {
      cutAt.push(scheduler.nowMs);
      life.end();
    });
    await scheduler.runUntil(100);
    assert.equal(ran.length, events);
    assert.deepEqual(cutAt, [events + 1], "the next event's time has come, and it does not run");
    assert.equal(life.events, events);
  }
});

test("between two awaits of a node there is always an event that can be its last", async () => {
  const reached: number[] = [];
  for (let events = 1; events <= 5; events++) {
    const scheduler = new Scheduler();
    const life = new Life(scheduler);
    let steps = 0;
    const pause = () => new Promise<void>((resolve) => void scheduler.schedule(1, resolve, life));
    const work = async (): Promise<void> => {
      for (; steps < 5; steps++) await pause();
    };
    void work();
    life.endAfter(events, () => life.end());
    await scheduler.runUntil(100);
    reached.push(steps);
  }
  assert.deepEqual(reached, [1, 2, 3, 4, 5]);
});

test("other lives' events do not count, nor those of nobody", async () => {
  const { scheduler, life, ran } = lifeOf(10);
  const other = new Life(scheduler);
  for (let at = 1; at <= 10; at++) {
    scheduler.schedule(at, () => {}, other);
    scheduler.schedule(at, () => {});
  }
  life.endAfter(4, () => life.end());
  await scheduler.runUntil(100);
  assert.deepEqual([ran.length, other.events], [4, 10]);
});

test("what waited while a life was stopped counts when it is done", async () => {
  const { scheduler, life, ran } = lifeOf(10);
  await scheduler.runUntil(2);
  life.endAfter(5, () => life.end());
  life.stop();
  await scheduler.runUntil(50);
  assert.deepEqual([ran.length, life.alive], [2, true]);
  life.resume();
  await scheduler.runUntil(100);
  assert.deepEqual([ran.length, life.alive], [7, false]);
});

test("an end that is taken back does not come", async () => {
  const { scheduler, life, ran } = lifeOf(10);
  life.endAfter(3, () => life.end());
  assert.equal(life.isToEnd, true);
  life.endAfter(null);
  assert.equal(life.isToEnd, false);
  await scheduler.runUntil(100);
  assert.equal(ran.length, 10);
});

/** A life with one event in each of the next milliseconds. */
function lifeOf(events: number) {
  const scheduler = new Scheduler();
  const life = new Life(scheduler);
  const ran: number[] = [];
  const cutAt: number[] = [];
  for (let at = 1; at <= events; at++) scheduler.schedule(at, () => void ran.push(at), life);
  return { scheduler, life, ran, cutAt };
}
