import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, exchange, patch, put, Region, remove } from "./support/region.ts";

const values = (region: Region, id: string) => {
  const properties = region.reader.getNode(id)?.properties;
  return properties && { ...properties };
};

test("T1: a condition is decided once, in the origin; every region obeys", () => {
  const eu = new Region("eu");
  const us = new Region("us");
  eu.write({ operations: [put("r", { x: 1 })] });
  exchange(eu, us);
  us.write({ operations: [patch("r", { x: 2 })] });
  // EU has x=1, US has x=2, not yet exchanged; both decide on what they see.
  const version = eu.reader.getNode("r")?.version ?? "";
  const [decided] = eu.write({
    operations: [{ ...patch("r", { y: 9 }), condition: { kind: "match", version } }],
  });
  assert.equal(decided?.status, "applied");
  const [refused] = us.write({
    operations: [{ ...patch("r", { z: 9 }), condition: { kind: "match", version } }],
  });
  assert.equal(refused?.status === "refused" && refused.code, "version_mismatch");
  exchange(eu, us);
  assert.equal(String(eu.machine.vector), String(us.machine.vector));
  assert.equal(eu.digest, us.digest);
  assert.deepEqual(values(us, "r"), { x: 2, y: 9 });
  assert.deepEqual(values(eu, "r"), { x: 2, y: 9 });
});

test("T1: a missing end of an edge is missing in its origin only", () => {
  const eu = new Region("eu");
  const us = new Region("us");
  const ap = new Region("ap");
  us.write({ operations: [put("a"), put("b")] });
  exchange(us, ap);
  us.write({ operations: [connect("e", "a", "b")] });
  ap.write({ operations: [remove("b")] });
  exchange(us, eu, ap);
  // A delete elsewhere neither undoes the edge nor is undone by where the edge arrives first.
  assert.deepEqual(
    [us, eu, ap].map((region) => region.reader.getEdge("e")?.to),
    ["b", "b", "b"],
  );
  assert.equal(new Set([us, eu, ap].map((region) => region.digest)).size, 1);
});

test("T8: numbers are given to what is committed: a dropped proposal and a no-op leave no gap", () => {
  const us = new Region("us");
  const eu = new Region("eu");
  us.localEntry([{ operations: [put("dropped")] }]);
  eu.write({ operations: [put("b")] });
  const [batch] = eu.batches;
  assert.ok(batch);
  us.receive(batch);
  // Proposed twice by two leaders: the second is a no-op, and what follows claims nothing of it.
  us.receive(batch);
  us.write({ operations: [put("a")] });
  assert.equal(us.batches[0]?.sequence, 1);
  assert.equal(String(us.batches[0]?.context), "eu:1");
  exchange(us, eu);
  assert.equal(us.digest, eu.digest);
});

test("T15: one key in two regions counts once, whichever arrives first", () => {
  for (const order of ["us first", "eu first"] as const) {
    const us = new Region("us");
    const eu = new Region("eu");
    const ap = new Region("ap");
    us.write({ operations: [put("r", { x: 0 })] });
    exchange(us, eu, ap);
    const request = { operations: [put("r", { x: 1 })], key: "k" };
    us.write(request);
    us.write({ operations: [patch("r", { x: 2 })] });
    // The reply was lost; the retry reaches EU before US's batches do, with a later clock there.
    eu.clockMs = us.clockMs + 1000;
    const [retried] = eu.write(request);
    assert.equal(retried?.status, "applied");
    if (order === "us first") {
      exchange(us, ap);
      exchange(us, eu, ap);
    } else {
      exchange(eu, ap);
      exchange(us, eu, ap);
    }
    // Had the retry counted as a write of its own it would have won over x=2 by its stamp.
    for (const region of [us, eu, ap]) assert.deepEqual(values(region, "r"), { x: 2 }, order);
    assert.equal(new Set([us, eu, ap].map((region) => region.digest)).size, 1);
    // From now on every region gives the answer of the one that counts.
    const answers = [us, eu, ap].map((region) => region.write(request)[0]?.batch);
    assert.deepEqual(
      new Set(answers.map((batch) => `${batch?.origin}:${batch?.sequence}`)),
      new Set(["us:2"]),
    );
  }
});

test("T15: a retry that counts elsewhere brings nothing back that was deleted meanwhile", () => {
  const us = new Region("us");
  const eu = new Region("eu");
  const request = { operations: [put("r", { x: 1 })], key: "k" };
  us.write(request);
  us.write({ operations: [remove("r")] });
  eu.clockMs = us.clockMs + 1000;
  eu.write(request);
  exchange(us, eu);
  for (const region of [us, eu]) assert.equal(region.reader.getNode("r"), undefined);
  assert.equal(us.digest, eu.digest);
});

test("T15: two keys that cross between two regions lose nothing", () => {
  const us = new Region("us");
  const eu = new Region("eu");
  const a = { operations: [put("r", { x: "a" })], key: "a" };
  const b = { operations: [put("r", { x: "b" })], key: "b" };
  us.write(a);
  us.write(b);
  eu.clockMs = 500;
  eu.write(b);
  eu.clockMs = 2_000;
  eu.write(a);
  exchange(us, eu);
  // Each region's second write covers its first, and is the echo of the other's: both are echoes, one is seen.
  for (const region of [us, eu]) assert.deepEqual(values(region, "r"), { x: "a" });
  assert.equal(us.digest, eu.digest);
});

test("T15: a key is remembered until no region can send a batch that had not seen it", () => {
  const us = new Region("us", 3);
  const eu = new Region("eu", 3);
  const keysAt = (region: Region) =>
    [...region.state.content.keys()]
      .filter((key) => key.startsWith("kkey"))
      .map((key) => key.slice(5))
      .sort();
  for (let index = 0; index < 6; index++) us.write({ operations: [put(`n${index}`)], key: `key-${index}` });
  // EU takes one of the keys late, from the same client, before it has seen any of this.
  eu.clockMs = us.clockMs + 1000;
  eu.write({ operations: [put("n0")], key: "key-0" });
  assert.deepEqual(keysAt(us), ["0", "1", "2", "3", "4", "5"]);
  exchange(us, eu);
  assert.equal(us.digest, eu.digest, "both know which of the two is the echo");
  // A batch of EU that has seen them all, even an empty one, lets them go, oldest first.
  eu.write();
  exchange(us, eu);
  for (const index of [6, 7]) us.write({ operations: [put(`n${index}`)], key: `key-${index}` });
  exchange(us, eu);
  assert.deepEqual(keysAt(us), ["0", "4", "5", "6", "7"], "key-0 is still remembered as EU's own");
  assert.equal(us.digest, eu.digest);
});

test("while a region is away its need is kept for long, and not for ever", () => {
  const us = new Region("us", 3);
  for (let index = 0; index < 30; index++) us.write({ operations: [put("n")], key: `key-${index}` });
  assert.equal(us.machine.retryMemory().keys, 12);
});

test("a key is forgotten a day later, by the clock of its origin's own stream", () => {
  const us = new Region("us");
  us.write({ operations: [put("a")], key: "old" });
  assert.equal(us.machine.retryMemory().keys, 1);
  const eu = new Region("eu");
  exchange(us, eu);
  eu.write();
  exchange(us, eu);
  us.clockMs += 24 * 60 * 60 * 1000 + 1_000;
  us.write({ operations: [put("b")], key: "new" });
  assert.deepEqual(us.machine.retryMemory(), { keys: 1, sinceMs: us.clockMs - 1 });
  us.write({ operations: [put("a")], key: "old" });
  assert.equal(us.batches.at(-1)?.sequence, 3, "it counts as a new one");
  assert.equal(us.reader.getNode("a")?.version, "us.1.3.0");
});

test("a key under another body is refused, and so remembered nowhere", () => {
  const us = new Region("us");
  const eu = new Region("eu");
  us.write({ operations: [put("a", { x: 1 })], key: "k" });
  exchange(us, eu);
  for (const region of [us, eu]) {
    const [result] = region.write({ operations: [put("a", { x: 2 })], key: "k" });
    assert.equal(result?.status === "refused" && result.code, "idempotency_mismatch");
  }
  exchange(us, eu);
  assert.equal(us.digest, eu.digest);
  assert.deepEqual(values(eu, "a"), { x: 1 });
});

test("a refusal under a key is repeated, not decided again; twice in one entry counts once", () => {
  const us = new Region("us");
  const request = { operations: [patch("a", { x: 1 })], key: "k" };
  assert.equal(us.write(request)[0]?.status, "refused");
  us.write({ operations: [put("a")] });
  assert.equal(us.write(request)[0]?.status, "refused");
  const twice = { operations: [put("b")], key: "b" };
  const [first, second] = us.write(twice, twice);
  assert.deepEqual(
    first?.status === "applied" && first.versions,
    second?.status === "applied" && second.versions,
  );
  assert.equal(us.reader.getNode("b")?.version, "us.1.4.0");
  assert.deepEqual(second?.batch.hash, us.batches.at(-1)?.hash);
});

test("T16: put removes what it had seen and does not name; a concurrent patch's property stands", () => {
  const a = new Region("a");
  const b = new Region("b");
  const c = new Region("c");
  a.write({ operations: [put("r", { p: 0, old: 0 })] });
  exchange(a, b, c);
  a.write({ operations: [put("r", { p: 1 })] });
  b.write({ operations: [patch("r", { q: 1 })] });
  const [putBatch, patchBatch] = [a.batches.at(-1), b.batches.at(-1)];
  assert.ok(putBatch && patchBatch);
  // The third region sees them the other way round.
  c.receive(patchBatch);
  c.receive(putBatch);
  exchange(a, b, c);
  for (const region of [a, b, c]) assert.deepEqual(values(region, "r"), { p: 1, q: 1 });
  assert.equal(new Set([a, b, c].map((region) => region.digest)).size, 1);
});

test("T17: an edge that a concurrent write made stands against the delete of its node, and brings it back", () => {
  const a = new Region("a");
  const b = new Region("b");
  a.write({ operations: [put("n", { x: 1 }, ["L"]), put("m")] });
  exchange(a, b);
  a.write({ operations: [connect("e", "m", "n")] });
  b.write({ operations: [remove("n")] });
  exchange(a, b);
  for (const region of [a, b]) {
    assert.equal(region.reader.getEdge("e")?.to, "n");
    assert.deepEqual(region.reader.getNode("n")?.labels, ["L"]);
  }
  assert.equal(a.digest, b.digest);
});

test("of concurrent writes of one property the last wins, everywhere; a delete loses to a concurrent update", () => {
  const a = new Region("a");
  const b = new Region("b");
  a.write({ operations: [put("r", { x: 0 })] });
  exchange(a, b);
  a.clockMs = 5_000;
  b.clockMs = 6_000;
  a.write({ operations: [put("r", { x: "a" })] });
  b.write({ operations: [put("r", { x: "b" })] });
  exchange(a, b);
  for (const region of [a, b]) assert.deepEqual(values(region, "r"), { x: "b" });
  // A write that has seen both replaces both.
  a.write({ operations: [put("r", { x: "c" })] });
  b.write({ operations: [remove("r")] });
  exchange(a, b);
  for (const region of [a, b]) assert.deepEqual(values(region, "r"), { x: "c" });
  assert.equal(a.digest, b.digest);
  const stored = [...a.state.content].find(([key]) => key === "nr");
  const other = [...b.state.content].find(([key]) => key === "nr");
  assert.deepEqual(stored, other);
});

test("stamps grow past everything seen, whatever the clock says", () => {
  const a = new Region("a");
  const b = new Region("b");
  a.clockMs = 1_000_000;
  a.write({ operations: [put("r", { x: "a" })] });
  exchange(a, b);
  b.write({ operations: [put("r", { x: "b" })] });
  exchange(a, b);
  for (const region of [a, b]) assert.deepEqual(values(region, "r"), { x: "b" });
});
