import { createHash, type Hash } from "node:crypto";
import { CommandFailure, EXIT } from "../failure.ts";

/** A line of the file as an operation of a batch. */
export type Operation =
  | { op: "put_node"; id: string; labels?: unknown; properties?: unknown }
  | { op: "put_edge"; id: string; type: string; from: string; to: string; properties?: unknown };

export interface Batch {
  readonly operations: readonly Operation[];
  /** Bytes before it and through its end. */
  readonly start: number;
  readonly end: number;
  readonly firstLine: number;
  readonly lastLine: number;
  /** SHA-256 of everything in the file through its end, as hex: names the batch by what it says and where. */
  readonly hashThrough: string;
}

export interface ReadingPoint {
  readonly offset: number;
  readonly line: number;
  /** Has taken in everything before `offset`. */
  readonly hash: Hash;
}

export function fileStart(): ReadingPoint {
  return { offset: 0, line: 0, hash: createHash("sha256") };
}

export const BATCH_MAX_OPERATIONS = 500;
/** Well below the body that a node takes by default (4 MiB): JSON's own signs come on top. */
export const BATCH_MAX_BYTES = 1_048_576;

/**
 * Cuts the lines that follow `from` into batches. Where it cuts depends on the bytes alone, so a second run over the
 * same bytes cuts the same batches. Throws CommandFailure at a line that is no record; what came before was given out.
 */
export async function* batchesOf(
  source: AsyncIterable<Uint8Array>,
  from: ReadingPoint,
  name: string,
): AsyncGenerator<Batch> {
  let operations: Operation[] = [];
  let { offset: start, line: number, offset: end } = from;
  let firstLine = number + 1;
  const take = (): Batch => {
    const hashThrough = from.hash.copy().digest("hex");
    const batch = { operations, start, end, firstLine, lastLine: number, hashThrough };
    operations = [];
    start = end;
    firstLine = number + 1;
    return batch;
  };
  for await (const line of linesOf(source)) {
    const full = operations.length === BATCH_MAX_OPERATIONS || end - start + line.length > BATCH_MAX_BYTES;
    if (full && operations.length > 0) yield take();
    const text = line.toString("utf8").trim();
    number += 1;
    if (text !== "") {
      const parsed = parseLine(text);
      if (typeof parsed === "string") {
        number -= 1;
        if (operations.length > 0) yield take();
        const message = `${name}:${number + 1}: ${parsed}; correct the line and run the same command again`;
        throw new CommandFailure(EXIT.failed, "invalid_line", message, { facts: { line: number + 1 } });
      }
      operations.push(parsed);
    }
    end += line.length;
    from.hash.update(line);
  }
  if (end > start) yield take();
}

/** Lines with their ends, so that their lengths add up to the file's. */
async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  for await (const chunk of source) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    for (let mark = buffer.indexOf(10); mark >= 0; mark = buffer.indexOf(10, at)) {
      pieces.push(buffer.subarray(at, mark + 1));
      yield pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
      pieces = [];
      at = mark + 1;
    }
    if (at < buffer.length) pieces.push(buffer.subarray(at));
  }
  if (pieces.length > 0) yield Buffer.concat(pieces);
}

const FIELDS = {
  node: ["kind", "id", "labels", "properties"],
  edge: ["kind", "id", "type", "from", "to", "properties"],
} as const;

/** The operation, or why the line is none. What the values may be is the node's to say. */
export function parseLine(text: string): Operation | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return `not JSON (${error instanceof Error ? error.message : String(error)})`;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return "not a JSON object";
  const { kind, id, labels, properties, type, from, to } = parsed as Record<string, unknown>;
  if (kind !== "node" && kind !== "edge") return '"kind" is neither "node" nor "edge"';
  const fields: readonly string[] = FIELDS[kind];
  const unknown = Object.keys(parsed).find((field) => !fields.includes(field));
  if (unknown !== undefined) return `"${unknown}" is no field of ${kind === "node" ? "a node" : "an edge"}`;
  const rest = properties === undefined ? {} : { properties };
  if (kind === "node") {
    if (typeof id !== "string" || id === "") return '"id" is missing';
    return { op: "put_node", id, ...(labels === undefined ? {} : { labels }), ...rest };
  }
  if (typeof type !== "string" || typeof from !== "string" || typeof to !== "string")
    return 'an edge needs "type", "from" and "to"';
  if (id !== undefined && (typeof id !== "string" || id === "")) return '"id" is not a text';
  return { op: "put_edge", id: id ?? `${from}:${type}:${to}`, type, from, to, ...rest };
}
