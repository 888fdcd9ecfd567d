import { isUtf8 } from "node:buffer";
import { VALUE_MAX_DEPTH } from "@isthmus/kernel";
import { invalid } from "./problem.ts";

/** A value's own depth, and what stands around it: body, operations, operation, properties. */
const BODY_MAX_DEPTH = VALUE_MAX_DEPTH + 6;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The document that a body holds. Invariant: what comes out nests at most BODY_MAX_DEPTH deep, so that whoever walks it
 * may recurse. Throws `invalid` with the position (a count of characters from 0).
 */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw invalid("body", "empty, where a JSON document is needed");
  if (!isUtf8(body)) throw invalid("body", "not valid UTF-8");
  checkDepth(body);
  const text = body.toString("utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid("body", `malformed JSON at position ${faultPosition(text)}`, cause);
  }
}

/** Counts brackets outside strings, without recursion: the bytes that matter are ASCII, so no decoding is needed. */
function checkDepth(body: Buffer): void {
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) {
      for (at += 1; at < body.length && body[at] !== QUOTE; at++) if (body[at] === BACKSLASH) at += 1;
    } else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > BODY_MAX_DEPTH) throw invalid("body", `nests deeper than ${BODY_MAX_DEPTH} at byte ${at}`);
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
}

const SPACE = /[ \t\n\r]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const ATOM = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** Where a text stops being JSON. Only for texts that do not parse and whose depth was checked. */
export function faultPosition(text: string): number {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const mark = (character: string): boolean => {
    take(SPACE);
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };
  // A loop and not a pattern: a pattern keeps a way back for each character, and a string can have millions.
  const string = (): boolean => {
    if (!mark('"')) return false;
    while (at < text.length && text.charCodeAt(at) >= 0x20) {
      if (text[at] === '"') {
        at += 1;
        return true;
      }
      if (text[at] !== "\\") at += 1;
      else if (!take(ESCAPE)) return false;
    }
    return false;
  };
  const member = (): boolean => string() && mark(":") && value();
  const items = (close: string, item: () => boolean): boolean => {
    if (mark(close)) return true;
    do if (!item()) return false;
    while (mark(","));
    return mark(close);
  };
  const value = (): boolean => {
    if (mark("{")) return items("}", member);
    if (mark("[")) return items("]", value);
    return string() || take(ATOM);
  };
  if (value()) take(SPACE);
  return at;
}

/** One text for all documents that differ only in the order of members and in spaces. */
export function canonicalJson(json: unknown): string {
  return JSON.stringify(ordered(json));
}

function ordered(json: unknown): unknown {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map(ordered);
  const sorted: Record<string, unknown> = Object.create(null);
  for (const [key, item] of Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1)))
    sorted[key] = ordered(item);
  return sorted;
}
