import { assert, ByteReader, ByteWriter, crc32, DecodeError } from "@isthmus/kernel";
import {
  FRAME_HEADER_BYTES,
  MAX_FRAME_BYTES,
  MAX_PACKET_BYTES,
  MAX_PACKET_FRAMES,
  PACKET_HEADER_BYTES,
  PACKET_SOFT_BYTES,
} from "./limits.ts";

/** One message of a user of the link. `payload` is a view into the packet. */
export interface Frame {
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** Why a packet is refused. After any of these the connection is not to be trusted: it is closed. */
export type PacketFault = "checksum" | "gap" | "repeat" | "malformed" | "oversized";

const LEAST_BUFFER_BYTES = 256;
const MOST_BUFFER_BYTES = 64 * 1024;

/** Gathers the frames of one direction of one connection into numbered, checksummed packets (docs/formats/link.md). */
export class PacketWriter {
  #number = 1;
  #frames = 0;
  #writer: ByteWriter | null = null;
  #bufferBytes = LEAST_BUFFER_BYTES;

  /** Bytes gathered and not yet finished. */
  get waitingBytes(): number {
    return this.#writer === null ? 0 : this.#writer.length;
  }

  /**
   * Appends a frame (the payload is copied). When it would take the packet over its limits, the packet before it is
   * finished and returned, to be sent first.
   */
  append(kind: number, payload: Uint8Array): Uint8Array | null {
    assert(kind >= 0 && kind <= 0xff && Number.isInteger(kind), "a frame's kind is one byte");
    assert(payload.length <= MAX_FRAME_BYTES, "a frame is at most MAX_FRAME_BYTES long");
    const full = this.#isFullFor(payload.length) ? this.finish() : null;
    this.begin().u8(kind).bytes(payload);
    this.#frames += 1;
    return full;
  }

  /** Makes sure that there is a packet to finish, be it one without frames. */
  begin(): ByteWriter {
    if (this.#writer === null) this.#writer = new ByteWriter(this.#bufferBytes).u32(0).u32(0);
    return this.#writer;
  }

  /** The packet gathered so far, or null if there is none. The next one has the next number. */
  finish(): Uint8Array | null {
    if (this.#writer === null) return null;
    const written = this.#writer.finish();
    const packet = Buffer.from(written.buffer, written.byteOffset, written.byteLength);
    packet.writeUInt32LE(this.#number, 0);
    packet.writeUInt32LE(crc32(packet.subarray(PACKET_HEADER_BYTES)), 4);
    assert(packet.length <= MAX_PACKET_BYTES, "a packet is at most MAX_PACKET_BYTES long");

    this.#number = nextNumber(this.#number);
    this.#writer = null;
    this.#frames = 0;
    // The socket keeps the bytes, so each packet has its own buffer, about as large as the one before needed.
    this.#bufferBytes = Math.min(MOST_BUFFER_BYTES, Math.max(LEAST_BUFFER_BYTES, packet.length));
    return packet;
  }

  #isFullFor(payloadBytes: number): boolean {
    if (this.#writer === null) return false;
    const length = this.#writer.length + FRAME_HEADER_BYTES + payloadBytes;
    return length > PACKET_SOFT_BYTES || this.#frames === MAX_PACKET_FRAMES;
  }
}

/** Checks the packets of one direction of one connection. */
export class PacketReader {
  #expected = 1;

  /** All frames of a packet, or why it is refused: never a part of it. */
  read(packet: Uint8Array): readonly Frame[] | PacketFault {
    if (packet.length > MAX_PACKET_BYTES) return "oversized";
    if (packet.length < PACKET_HEADER_BYTES) return "malformed";
    const reader = new ByteReader(packet);
    const number = reader.u32();
    if (reader.u32() !== crc32(packet.subarray(PACKET_HEADER_BYTES))) return "checksum";
    if (number !== this.#expected) return isAhead(number, this.#expected) ? "gap" : "repeat";
    const frames = readFrames(reader);
    if (typeof frames !== "string") this.#expected = nextNumber(number);
    return frames;
  }
}

function readFrames(reader: ByteReader): readonly Frame[] | PacketFault {
  const frames: Frame[] = [];
  try {
    while (reader.remaining > 0) {
      if (frames.length === MAX_PACKET_FRAMES) return "oversized";
      const kind = reader.u8();
      const length = reader.varint();
      if (length > MAX_FRAME_BYTES) return "oversized";
      frames.push({ kind, payload: reader.raw(length) });
    }
  } catch (error) {
    if (error instanceof DecodeError) return "malformed";
    throw error;
  }
  return frames;
}

/** Numbers are dense and wrap: at 10,000 packets a second a connection gets there in five days. */
function nextNumber(number: number): number {
  return (number + 1) >>> 0;
}

function isAhead(number: number, expected: number): boolean {
  return (number - expected) >>> 0 < 0x8000_0000;
}
