import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type CompactionQuestion, compactionIndex } from "@isthmus/replica";
import fc from "fast-check";

/** Entries of 100 bytes each, 1,000 of them. */
function asked(changes: Partial<CompactionQuestion>): number {
  return compactionIndex({
    checkpointIndex: 900,
    keepBytes: 1000,
    slowestMatch: null,
    snapshotIndex: null,
    unseenIndex: null,
    firstWithin: (bytes) => Math.max(1, 1001 - Math.floor(bytes / 100)),
    ...changes,
  });
}

describe("compaction", () => {
  test("everything in the checkpoint goes, but for the tail that is kept", () => {
    assert.equal(asked({}), 900);
    assert.equal(asked({ checkpointIndex: 999 }), 990);
    assert.equal(asked({ checkpointIndex: 0 }), 0);
    assert.equal(asked({ keepBytes: 1_000_000 }), 0);
  });

  test("a member that lags is waited for within its budget, and no further", () => {
    assert.equal(asked({ slowestMatch: 950 }), 900);
    assert.equal(asked({ slowestMatch: 600, keepBytes: 5000 }), 600);
    assert.equal(asked({ slowestMatch: 300, keepBytes: 2000 }), 840);
    assert.equal(asked({ slowestMatch: 880, keepBytes: 2000 }), 880);
  });

  test("the receiver of a snapshot is waited for longer", () => {
    assert.equal(asked({ snapshotIndex: 500 }), 500);
    assert.equal(asked({ snapshotIndex: 100 }), 360);
  });

  test("R24: what another region has not seen stays, whatever it costs", () => {
    assert.equal(asked({ unseenIndex: 20 }), 19);
    assert.equal(asked({ unseenIndex: 1 }), 0);
    assert.equal(asked({ unseenIndex: 950 }), 900);
  });

  test("nothing ever goes that the checkpoint does not have, or that another region lacks", () => {
    const index = fc.nat(1000);
    const maybe = fc.option(index);
    fc.assert(
      fc.property(
        index,
        fc.nat(200_000),
        maybe,
        maybe,
        fc.option(fc.integer({ min: 1, max: 1000 })),
        (...drawn) => {
          const [checkpointIndex, keepBytes, slowestMatch, snapshotIndex, unseenIndex] = drawn;
          const to = asked({ checkpointIndex, keepBytes, slowestMatch, snapshotIndex, unseenIndex });
          assert.ok(to >= 0 && to <= checkpointIndex);
          assert.ok(unseenIndex === null || to < unseenIndex);
        },
      ),
    );
  });
});
