import assert from "node:assert/strict";
import { test } from "node:test";
import { hostClock } from "@isthmus/host";
import { Scheduler, SimClock } from "@isthmus/sim";
import { clockConformance } from "./conformance/clock.ts";
import { runIn } from "./conformance/run.ts";

clockConformance("real clock", () => ({ clock: hostClock(), run: (body) => body }));

for (const rate of [1, 0.7, 1.3]) {
  clockConformance(`simulated clock at rate ${rate}`, () => {
    const scheduler = new Scheduler();
    return {
      clock: new SimClock({ scheduler, lifetime: { alive: true }, rate }),
      run: (body) => runIn(scheduler, body),
    };
  });
}

test("a jump moves the wall clock alone", async () => {
  const scheduler = new Scheduler();
  const clock = new SimClock({ scheduler, lifetime: { alive: true }, startMs: 1000 });
  clock.jump(-300);
  assert.equal(clock.wallMs(), 700);
  let fired = false;
  clock.after(10, () => {
    fired = true;
  });
  clock.jump(5000);
  assert.equal(clock.monotonicMs(), 0);
  await scheduler.runUntil(9);
  assert.equal(fired, false);
  await scheduler.runUntil(10);
  assert.equal(fired, true);
  assert.equal(clock.wallMs(), 5710);
});

test("drift bends all of a machine's time, and a timer is never early when the rate falls", async () => {
  const scheduler = new Scheduler();
  const clock = new SimClock({ scheduler, lifetime: { alive: true }, startMs: 0, rate: 2 });
  let firedAt = Number.NaN;
  clock.after(100, () => {
    firedAt = clock.monotonicMs();
  });
  await scheduler.runUntil(25);
  assert.equal(clock.monotonicMs(), 50);
  clock.setRate(0.5);
  await scheduler.runUntil(100);
  assert.ok(Number.isNaN(firedAt), "50 + 75 / 2 is not yet 100");
  await scheduler.runUntil(200);
  assert.equal(Math.round(firedAt), 100);
  assert.equal(clock.wallMs(), 137);
});

test("the clock of the next life goes on where the last one's stands, jumps and drift and all", async () => {
  const scheduler = new Scheduler();
  const first = new SimClock({ scheduler, lifetime: { alive: true }, startMs: 0, offsetMs: 100 });
  await scheduler.runUntil(1000);
  first.setRate(1.1);
  first.jump(-50);
  await scheduler.runUntil(2000);
  const { offsetMs, rate } = first;
  const next = new SimClock({ scheduler, lifetime: { alive: true }, startMs: 0, offsetMs, rate });
  assert.deepEqual([first.wallMs(), next.wallMs()], [2150, 2150]);
  await scheduler.runUntil(3000);
  assert.deepEqual([first.wallMs(), next.wallMs()], [3250, 3250]);
});

test("no timer of a life that has ended fires", async () => {
  const scheduler = new Scheduler();
  const lifetime = { alive: true };
  const clock = new SimClock({ scheduler, lifetime });
  let calls = 0;
  const count = () => {
    calls += 1;
  };
  clock.after(5, count);
  clock.every(2, count);
  clock.soon(count);
  lifetime.alive = false;
  await scheduler.runUntil(100);
  assert.equal(calls, 0);
});
