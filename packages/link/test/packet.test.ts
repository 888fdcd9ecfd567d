import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "@isthmus/kernel";
import { type Frame, MAX_FRAME_BYTES, MAX_PACKET_BYTES, PacketReader, PacketWriter } from "@isthmus/link";
import fc from "fast-check";

test("what was written is read, in order, in as many packets as it takes", () => {
  const frame = fc.record({
    kind: fc.nat(255),
    payload: fc.uint8Array({ maxLength: 40 }),
    flush: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(frame), (frames) => {
      const { packets } = written(frames);
      const reader = new PacketReader();
      const read = packets.flatMap((packet) => frameList(reader.read(packet)));
      assert.deepEqual(
        read.map(({ kind, payload }) => [kind, Buffer.from(payload)]),
        frames.map(({ kind, payload }) => [kind, Buffer.from(payload)]),
      );
    }),
  );
});

test("no flipped bit, cut or added byte goes unseen", () => {
  const damage = fc.record({ at: fc.nat(), bit: fc.nat(7), how: fc.constantFrom("flip", "cut", "add") });
  const payloads = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(payloads, damage, (payloads, { at, bit, how }) => {
      const [packet] = written(payloads.map((payload) => ({ kind: 1, payload, flush: false }))).packets;
      assert.ok(packet);
      const place = at % packet.length;
      let damaged = Buffer.from(packet);
      if (how === "flip") damaged[place] = (damaged[place] ?? 0) ^ (1 << bit);
      else if (how === "cut") damaged = damaged.subarray(0, place);
      else damaged = Buffer.concat([damaged, Buffer.alloc(1 + (at % 9), bit)]);
      assert.equal(typeof new PacketReader().read(damaged), "string");
    }),
  );
});

test("a packet that is missing is a gap, one that comes twice a repeat, and neither is taken", () => {
  const { packets } = written([1, 2, 3].map((kind) => ({ kind, payload: Uint8Array.of(kind), flush: true })));
  const [first, second, third] = packets;
  assert.ok(first && second && third);
  const reader = new PacketReader();
  assert.equal(reader.read(second), "gap");
  assert.equal(frameList(reader.read(first)).length, 1);
  assert.equal(reader.read(first), "repeat");
  assert.equal(reader.read(third), "gap");
  assert.equal(frameList(reader.read(second)).length, 1);
});

test("frames that break the structure under a good checksum are malformed", () => {
  const bodies = {
    "no length": [1],
    "a length beyond the end": [1, 5, 0],
    "a length in a long form": [1, 0x81, 0x00, 0],
    "a length without an end": [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  };
  for (const [what, body] of Object.entries(bodies)) {
    assert.equal(new PacketReader().read(sealed(1, Uint8Array.from(body))), "malformed", what);
  }
  assert.equal(new PacketReader().read(new Uint8Array(7)), "malformed");
});

test("a packet or frame beyond its limit is oversized, also when it is only announced", () => {
  assert.equal(new PacketReader().read(new Uint8Array(MAX_PACKET_BYTES + 1)), "oversized");
  const announced = Uint8Array.from([1, 0x81, 0x80, 0x80, 0x04]);
  assert.equal(new PacketReader().read(sealed(1, announced)), "oversized");
  assert.equal(
    new PacketReader().read(sealed(1, new Uint8Array(2 * 65_537))),
    "oversized",
    "too many frames",
  );
});

test("the largest frame passes, a larger one is not sent", () => {
  const writer = new PacketWriter();
  writer.append(1, new Uint8Array(MAX_FRAME_BYTES));
  const packet = writer.finish();
  assert.ok(packet);
  assert.equal(frameList(new PacketReader().read(packet))[0]?.payload.length, MAX_FRAME_BYTES);
  assert.throws(() => writer.append(1, new Uint8Array(MAX_FRAME_BYTES + 1)), /MAX_FRAME_BYTES/);
});

test("a packet is finished before it grows beyond a mebibyte or 65,536 frames", () => {
  const writer = new PacketWriter();
  const half = new Uint8Array(512 * 1024);
  assert.equal(writer.append(1, half), null);
  const full = writer.append(1, half);
  assert.equal(full?.length, 8 + 1 + 3 + half.length);
  writer.finish();
  for (let count = 0; count < 65_536; count++) assert.equal(writer.append(1, new Uint8Array(0)), null);
  assert.equal(writer.append(1, new Uint8Array(0))?.length, 8 + 2 * 65_536);
});

function written(frames: readonly (Frame & { flush: boolean })[]): { packets: Uint8Array[] } {
  const writer = new PacketWriter();
  const packets: Uint8Array[] = [];
  const keep = (packet: Uint8Array | null): void => {
    if (packet !== null) packets.push(packet);
  };
  for (const { kind, payload, flush } of frames) {
    keep(writer.append(kind, payload));
    if (flush) keep(writer.finish());
  }
  keep(writer.finish());
  return { packets };
}

function frameList(read: ReturnType<PacketReader["read"]>): readonly Frame[] {
  assert.ok(typeof read !== "string", `read, not ${String(read)}`);
  return read;
}

function sealed(number: number, body: Uint8Array): Uint8Array {
  const packet = Buffer.alloc(8 + body.length);
  packet.writeUInt32LE(number, 0);
  packet.writeUInt32LE(crc32(body), 4);
  packet.set(body, 8);
  return packet;
}
