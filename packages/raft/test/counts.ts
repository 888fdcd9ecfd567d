import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the house style counts, of one package. The formatter's indentation is what makes lines enough to go by. */
export interface Counts {
  files: number[];
  functions: number[];
  commentShare: number;
  assertionsPerFunction: number;
  /** Calls to the clock, a timer or a source of randomness. */
  impureCalls: number;
  testShare: number;
  dependencies: string[];
}

const IMPURE =
  /\b(Date\.now|new Date|performance\.now|Math\.random|setTimeout|setInterval|setImmediate|queueMicrotask)\b/g;

export function countPackage(directory: string): Counts {
  const sources = textsOf(join(directory, "src"), [".ts"]);
  const tests = textsOf(join(directory, "test"), [".ts"]);
  const lines = sources.flatMap(linesOf);
  const written = lines.filter((line) => line.trim() !== "");
  const functions = sources.flatMap(functionLines);
  const all = sources.join("\n");
  const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as {
    dependencies?: object;
  };
  return {
    files: sources.map((text) => linesOf(text).length),
    functions,
    commentShare: written.filter(isComment).length / written.length,
    assertionsPerFunction: (all.match(/\b(assert|must)\(/g) ?? []).length / functions.length,
    impureCalls: (all.match(IMPURE) ?? []).length,
    testShare: tests.flatMap(linesOf).length / lines.length,
    dependencies: Object.keys(manifest.dependencies ?? {}).filter((name) => !name.startsWith("@isthmus/")),
  };
}

export function table(counts: Counts): string {
  const rows = [
    [
      "file lines, median / p90",
      `${tens(share(counts.files, 0.5))} / ${tens(share(counts.files, 0.9))}`,
      "about 120 / 300",
    ],
    [
      "function lines, median / p90",
      `${share(counts.functions, 0.5)} / ${share(counts.functions, 0.9)}`,
      "about 8 / 35",
    ],
    ["comment lines", `${Math.round(100 * counts.commentShare)}%`, "20-30%"],
    ["assertions a function", counts.assertionsPerFunction.toFixed(1), "1 or more"],
    ["calls to clock, timer, random", String(counts.impureCalls), "0"],
    ["test : source lines", counts.testShare.toFixed(1), "1 to 2"],
    ["third-party dependencies at run time", String(counts.dependencies.length), "0"],
  ];
  const width = (at: number): number => Math.max(...rows.map((row) => row[at]?.length ?? 0));
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(width(at))).join(" | ")} |`;
  const rule = line([0, 1, 2].map((at) => "-".repeat(width(at))));
  const [head = "", ...body] = [["", "here", "wanted"], ...rows].map(line);
  return [head, rule, ...body].join("\n");
}

function textsOf(directory: string, endings: string[]): string[] {
  return readdirSync(directory)
    .filter((name) => !name.startsWith(".") && endings.some((ending) => name.endsWith(ending)))
    .sort()
    .map((name) => readFileSync(join(directory, name), "utf8"));
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}

function isComment(line: string): boolean {
  return /^\s*(\/\/|\/\*|\*)/.test(line);
}

/** How long each function with a name is, from the line of its name to its closing brace. */
function functionLines(text: string): number[] {
  const lines = linesOf(text);
  const lengths: number[] = [];
  for (const [at, line] of lines.entries()) {
    const indent =
      /^(\s*)(?:export )?(?:(?:async )?function |(?:override |static |async |get |set )*(?!(?:if|for|while|switch|catch|constructor)\b)(?=[#\w]+(?:<.*>)?\()|(?=constructor\()|const \w+ = (?=\())/.exec(
        line,
      )?.[1];
    if (indent === undefined) continue;
    // Where the parameters take several lines, the body begins at the line that closes them.
    const opens = line.endsWith("(") ? lines.findIndex((l, of) => of > at && l.startsWith(`${indent})`)) : at;
    if (opens < 0 || !lines[opens]?.endsWith("{")) continue;
    const closes = lines.findIndex((l, of) => of > opens && (l === `${indent}}` || l === `${indent}};`));
    if (closes > 0) lengths.push(closes - at + 1);
  }
  return lengths;
}

/** To the nearest ten: a line more or less is nothing to write down. */
function tens(lines: number): number {
  return 10 * Math.round(lines / 10);
}

function share(numbers: number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}
