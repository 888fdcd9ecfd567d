import { ByteWriter, DecodeError } from "@isthmus/kernel";
import { type Batch, encodeBatch, readBatch } from "./batch.ts";
import { decodePlain, decodeWith, encodeWith, natural, proto } from "./envelope.ts";
import { writeBlock, writeNumber } from "./fields.ts";
import { LOCAL, readLocalFields } from "./plain-fields.ts";

/** What the log of a data group holds. Raft's own empty entries and configuration changes carry none of these. */
export type DataEntry =
  /** Requests of this region's clients, with the leader's epoch and clock reading: nothing else is fixed yet. */
  | { readonly kind: "local"; readonly epoch: number; readonly wallMs: number; readonly requests: Uint8Array }
  /** Another region's batch, as it came. */
  | { readonly kind: "remote"; readonly batch: Batch }
  /** The control log up to this position holds from here on. */
  | { readonly kind: "position"; readonly position: number };

const KIND = { local: 1, remote: 2, position: 3 } as const;

export function encodeDataEntry(entry: DataEntry): Uint8Array {
  switch (entry.kind) {
    case "local":
      return encodeLocal(entry);
    case "remote":
      return tagged(KIND.remote, encodeBatch(entry.batch));
    case "position":
      return tagged(KIND.position, encodeWith(proto.PositionEntry, { position: entry.position }));
  }
}

/** By hand, in the bytes of the generated code: each write of a client ends in one. */
function encodeLocal(entry: DataEntry & { readonly kind: "local" }): Uint8Array {
  const writer = new ByteWriter(entry.requests.length + 32).u8(KIND.local);
  writeNumber(writer, LOCAL.epoch, entry.epoch);
  writeNumber(writer, LOCAL.wallMs, entry.wallMs);
  writeBlock(writer, LOCAL.requests, entry.requests);
  return writer.finish();
}

export function decodeDataEntry(bytes: Uint8Array): DataEntry {
  const body = bytes.subarray(1);
  switch (bytes[0]) {
    case KIND.local: {
      const raw = decodePlain(readLocalFields, proto.LocalEntry, body, "a local entry");
      return {
        kind: "local",
        epoch: natural(raw.epoch, "an epoch"),
        wallMs: natural(raw.wallMs, "a clock reading"),
        requests: raw.requests,
      };
    }
    case KIND.remote:
      // Its hash was checked before it was proposed, and the log has checksums of its own.
      return { kind: "remote", batch: readBatch(body, "a remote batch") };
    case KIND.position: {
      const raw = decodeWith(proto.PositionEntry, body, "a position entry");
      return { kind: "position", position: natural(raw.position, "a control position") };
    }
    default:
      throw new DecodeError(`no entry has the kind ${bytes[0]}`);
  }
}

function tagged(kind: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(body.length + 1).u8(kind).raw(body).finish();
}
