import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { entryBytes, MemoryStorage, type Snapshot } from "@isthmus/raft";
import { entry } from "./cluster.ts";

function holding(...terms: number[]): MemoryStorage {
  const storage = new MemoryStorage();
  storage.append(terms.map((term, at) => entry(term, at + 1)));
  return storage;
}

function snapshot(index: number, term: number): Snapshot {
  return {
    index,
    term,
    conf: { voters: [1], outgoing: [], learners: [], learnersNext: [], autoLeave: false },
  };
}

test("a fresh log begins at 1, behind an entry of term 0", () => {
  const storage = new MemoryStorage();
  deepEqual([storage.firstIndex(), storage.lastIndex(), storage.term(0)], [1, 0, 0]);
  deepEqual(storage.initialState().hard, { term: 0, vote: 0, commit: 0 });
  throws(() => storage.term(1), { code: "ErrUnavailable" });
});

test("an append overwrites from its first index on, skips what is compacted, and opens no gap", () => {
  const storage = holding(1, 1, 1, 1);
  storage.append([entry(2, 3)]);
  deepEqual([storage.lastIndex(), storage.term(3)], [3, 2]);
  storage.compact(2);
  storage.append([entry(3, 1), entry(3, 2)]);
  equal(storage.term(2), 1);
  storage.append([entry(3, 1), entry(3, 2), entry(3, 3)]);
  deepEqual([storage.firstIndex(), storage.lastIndex(), storage.term(3)], [3, 3, 3]);
  throws(() => storage.append([entry(3, 5)]), /without a gap/);
});

test("a limited read gives one entry at least", () => {
  const storage = holding(1, 1, 1);
  const size = entryBytes(entry(1, 1));
  equal(storage.entries(1, 4, 0).length, 1);
  equal(storage.entries(1, 4, 2 * size).length, 2);
  equal(storage.entries(1, 4, 3 * size - 1).length, 2);
  equal(storage.entries(1, 4, Number.POSITIVE_INFINITY).length, 3);
});

test("compaction keeps the last term it took, once", () => {
  const storage = holding(1, 2, 3);
  storage.compact(2);
  deepEqual([storage.firstIndex(), storage.term(2)], [3, 2]);
  throws(() => storage.term(1), { code: "ErrCompacted" });
  throws(() => storage.entries(2, 3, 0), { code: "ErrCompacted" });
  throws(() => storage.compact(2), { code: "ErrCompacted" });
  throws(() => storage.compact(9), /in the log/);
});

test("a snapshot takes the place of the log, unless it is older than one that holds something", () => {
  const storage = holding(1, 2);
  storage.applySnapshot(snapshot(0, 0));
  storage.applySnapshot(snapshot(7, 3));
  deepEqual([storage.firstIndex(), storage.lastIndex(), storage.term(7)], [8, 7, 3]);
  deepEqual(storage.initialState().conf.voters, [1]);
  throws(() => storage.applySnapshot(snapshot(7, 3)), { code: "ErrSnapOutOfDate" });
  storage.append([entry(3, 8)]);
  storage.compact(8);
  equal(storage.snapshot().index, 7);
});
