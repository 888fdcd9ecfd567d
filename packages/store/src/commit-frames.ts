import { assert, type Key, type StoreWrite } from "@isthmus/kernel";

/** LMDB's bound at its smallest page size, kept at ours so that a store can move between page sizes. */
export const KEY_MAX_BYTES = 1978;

/** Big enough to make messages rare, small enough that packing one is well under a heartbeat's patience (1-2 ms). */
const FRAME_BYTES = 256 * 1024;
const HEAD_BYTES = 8;
const REMOVED = 0xffffffff;

export function assertStorable(key: Key): void {
  assert(key.length > 0 && key.length <= KEY_MAX_BYTES, `a key has 1 to ${KEY_MAX_BYTES} bytes`);
}

/**
 * Packs writes for the writer's thread, frame by frame: the caller gives way to others between two of them. Each
 * frame has an ArrayBuffer of its own, so that it can be transferred instead of copied once more. Asserts that keys
 * ascend: in order each leaf is touched once.
 *
 * A frame is a row of: u32 key length, u32 value length (or 0xffffffff for a removal), key, value; little-endian.
 */
export function* packWrites(writes: readonly StoreWrite[]): Generator<Uint8Array<ArrayBuffer>> {
  let frame = Buffer.from(new ArrayBuffer(roomFor(writes)));
  let at = 0;
  let before: Key | undefined;
  for (const [key, value] of writes) {
    assertStorable(key);
    assert(before === undefined || before < key, "the keys of a commit ascend");
    before = key;
    const bytes = HEAD_BYTES + key.length + (value?.length ?? 0);
    if (at > 0 && at + bytes > frame.length) {
      yield frame.subarray(0, at);
      at = 0;
      frame = Buffer.from(new ArrayBuffer(Math.max(FRAME_BYTES, bytes)));
    } else if (bytes > frame.length) {
      frame = Buffer.from(new ArrayBuffer(bytes));
    }
    frame.writeUInt32LE(key.length, at);
    frame.writeUInt32LE(value === undefined ? REMOVED : value.length, at + 4);
    frame.write(key, at + HEAD_BYTES, key.length, "latin1");
    if (value !== undefined) frame.set(value, at + HEAD_BYTES + key.length);
    at += bytes;
  }
  if (at > 0) yield frame.subarray(0, at);
}

/** What the first frame needs: most commits are small, and of a thousand groups there may be a thousand at a time. */
function roomFor(writes: readonly StoreWrite[]): number {
  let bytes = 0;
  for (const [key, value] of writes) {
    bytes += HEAD_BYTES + key.length + (value?.length ?? 0);
    if (bytes >= FRAME_BYTES) return FRAME_BYTES;
  }
  return bytes;
}

/** The writes of one frame, as views on it. */
export function* unpackWrites(frame: Uint8Array): Generator<[key: Buffer, value: Buffer | undefined]> {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  let at = 0;
  while (at < bytes.length) {
    const keyEnd = at + HEAD_BYTES + bytes.readUInt32LE(at);
    const valueLength = bytes.readUInt32LE(at + 4);
    const key = bytes.subarray(at + HEAD_BYTES, keyEnd);
    at = valueLength === REMOVED ? keyEnd : keyEnd + valueLength;
    yield [key, valueLength === REMOVED ? undefined : bytes.subarray(keyEnd, at)];
  }
  assert(at === bytes.length, "a frame ends with its last write");
}
