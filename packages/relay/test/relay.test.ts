import assert from "node:assert/strict";
import { test } from "node:test";
import type { VersionVector } from "@isthmus/causality";
import { applyControl, type ControlState, foundedControl } from "@isthmus/control";
import { GraphMachine, type StateWriter } from "@isthmus/graph";
import {
  encodeValue,
  type GroupId,
  type Key,
  type NodeId,
  type Origin,
  type RegionId,
  Registry,
} from "@isthmus/kernel";
import { Relay, type RelayedGroup } from "@isthmus/relay";
import {
  type Batch,
  decodeAcknowledge,
  decodeAnnounce,
  decodeStreamBatch,
  decodeStreamEnd,
  decodeSubscribe,
  encodeDataEntry,
  encodeRequest,
  encodeRequests,
  FRAME,
} from "@isthmus/wire";

const GROUP = "main/0" as GroupId;

class MapState implements StateWriter {
  readonly #content = new Map<Key, Uint8Array>();
  get = (key: Key) => this.#content.get(key);
  set(key: Key, value: Uint8Array | undefined): void {
    if (value === undefined) this.#content.delete(key);
    else this.#content.set(key, value);
  }
  *range(from: Key, to: Key): Iterable<readonly [Key, Uint8Array]> {
    for (const key of [...this.#content.keys()].sort())
      if (key >= from && key < to) yield [key, this.#content.get(key) as Uint8Array];
  }
}

/** A region of one node whose group commits at once what it is proposed, unless the test holds it back. */
class Site implements RelayedGroup {
  readonly group = GROUP;
  readonly origin: Origin;
  readonly machine: GraphMachine;
  readonly batches: Batch[] = [];
  readonly held: Uint8Array[] = [];
  holds = false;
  term = 1;
  leads = true;
  readonly isCongested = false;
  #index = 0;
  relay!: Relay;

  constructor(name: string) {
    this.origin = name as Origin;
    const state = new MapState();
    const members = ["a", "b", "c"] as Origin[];
    this.machine = new GraphMachine({
      group: GROUP,
      origin: this.origin,
      state,
      registry: new Registry(),
      retryKeys: 9,
      members,
    });
  }

  get vector(): VersionVector {
    return this.machine.vector;
  }
  headOf = (origin: Origin) => this.machine.headOf(origin);
  get newestBatch(): number {
    return this.batches.length;
  }
  batch = (sequence: number) => this.batches[sequence - 1] as Batch;

  proposeAsLeader(entry: Uint8Array): boolean {
    if (!this.leads) return false;
    if (this.holds) this.held.push(entry);
    else this.commit(entry);
    return true;
  }

  commit(entry: Uint8Array): void {
    this.#index += 1;
    const applied = this.machine.apply(this.#index, this.term, entry);
    if (applied.kind === "local") this.batches.push(applied.batch);
    this.relay.applied(applied);
  }

  write(id: string, bytes = 0): void {
    const value = encodeValue(new Uint8Array(bytes));
    const operation = {
      op: "put_node",
      id,
      condition: null,
      labels: [],
      properties: [["x", value]],
    } as const;
    const request = encodeRequest({
      id: { node: 1, nonce: 1, counter: 1 },
      retry: null,
      operations: [operation],
    });
    this.commit(encodeDataEntry({ kind: "local", epoch: 1, wallMs: 1, requests: encodeRequests([request]) }));
  }
}

interface Letter {
  readonly from: string;
  readonly to: NodeId;
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** Three sites whose frames the test delivers. */
class Sites {
  nowMs = 0;
  readonly registry = new Registry();
  readonly sites = new Map(["a", "b", "c"].map((name) => [name, new Site(name)]));
  letters: Letter[] = [];
  sent: Letter[] = [];
  control: ControlState = foundedControl({
    cluster: "test",
    databases: [{ name: "main", policy: "multi_writer" }],
    regions: ["a", "b", "c"].map((id, index) => ({
      id: id as RegionId,
      priority: 1,
      nodes: [{ id: `${id}-1` as NodeId, number: index + 1, api: "", cluster: "" }],
    })),
  });

  constructor(streamCreditBytes = 100_000) {
    for (const [name, site] of this.sites)
      site.relay = new Relay({
        group: site,
        region: name as RegionId,
        regions: () =>
          [...this.sites.keys()]
            .filter((other) => other !== name)
            .map((other) => ({ region: other as RegionId, nodes: [`${other}-1` as NodeId] })),
        peers: {
          isUp: () => true,
          send: (to, kind, payload) => {
            const letter = { from: name, to, kind, payload };
            this.letters.push(letter);
            this.sent.push(letter);
            return true;
          },
        },
        registry: this.registry,
        streamCreditBytes,
        control: () => this.control,
      });
  }

  site(name: string): Site {
    return this.sites.get(name) as Site;
  }

  deliver({ from, to, kind, payload }: Letter): void {
    const { relay } = this.site(to.slice(0, 1));
    const peer = `${from}-1` as NodeId;
    if (kind === FRAME.announce) relay.takeAnnounce(peer, decodeAnnounce(payload), this.nowMs);
    else if (kind === FRAME.subscribe) relay.takeSubscribe(peer, decodeSubscribe(payload));
    else if (kind === FRAME.batch)
      relay.takeBatch(peer, decodeStreamBatch(payload), payload.length, this.nowMs);
    else if (kind === FRAME.acknowledge) relay.takeAcknowledge(peer, decodeAcknowledge(payload));
    else if (kind === FRAME.streamEnd) relay.takeStreamEnd(peer, decodeStreamEnd(payload), this.nowMs);
    else assert.fail(`a frame of the kind ${kind}`);
  }

  /** Lets all relays run and delivers what they send, until nothing more comes; `drop` loses frames on the way. */
  settle(drop: (letter: Letter) => boolean = () => false): void {
    for (let round = 0; round < 500; round++) {
      for (const { relay } of this.sites.values()) relay.run(this.nowMs);
      const letters = this.letters;
      this.letters = [];
      for (const letter of letters) if (!drop(letter)) this.deliver(letter);
      if (letters.length === 0) return;
    }
    assert.fail("the relays do not come to rest");
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.settle();
  }

  vectors(): string[] {
    return [...this.sites.values()].map((site) => String(site.vector));
  }
}

test("what one region writes the others apply, after everything that it had seen", () => {
  const sites = new Sites();
  sites.settle();
  sites.site("a").write("x");
  sites.settle();
  sites.site("b").write("y");
  sites.settle();
  assert.deepEqual(sites.vectors(), Array(3).fill("a:1 b:1"));
  assert.equal(String(sites.site("b").batch(1).context), "a:1");
});

test("a batch that comes before its context waits for it, and nothing of it is lost", () => {
  const sites = new Sites();
  sites.settle();
  const toC = (letter: Letter) => letter.from === "a" && letter.to === "c-1" && letter.kind === FRAME.batch;
  sites.site("a").write("x");
  const kept: Letter[] = [];
  sites.settle((letter) => toC(letter) && kept.push(letter) > 0);
  sites.site("b").write("y");
  sites.settle();
  assert.equal(String(sites.site("c").vector), "", "b's batch had seen a's, which c lacks");
  for (const letter of kept) sites.deliver(letter);
  sites.settle();
  assert.deepEqual(sites.vectors(), Array(3).fill("a:1 b:1"));
});

test("a sender stops where its credit ends, and goes on as the receiver applies", () => {
  const sites = new Sites(2_000);
  sites.settle();
  const b = sites.site("b");
  b.holds = true;
  for (let index = 0; index < 20; index++) sites.site("a").write(`n${index}`, 900);
  sites.settle();
  const batches = () =>
    sites.sent.filter((letter) => letter.kind === FRAME.batch && letter.to === "b-1").length;
  assert.ok(batches() <= 3, `${batches()} batches of about 1 KB were sent on 2 KB of credit`);
  b.holds = false;
  for (const entry of b.held.splice(0)) b.commit(entry);
  sites.settle();
  assert.equal(b.vector.get("a" as Origin), 20);
});

test("R28: a stream resumes only where the hash at the claimed position is the origin's", () => {
  const sites = new Sites();
  const [a, b] = [sites.site("a"), sites.site("b")];
  a.write("x");
  const other = new Sites();
  other.site("a").write("another x");
  b.commit(encodeDataEntry({ kind: "remote", batch: other.site("a").batch(1) }));
  a.write("y");
  sites.settle();
  assert.equal(String(b.vector), "a:1", "the two histories are not spliced");
  const ends = sites.sent.filter((letter) => letter.kind === FRAME.streamEnd && letter.to === "b-1");
  assert.equal(ends.length > 0 && decodeStreamEnd((ends[0] as Letter).payload).reason, "diverged");
});

test("batches that are lost, repeated or come out of order end the stream, which is asked for again", () => {
  const sites = new Sites();
  sites.settle();
  let dropped = 0;
  for (let index = 0; index < 5; index++) sites.site("a").write(`n${index}`);
  sites.settle((letter) => letter.kind === FRAME.batch && letter.to === "b-1" && dropped++ === 1);
  assert.equal(sites.site("b").vector.get("a" as Origin), 1);
  sites.pass(600);
  assert.deepEqual(sites.vectors(), Array(3).fill("a:5"));
  const refused = sites.registry.samples().find(({ labels, value }) => labels.cause === "gap" && value > 0);
  assert.ok(refused, "the gap was counted by name");
});

test("a paused link rests in one direction, and goes on where it stopped", () => {
  const sites = new Sites();
  sites.settle();
  const set = (paused: boolean) => {
    const command = { kind: "set_link", from: "a" as RegionId, to: "b" as RegionId, paused } as const;
    sites.control = applyControl(sites.control, command).state;
  };
  set(true);
  sites.settle();
  sites.site("a").write("x");
  sites.site("b").write("y");
  sites.pass(1_000);
  assert.equal(sites.site("b").vector.get("a" as Origin), 0);
  assert.equal(sites.site("a").vector.get("b" as Origin), 1);
  const status = sites
    .site("b")
    .relay.status(sites.nowMs)
    .find(({ from }) => from === "a");
  assert.deepEqual([status?.state, status?.lagOps], ["paused", 1]);
  set(false);
  sites.pass(1_000);
  assert.equal(sites.site("b").vector.get("a" as Origin), 1);
});

test("lag is what the origin last told less what is applied, and null once that news is old", () => {
  const sites = new Sites();
  sites.settle();
  const lag = () =>
    sites
      .site("b")
      .relay.status(sites.nowMs)
      .find(({ from }) => from === "a")?.lagOps;
  assert.equal(lag(), 0);
  sites.nowMs += 3_001;
  assert.equal(lag(), null);
  sites.settle();
  assert.equal(lag(), 0);
});

test("an announcement in another region's name is refused", () => {
  const sites = new Sites();
  sites.settle();
  const announce = { group: GROUP, origin: "a" as Origin, term: 99, sequence: 99, hash: new Uint8Array(32) };
  sites.site("c").relay.takeAnnounce("b-1" as NodeId, announce, sites.nowMs);
  const status = sites
    .site("c")
    .relay.status(sites.nowMs)
    .find(({ from }) => from === "a");
  assert.equal(status?.lagOps, 0);
});

test("a leader elected anew in a later term is asked anew: the stream of its earlier term is over", () => {
  const sites = new Sites();
  sites.settle();
  const a = sites.site("a");
  a.leads = false;
  sites.settle();
  a.leads = true;
  a.term = 2;
  a.write("x");
  sites.pass(1_000);
  assert.equal(sites.site("b").vector.get("a" as Origin), 1);
});

test("a stream that is asked for again while its batches are still being applied does not stall", () => {
  const sites = new Sites(3_000);
  sites.settle();
  const b = sites.site("b");
  b.holds = true;
  for (let index = 0; index < 20; index++) sites.site("a").write(`n${index}`, 900);
  sites.settle();
  // The link breaks with the window full of proposed, unapplied batches; then they are applied.
  b.relay.peerDown("a-1" as NodeId);
  sites.site("a").relay.peerDown("b-1" as NodeId);
  sites.pass(1_000);
  b.holds = false;
  for (const entry of b.held.splice(0)) b.commit(entry);
  sites.pass(1_000);
  sites.pass(1_000);
  assert.equal(b.vector.get("a" as Origin), 20);
});
