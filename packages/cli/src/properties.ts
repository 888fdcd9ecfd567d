import { usage } from "./failure.ts";

/**
 * Properties from `--set k=v`, given as often as there are properties. What parses as JSON is that value, anything else
 * the text itself: `--set age=42 --set name=Alice --set tags='["a","b"]' --set at='{"$time":"2026-11-22T10:00:00Z"}'`.
 */
export function parseProperties(pairs: readonly string[]): Record<string, unknown> {
  const entries = pairs.map((pair): [string, unknown] => {
    const mark = pair.indexOf("=");
    if (mark < 1) throw usage(`--set ${pair} is not taken; write --set name=value`);
    return [pair.slice(0, mark), parseValue(pair.slice(mark + 1))];
  });
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usage(`--set names ${twice} twice; a property has one value`);
  return Object.fromEntries(entries);
}

export function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON is no fault here: it is a text that needed no quotes.
    return text;
  }
}

/** For an option that may be given several times. */
export function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
