import { invalid } from "./problem.ts";

/** A request's path in decoded segments, and its parameters. */
export interface Target {
  readonly segments: readonly string[];
  readonly query: Query;
}

export type Query = ReadonlyMap<string, string>;

const NO_QUERY: Query = new Map();
const PRINTABLE = /^[\x21-\x7e]*$/;

/**
 * Splits before it decodes, so that `%2F` stays inside its segment; nothing is normalised. `skip` is how many
 * characters of a known prefix to leave out. Throws `invalid`.
 */
export function parseTarget(url: string, skip: number): Target {
  if (!PRINTABLE.test(url)) throw invalid("path", "characters beyond ASCII are written percent-encoded");
  const mark = url.indexOf("?");
  const path = mark < 0 ? url.slice(skip) : url.slice(skip, mark);
  const segments = path.split("/");
  if (path.includes("%"))
    for (const [index, segment] of segments.entries()) segments[index] = decoded(segment, "path");
  return { segments, query: mark < 0 ? NO_QUERY : parseQuery(url.slice(mark + 1)) };
}

/** The part behind `?`. A parameter that is named twice is refused: one of the two would be ignored. */
export function parseQuery(text: string): Query {
  const query = new Map<string, string>();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const mark = pair.indexOf("=");
    const name = decoded((mark < 0 ? pair : pair.slice(0, mark)).replaceAll("+", " "), "query");
    const value = mark < 0 ? "" : decoded(pair.slice(mark + 1).replaceAll("+", " "), name);
    if (query.has(name)) throw invalid(name, "the parameter is given twice");
    query.set(name, value);
  }
  return query;
}

/** Refuses parameters that the route does not know. */
export function allowParameters(query: Query, allowed: readonly string[]): void {
  for (const name of query.keys()) {
    if (allowed.includes(name)) continue;
    const known = allowed.length === 0 ? "there are none here" : `known: ${allowed.join(", ")}`;
    throw invalid(name, `not a parameter of this request (${known})`);
  }
}

/** A count from 1 to `most`, or `preset` where the parameter is not given. */
export function countParameter(query: Query, name: string, preset: number, most: number): number {
  const text = query.get(name);
  if (text === undefined) return preset;
  const count = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > most) throw invalid(name, `takes a whole number from 1 to ${most}`);
  return count;
}

export function flagParameter(query: Query, name: string): boolean {
  const text = query.get(name);
  if (text !== undefined && text !== "true" && text !== "false") throw invalid(name, "takes true or false");
  return text === "true";
}

export function choiceParameter<const Choice extends string>(
  query: Query,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  const choice = choices.find((known) => known === text);
  if (choice === undefined) throw invalid(name, `takes one of ${choices.join(", ")}`);
  return choice;
}

function decoded(text: string, field: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw invalid(field, "the percent-encoding is not that of UTF-8", cause);
  }
}
