import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWriter, type NodeId, type RegionId } from "@isthmus/kernel";
import { type LinkIdentity, type LinkPeer, PacketWriter, type Received, Session } from "@isthmus/link";

const PING = 0xf2;
const PONG = 0xf3;

test("a dialer and an accepter greet, confirm and come up, the dialer half a round trip earlier", () => {
  const { dialer, accepter } = greeted();
  assert.deepEqual([dialer.phase, accepter.phase], ["up", "up"]);
  assert.deepEqual([dialer.peer?.node, accepter.peer?.node], ["b", "a"]);

  const early = pair();
  early.dialer.opened();
  carry(early.dialer, early.accepter);
  assert.deepEqual([early.dialer.phase, early.accepter.phase], ["greeting", "confirming"]);
  carry(early.accepter, early.dialer);
  assert.deepEqual([early.dialer.phase, early.accepter.phase], ["up", "confirming"]);
});

test("frames that the dialer sends with its confirmation are delivered with the coming up", () => {
  const { dialer, accepter } = pair();
  dialer.opened();
  carry(dialer, accepter);
  carry(accepter, dialer);
  dialer.send(3, Uint8Array.of(9));
  const [received] = carry(dialer, accepter);
  assert.ok(received?.kind === "accepted" && received.cameUp);
  assert.deepEqual(
    received.frames.map(({ kind, payload }) => [kind, ...payload]),
    [[3, 9]],
  );
});

const other = new Uint8Array(32).fill(8);
const greetings: Record<
  string,
  {
    dialer?: Partial<LinkIdentity>;
    target?: string;
    accepter?: Partial<LinkIdentity>;
    cause: string;
    by: "dialer" | "accepter";
  }
> = {
  "another cluster": { dialer: { cluster: "other" }, cause: "wrong_cluster", by: "accepter" },
  "a cluster of the same name founded apart": {
    dialer: { foundingHash: other },
    cause: "wrong_founding",
    by: "accepter",
  },
  "a lower generation": { dialer: { generation: 1 }, cause: "lower_generation", by: "accepter" },
  "a higher generation": { dialer: { generation: 3 }, cause: "higher_generation", by: "accepter" },
  "a node meant for another": { target: "c", cause: "wrong_node", by: "accepter" },
  "a node nobody knows": { dialer: { node: "a0" as NodeId }, cause: "unknown_peer", by: "accepter" },
  "a node of another region": {
    dialer: { region: "elsewhere" as RegionId },
    cause: "wrong_region",
    by: "accepter",
  },
  "a dialer with a greater id": { dialer: { node: "c" as NodeId }, cause: "wrong_direction", by: "accepter" },
  "a node that dials itself": { dialer: { node: "b" as NodeId }, cause: "unknown_peer", by: "accepter" },
};

for (const [who, { dialer: changes, target, accepter: others, cause }] of Object.entries(greetings)) {
  test(`${who} is refused as ${cause} and gets no answer`, () => {
    const dialer = session({ ...identity("a"), ...changes }, peer(target ?? "b"));
    const accepter = session({ ...identity("b"), ...others }, null);
    dialer.opened();
    assert.deepEqual(carry(dialer, accepter), [{ kind: "refused", cause }]);
    assert.equal(accepter.phase, "greeting");
    assert.equal(accepter.waitingBytes, 0);
  });
}

test("a dialer refuses whoever answers in another node's place, or answers another hello", () => {
  const impostor = session(identity("c"), null);
  const toC = session(identity("a"), peer("c"));
  toC.opened();
  carry(toC, impostor);
  const toB = session(identity("a"), peer("b"));
  toB.opened();
  toB.flush(0);
  assert.deepEqual(carry(impostor, toB), [{ kind: "refused", cause: "wrong_node" }]);

  const first = pair();
  first.dialer.opened();
  carry(first.dialer, first.accepter);
  const second = session(identity("a"), peer("b"), 2);
  second.opened();
  assert.deepEqual(carry(first.accepter, second), [{ kind: "refused", cause: "wrong_echo" }]);
});

test("an accepter refuses a dialer that confirms another greeting, or does not confirm", () => {
  for (const [kind, payload, cause] of [
    [0xf1, new Uint8Array(8).fill(77), "wrong_echo"],
    [3, new Uint8Array(8), "malformed"],
  ] as const) {
    const { dialer, accepter } = pair();
    dialer.opened();
    const writer = new PacketWriter();
    const [hello] = dialer.flush(0);
    assert.ok(hello);
    assert.equal(accepter.receive(0, hello).kind, "accepted");
    writer.append(0, new Uint8Array(0));
    writer.finish();
    writer.append(kind, payload);
    const [confirmation] = [writer.finish()];
    assert.ok(confirmation);
    assert.deepEqual(accepter.receive(0, confirmation), { kind: "refused", cause });
  }
});

test("a first packet that is no hello, is too large, is damaged or has company is refused by name", () => {
  const first = (kind: number, payload: Uint8Array, more = false): Uint8Array => {
    const writer = new PacketWriter();
    writer.append(kind, payload);
    if (more) writer.append(1, payload);
    const packet = writer.finish();
    assert.ok(packet);
    return packet;
  };
  const cases: [Uint8Array, string][] = [
    [first(1, new Uint8Array(4)), "no_hello"],
    [first(0xf0, new Uint8Array(2000)), "oversized"],
    [first(0xf0, new Uint8Array(20).fill(1)), "malformed"],
    [first(0xf0, Uint8Array.of(9, 8)), "wrong_version"],
    [first(0xf0, Uint8Array.of(0, 0)), "wrong_version"],
    [first(0xf0, Uint8Array.of(1, 2)), "malformed"],
    [first(0xf0, new Uint8Array(20), true), "malformed"],
    [new Uint8Array(3), "malformed"],
    [first(0xf0, new Uint8Array(20)).fill(1, 4, 8), "checksum"],
  ];
  for (const [packet, cause] of cases) {
    assert.deepEqual(session(identity("b"), null).receive(0, packet), { kind: "refused", cause });
  }
});

test("a hello of a newer version that still speaks ours is taken, whatever it adds", () => {
  const dialer = session(identity("a"), peer("b"));
  dialer.opened();
  const [packet] = dialer.flush(0);
  assert.ok(packet);
  const payload = Buffer.from(packet.subarray(8 + 2));
  payload[0] = 2;
  const writer = new PacketWriter();
  writer.append(0xf0, Buffer.concat([payload, Buffer.from("more")]));
  const newer = writer.finish();
  assert.ok(newer);
  const accepter = session(identity("b"), null);
  assert.equal(accepter.receive(0, newer).kind, "accepted");
  assert.equal(accepter.phase, "confirming");
});

test("of a packet with one bad frame nothing is delivered", () => {
  for (const [kind, payload] of [
    [0xf0, new Uint8Array(0)],
    [0xf1, new Uint8Array(8)],
    [0xff, new Uint8Array(4)],
    [PING, new Uint8Array(3)],
  ] as const) {
    const { accepter } = greeted();
    const writer = new PacketWriter();
    for (let spent = 0; spent < 2; spent++) {
      writer.append(1, new Uint8Array(0));
      writer.finish();
    }
    writer.append(1, Uint8Array.of(1));
    writer.append(kind, payload);
    const packet = writer.finish();
    assert.ok(packet);
    assert.deepEqual(accepter.receive(0, packet), { kind: "refused", cause: "malformed" });
  }
});

test("a connection that said nothing for a second sends an empty packet, which asks for no answer", () => {
  const { dialer, accepter } = greeted();
  dialer.tick(250);
  carry(dialer, accepter, 260);
  carry(accepter, dialer, 275);
  assert.equal(dialer.tick(1259), "quiet");
  assert.equal(dialer.tick(1260), "flush");
  assert.equal(dialer.waitingBytes, 8);
  assert.deepEqual(carry(dialer, accepter, 1260), [{ kind: "accepted", cameUp: false, frames: [] }]);
  assert.equal(accepter.waitingBytes, 0);
});

test("the round trip is measured at once and then every five seconds, idle or busy", () => {
  for (const busy of [false, true]) {
    const { dialer, accepter } = greeted();
    assert.equal(dialer.roundTripMs, null);
    const measured: number[] = [];
    for (let nowMs = 250; nowMs <= 20_000; nowMs += 250) {
      dialer.tick(nowMs);
      if (busy) dialer.send(1, new Uint8Array(1));
      accepter.tick(nowMs);
      carry(dialer, accepter, nowMs + 10);
      if (accepter.waitingBytes === 8 + 6 || accepter.waitingBytes === 8 + 12) measured.push(nowMs);
      carry(accepter, dialer, nowMs + 25);
      assert.equal(dialer.roundTripMs, 25);
    }
    assert.deepEqual(measured, [250, 5250, 10_250, 15_250]);
  }
});

test("a busy connection sends no keepalives", () => {
  const { dialer, accepter } = greeted();
  let flushes = 0;
  for (let nowMs = 250; nowMs <= 20_000; nowMs += 250) {
    if (dialer.tick(nowMs) === "flush") flushes += 1;
    dialer.send(1, new Uint8Array(1));
    accepter.tick(nowMs);
    carry(dialer, accepter, nowMs);
    carry(accepter, dialer, nowMs);
  }
  assert.equal(flushes, 4, "the pings alone");
});

test("a late or invented pong measures nothing", () => {
  const { dialer, accepter } = greeted();
  accepter.tick(250);
  carry(accepter, dialer, 250);
  dialer.flush(250);
  const writer = new PacketWriter();
  for (let spent = 0; spent < 2; spent++) {
    writer.append(1, new Uint8Array(0));
    writer.finish();
  }
  writer.append(PONG, new ByteWriter().u32(99).finish());
  const pong = writer.finish();
  assert.ok(pong);
  assert.equal(accepter.receive(300, pong).kind, "accepted");
  assert.equal(accepter.roundTripMs, null);
});

test("a flood of pings in one packet gets one answer", () => {
  const { dialer, accepter } = greeted();
  const writer = new PacketWriter();
  for (let spent = 0; spent < 2; spent++) {
    writer.append(1, new Uint8Array(0));
    writer.finish();
  }
  for (let count = 0; count < 1000; count++) writer.append(PING, new ByteWriter().u32(count).finish());
  const flood = writer.finish();
  assert.ok(flood);
  assert.equal(accepter.receive(0, flood).kind, "accepted");
  assert.equal(accepter.waitingBytes, 8 + 6);
  assert.equal(dialer.phase, "up");
});

test("three seconds of silence end a connection, but not three seconds in which this node slept", () => {
  const { dialer } = greeted();
  for (let nowMs = 250; nowMs < 3000; nowMs += 250) assert.notEqual(dialer.tick(nowMs), "silent");
  assert.equal(dialer.tick(3000), "silent");

  const asleep = greeted().dialer;
  assert.notEqual(asleep.tick(250), "silent");
  assert.notEqual(asleep.tick(60_000), "silent");
});

test("each step towards up has three seconds", () => {
  const ticks = (session: Session): string => {
    for (let nowMs = 250; nowMs <= 10_000; nowMs += 250) {
      const ticked = session.tick(nowMs);
      if (ticked !== "quiet") return `${ticked} at ${nowMs}`;
    }
    return "nothing";
  };
  assert.equal(ticks(session(identity("a"), peer("b"))), "connect_timeout at 3000");
  assert.equal(ticks(session(identity("b"), null)), "greeting_timeout at 3000");
  const { dialer, accepter } = pair();
  dialer.opened();
  carry(dialer, accepter);
  assert.equal(ticks(dialer), "greeting_timeout at 3000");
  assert.equal(ticks(accepter), "greeting_timeout at 3000");
});

test("what cannot be is asserted: frames before up, the link's own kinds, anything after the close", () => {
  const { dialer, accepter } = pair();
  assert.throws(() => dialer.send(1, new Uint8Array(0)), /does not hold/);
  assert.throws(() => accepter.opened(), /does not hold/);
  const up = greeted();
  assert.throws(() => up.dialer.send(0xf0, new Uint8Array(0)), /does not hold/);
  up.dialer.close();
  assert.throws(() => up.dialer.send(1, new Uint8Array(0)), /does not hold/);
  assert.throws(() => up.dialer.receive(0, new Uint8Array(8)), /does not hold/);
  assert.equal(up.dialer.tick(9999), "quiet");
});

function identity(node: string): LinkIdentity {
  return {
    cluster: "test",
    foundingHash: new Uint8Array(32).fill(7),
    generation: 2,
    dataId: new Uint8Array(16),
    node: node as NodeId,
    region: "r" as RegionId,
  };
}

function peer(node: string): LinkPeer {
  return { node: node as NodeId, region: "r" as RegionId, address: `ws://${node}:1` };
}

function session(self: LinkIdentity, target: LinkPeer | null, nonce = 1): Session {
  const peers = new Map(
    ["a", "b", "c"].filter((node) => node !== self.node).map((node) => [node as NodeId, peer(node)]),
  );
  return new Session({ self, peers, target, nonce: new Uint8Array(8).fill(nonce), nowMs: 0 });
}

function pair(): { dialer: Session; accepter: Session } {
  return { dialer: session(identity("a"), peer("b")), accepter: session(identity("b"), null, 5) };
}

/** Everything that one side has to say is taken by the other. */
function carry(from: Session, to: Session, nowMs = 0): Received[] {
  return from.flush(nowMs).map((packet) => to.receive(nowMs, packet));
}

function greeted(): { dialer: Session; accepter: Session } {
  const { dialer, accepter } = pair();
  dialer.opened();
  carry(dialer, accepter);
  carry(accepter, dialer);
  carry(dialer, accepter);
  return { dialer, accepter };
}
