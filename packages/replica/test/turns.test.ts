import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogRecords } from "@isthmus/replica";
import { put, Trio } from "./support/trio.ts";

/** A group that has come to rest, and what its logs are asked to write and its members send from then on. */
function watched() {
  const trio = new Trio();
  const leader = trio.elect();
  trio.pass(5);
  const appends = trio.logs.map((log) => {
    const seen: LogRecords[] = [];
    const append = log.append.bind(log);
    log.append = (records, onDurable) => {
      seen.push(records);
      append(records, onDurable);
    };
    return seen;
  });
  const acknowledgements: number[] = [];
  const lost = new Set<number>();
  const deliver = trio.deliver.bind(trio);
  trio.deliver = (letter) => {
    if (letter.kind === "raft" && letter.message.type === "MsgAppResp") {
      acknowledgements.push(letter.from);
      if (lost.has(letter.from)) return;
    }
    deliver(letter);
  };
  const others = [1, 2, 3].filter((number) => number !== trio.numberOf(leader));
  return { trio, leader, appends, acknowledgements, lost, others };
}

const request = (id: string) => ({ operations: [put(id, 1)], retry: null });

test("a commit index asks no disk of its own, and the log of a group that falls quiet has it two ticks later", async () => {
  const { trio, leader, appends } = watched();
  const written = leader.write(request("n1"), 1000);
  trio.settle();
  await written;
  assert.deepEqual(
    appends.map((seen) => seen.length),
    [1, 1, 1],
    "the entry alone is written, once a member",
  );
  trio.pass(2);
  for (const log of trio.logs) assert.equal(log.hardState.commit, leader.commitIndex);
});

test("a member acknowledges an entry once, and not again with the message that says that it is committed", async () => {
  const { trio, leader, acknowledgements, others } = watched();
  const written = leader.write(request("n1"), 1000);
  trio.settle();
  await written;
  assert.deepEqual(acknowledgements.sort(), others);
  for (const replica of trio.replicas) assert.equal(replica.machine.appliedIndex, leader.commitIndex);
});

test("a leader that missed an acknowledgement hears it again, and counts on that member", async () => {
  const { trio, leader, lost, others } = watched();
  const [first, second] = others as [number, number];
  lost.add(first);
  const written = leader.write(request("n1"), 1000);
  trio.settle();
  await written;
  lost.clear();
  trio.pass(3);
  trio.cut.add(second);
  const more = leader.write(request("n2"), 1000);
  trio.pass(2);
  assert.equal((await more).result.status, "applied");
});
