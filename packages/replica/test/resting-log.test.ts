import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { AppendToLog } from "@isthmus/replica";
import { put, Trio } from "./support/trio.ts";

const REST_TICKS = 10;

test("a group at rest gives up all of its log that is in the checkpoint, so that it holds nobody's segments", async () => {
  const trio = new Trio({ restTicks: REST_TICKS });
  const given = trio.logs.map((log) => {
    const marks: number[] = [];
    const append = log.append.bind(log);
    const watched: AppendToLog = (records, onDurable) => {
      if (records.compact) marks.push(records.compact.index);
      append(records, onDurable);
    };
    // Each entry is as large as the tail that is kept while the group is awake.
    const firstWithin = (bytes: number): number => (bytes > 0 ? 1 : log.lastIndex + 1);
    Object.assign(log, { append: watched, firstWithin });
    return marks;
  });
  const leader = trio.elect();
  const written = leader.write({ retry: null, operations: [put("a", 1)] }, 5000);
  trio.pass(2);
  await written;
  trio.nowMs += 60_000;
  const settle = async (ticks: number): Promise<void> => {
    for (let tick = 0; tick < ticks; tick++) {
      trio.pass(1);
      await Promise.resolve();
    }
  };
  await settle(5);
  deepEqual(given, [[], [], []], "awake, it keeps a tail");
  await settle(4 * REST_TICKS);
  const last = trio.logs.map(({ lastIndex }) => lastIndex);
  deepEqual(
    given.map((marks) => marks.at(-1)),
    last,
  );
  deepEqual(
    trio.replicas.map(({ isDormant, isResting }) => [isDormant, isResting]),
    trio.replicas.map(() => [true, true]),
  );
});
