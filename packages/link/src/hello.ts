import {
  assert,
  ByteReader,
  ByteWriter,
  DecodeError,
  equalBytes,
  type NodeId,
  type RegionId,
} from "@isthmus/kernel";
import {
  FRAME_HEADER_BYTES,
  LOWEST_VERSION,
  MAX_HELLO_PACKET_BYTES,
  PACKET_HEADER_BYTES,
  PROTOCOL_VERSION,
} from "./limits.ts";

/** Who this node is to its peers. */
export interface LinkIdentity {
  readonly cluster: string;
  /** 32 bytes: two clusters of one name differ here. */
  readonly foundingHash: Uint8Array;
  /** Grows when a lost control majority is re-formed by an operator's word; generations do not talk to each other. */
  readonly generation: number;
  readonly node: NodeId;
  readonly region: RegionId;
  /** 16 bytes that the node drew when it began with an empty directory: a node that lost its data has others. */
  readonly dataId: Uint8Array;
}

export interface LinkPeer {
  readonly node: NodeId;
  readonly region: RegionId;
  readonly address: string;
}

export interface Hello extends LinkIdentity {
  readonly version: number;
  readonly lowest: number;
  /** The node that the sender means to reach. */
  readonly target: NodeId;
  readonly nonce: Uint8Array;
  /** The nonce of the hello that this one answers; empty in the first. */
  readonly echo: Uint8Array;
}

/** Why a greeting is refused. */
export type HelloFault =
  | "malformed"
  | "wrong_version"
  | "wrong_cluster"
  | "wrong_founding"
  | "lower_generation"
  | "higher_generation"
  | "wrong_node"
  | "wrong_region"
  | "wrong_direction"
  | "unknown_peer"
  | "removed_node"
  | "foreign_data"
  | "wrong_echo";

export const NONCE_BYTES = 8;
export const DATA_ID_BYTES = 16;
const HASH_BYTES = 32;
const MAX_HELLO_BYTES = MAX_HELLO_PACKET_BYTES - PACKET_HEADER_BYTES - FRAME_HEADER_BYTES;
const NOTHING = new Uint8Array(0);

/** `echo` is null in the first hello of a connection. */
export function encodeHello(
  self: LinkIdentity,
  target: NodeId,
  nonce: Uint8Array,
  echo: Uint8Array | null,
): Uint8Array {
  assert(self.foundingHash.length === HASH_BYTES, "a founding hash has 32 bytes");
  assert(nonce.length === NONCE_BYTES, "a nonce has 8 bytes");
  assert(self.dataId.length === DATA_ID_BYTES, "a data id has 16 bytes");
  const hello = new ByteWriter()
    .varint(PROTOCOL_VERSION)
    .varint(LOWEST_VERSION)
    .text(self.cluster)
    .raw(self.foundingHash)
    .varint(self.generation)
    .text(self.node)
    .text(self.region)
    .text(target)
    .raw(nonce)
    .bytes(echo ?? NOTHING)
    .raw(self.dataId)
    .finish();
  assert(
    hello.length <= MAX_HELLO_BYTES,
    "names are short: a hello fits the packet that a stranger may send",
  );
  return hello;
}

/** Versions come first and are judged first: what follows them is only known to who speaks them. */
export function decodeHello(payload: Uint8Array): Hello | HelloFault {
  try {
    const reader = new ByteReader(payload);
    const version = reader.varint();
    const lowest = reader.varint();
    if (lowest > version) return "malformed";
    if (version < LOWEST_VERSION || lowest > PROTOCOL_VERSION) return "wrong_version";
    const hello: Hello = {
      version,
      lowest,
      cluster: reader.text(),
      foundingHash: reader.raw(HASH_BYTES),
      generation: reader.varint(),
      node: reader.text() as NodeId,
      region: reader.text() as RegionId,
      target: reader.text() as NodeId,
      nonce: reader.raw(NONCE_BYTES),
      echo: reader.bytes(),
      dataId: reader.raw(DATA_ID_BYTES),
    };
    // A newer version may add fields at the end; ours has none.
    if (version <= PROTOCOL_VERSION) reader.end();
    return hello;
  } catch (error) {
    if (error instanceof DecodeError) return "malformed";
    throw error;
  }
}

/** Whether two nodes belong together at all, before who they are is looked at. */
export function membershipFault(self: LinkIdentity, hello: Hello): HelloFault | null {
  if (hello.cluster !== self.cluster) return "wrong_cluster";
  if (!equalBytes(hello.foundingHash, self.foundingHash)) return "wrong_founding";
  if (hello.generation < self.generation) return "lower_generation";
  if (hello.generation > self.generation) return "higher_generation";
  if (hello.target !== self.node) return "wrong_node";
  return null;
}
