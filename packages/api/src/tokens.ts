import { VersionVector } from "@isthmus/causality";
import { ByteReader, ByteWriter, fromUtf8, IsthmusError } from "@isthmus/kernel";
import { invalid } from "./problem.ts";

const SESSION_FORMAT = 1;

/** Vectors as opaque tokens. Answers of one moment share a vector, so the last one's token is kept. */
export class SessionTokens {
  #vector: VersionVector | null = null;
  #token = "";

  of(vector: VersionVector): string {
    if (vector !== this.#vector) {
      const writer = new ByteWriter(64).u8(SESSION_FORMAT);
      vector.write(writer);
      this.#token = base64url(writer.finish());
      this.#vector = vector;
    }
    return this.#token;
  }
}

/** The vector that a client's token holds. Throws `invalid`. */
export function parseSession(token: string): VersionVector {
  try {
    const reader = new ByteReader(strictBase64url(token));
    if (reader.u8() !== SESSION_FORMAT) throw invalid("Isthmus-Session", "a token of another format");
    const vector = VersionVector.read(reader);
    reader.end();
    return vector;
  } catch (error) {
    throw malformed("Isthmus-Session", "token", error);
  }
}

/** A place between two pages. The service's word for it can hold any text; in a header or URL it must not. */
export function cursorToken(cursor: string): string {
  return base64url(Buffer.from(cursor, "utf8"));
}

export function parseCursor(token: string, field: string): string {
  try {
    return fromUtf8(strictBase64url(token));
  } catch (error) {
    throw malformed(field, "cursor", error);
  }
}

function malformed(field: string, noun: string, error: unknown): unknown {
  return error instanceof IsthmusError ? invalid(field, `not a ${noun} that was given out`, error) : error;
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

/** Node's decoder skips what it does not know: one token must have one text. */
function strictBase64url(token: string): Buffer {
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length === 0 || bytes.toString("base64url") !== token) throw invalid("token", "not base64url");
  return bytes;
}
