import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "@isthmus/kernel";

export interface ClockWorld {
  readonly clock: Clock;
  /** Lets time pass until `body` has settled. */
  run<T>(body: Promise<T>): Promise<T>;
}

/** What every clock behind the port keeps. */
export function clockConformance(name: string, make: () => ClockWorld): void {
  const property = (title: string, body: (clock: Clock) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const world = make();
      await world.run(body(world.clock));
    });
  };

  property("a timer fires once and never before its delay has passed", async (clock) => {
    for (const delayMs of [0, 1, 3.5, 10]) {
      const start = clock.monotonicMs();
      let calls = 0;
      await new Promise<void>((resolve) => {
        clock.after(delayMs, () => {
          calls += 1;
          resolve();
        });
      });
      assert.ok(clock.monotonicMs() - start >= delayMs, `${delayMs} ms had passed`);
      await after(clock, 2);
      assert.equal(calls, 1);
    }
  });

  property("a shorter timer fires before a longer one", async (clock) => {
    const fired: string[] = [];
    clock.after(5, () => fired.push("short"));
    await after(clock, 40);
    assert.deepEqual(fired, ["short"]);
  });

  property("a cancelled timer does not fire, and cancelling it again is harmless", async (clock) => {
    let calls = 0;
    const timer = clock.after(1, () => {
      calls += 1;
    });
    timer.cancel();
    timer.cancel();
    await after(clock, 10);
    assert.equal(calls, 0);
  });

  property("a repeating timer fires until it is cancelled, also from within its own call", async (clock) => {
    let calls = 0;
    await new Promise<void>((resolve) => {
      const timer = clock.every(1, () => {
        calls += 1;
        if (calls < 3) return;
        timer.cancel();
        resolve();
      });
    });
    await after(clock, 10);
    assert.equal(calls, 3);
  });

  property("what is asked for soon comes later than this turn, in the order asked", async (clock) => {
    const seen: string[] = [];
    const done = new Promise<void>((resolve) => {
      clock.soon(() => seen.push("first"));
      clock.soon(() => {
        seen.push("second");
        resolve();
      });
    });
    seen.push("this turn");
    await done;
    assert.deepEqual(seen, ["this turn", "first", "second"]);
  });

  property("what is asked for from within a soon comes in a turn of its own", async (clock) => {
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      clock.soon(() => {
        clock.soon(() => {
          seen.push("inner");
          resolve();
        });
        seen.push("outer");
      });
    });
    assert.deepEqual(seen, ["outer", "inner"]);
  });

  property(
    "monotonic time never goes back, and wall time is whole milliseconds of this century",
    async (clock) => {
      let last = clock.monotonicMs();
      for (let turn = 0; turn < 20; turn++) {
        await new Promise<void>((resolve) => clock.soon(resolve));
        const now = clock.monotonicMs();
        assert.ok(now >= last);
        last = now;
      }
      assert.ok(Number.isInteger(clock.wallMs()));
      assert.ok(clock.wallMs() > Date.UTC(2020, 0));
    },
  );
}

function after(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
