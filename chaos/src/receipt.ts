import { ByteReader, type GroupId, hex, SHA256_BYTES } from "@isthmus/kernel";
import type { Receipt } from "./evidence.ts";

/** What a write's receipt names. Throws DecodeError. */
export function readReceipt(text: string): Receipt {
  const reader = new ByteReader(Buffer.from(text, "base64url"));
  reader.u8();
  const receipt = {
    group: reader.text() as GroupId,
    origin: reader.text(),
    epoch: reader.varint(),
    sequence: reader.varint(),
    hash: hex(reader.raw(SHA256_BYTES)),
  };
  reader.end();
  return receipt;
}
