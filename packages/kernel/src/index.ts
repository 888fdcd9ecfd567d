/**
 * The words that every floor uses: assertions, errors, ids, bytes, checksums, seeded randomness, a bounded inbox, the
 * registry of counters, typed values, and the ports through which a node reaches the world.
 *
 * It leaves to others: what the ports do (`host` and `sim`), and every protocol.
 */
export { AssertionError, assert, must, unreachable } from "./assert.ts";
export { ByteReader, ByteWriter, equalBytes, fromHex, fromUtf8, hex, utf8 } from "./bytes.ts";
export { crc32, SHA256_BYTES, sha256, sha256Of } from "./checksum.ts";
export { type Counter, type Labels, Registry, type Sample } from "./counters.ts";
export { DecodeError, type Facts, IsthmusError } from "./errors.ts";
export {
  CONTROL_GROUP,
  checkRecordId,
  databaseOf,
  dataGroup,
  type GroupId,
  isName,
  type NodeId,
  type Origin,
  originOf,
  RECORD_ID_MAX_BYTES,
  type RegionId,
  recordIdFault,
  regionOfOrigin,
} from "./ids.ts";
export { Inbox } from "./inbox.ts";
export { type Key, keyBytes, keyFromBytes, keyOf, prefixEnd, textOfKey } from "./key.ts";
export type { Clock, Timer } from "./ports/clock.ts";
export type { Disk, DiskFile } from "./ports/disk.ts";
export type { Signer, Verifier } from "./ports/signer.ts";
export type { Listener, Network, Socket, SocketHandlers } from "./ports/socket.ts";
export type {
  StateEnvironment,
  StateStore,
  StoreReader,
  StoreView,
  StoreWrite,
} from "./ports/state-store.ts";
export { type Random, seededRandom } from "./random.ts";
export {
  decodeValue,
  encodeValue,
  Instant,
  isValueMap,
  VALUE_MAX_DEPTH,
  type Value,
  type ValueMap,
  valueFromJson,
  valueToJson,
} from "./value.ts";
