import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { assert, IsthmusError } from "@isthmus/kernel";
import type { Mutant } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import type { Part } from "./planting.ts";

/** What a hunter's process says in the end. */
export interface HunterWord {
  readonly seeds: number;
  /** The seed that failed; null if none did. */
  readonly seed: string | null;
  readonly finder: string;
  readonly detail: string;
  readonly simulatedMs: number;
  readonly realMs: number;
}

export interface HuntResult extends HunterWord {
  readonly name: string;
  /** A seed failed with the bug, and the same seed is sound without it. */
  readonly found: boolean;
  /** What is wrong with the seed without the bug: then its failing proves nothing. */
  readonly controlDetail: string | null;
}

export interface HuntOptions {
  /** All where none is named. */
  readonly names?: readonly string[];
  /** How many seeds each mutant is given. */
  readonly seedsMax: number;
  /** Processes at a time. */
  readonly parallel: number;
  /** Told each mutant as its hunt ends. */
  readonly onResult?: (result: HuntResult) => void;
}

/**
 * Plants each mutant in a process of its own and runs worlds until one of them fails; then runs that world without the
 * bug. Gives the results in the order of the table. Throws IsthmusError `unknown_mutant`, and `hunt_failed` when a process
 * ends without a word, as it does when a planting no longer fits.
 */
export async function hunt({ names, seedsMax, parallel, onResult }: HuntOptions): Promise<HuntResult[]> {
  for (const name of names ?? [])
    if (!MUTANTS.some((mutant) => mutant.name === name))
      throw new IsthmusError("unknown_mutant", `there is no mutant ${name}`, { facts: { name } });
  const hunted = names ? MUTANTS.filter(({ name }) => names.includes(name)) : MUTANTS;
  const results = new Map<string, HuntResult>();
  const left = [...hunted];
  const work = async (): Promise<void> => {
    for (let mutant = left.shift(); mutant; mutant = left.shift()) {
      const result = await huntOne(mutant, seedsMax);
      results.set(mutant.name, result);
      onResult?.(result);
    }
  };
  assert(parallel >= 1, "somebody has to hunt");
  await Promise.all(Array.from({ length: parallel }, work));
  return hunted.flatMap(({ name }) => results.get(name) ?? []);
}

async function huntOne({ name }: Mutant, seedsMax: number): Promise<HuntResult> {
  const word = await runHunter(name, "bug", 1, seedsMax);
  if (word.seed === null) return { ...word, name, found: false, controlDetail: null };
  const control = await runHunter(name, "lens", word.seeds, 1);
  const controlDetail = control.seed === null ? null : `${control.finder}: ${control.detail}`;
  return { ...word, name, found: controlDetail === null, controlDetail };
}

const HUNTER = fileURLToPath(new URL("./hunter.js", import.meta.url));
const PLANT = new URL("./plant.js", import.meta.url).href;

function runHunter(name: string, part: Part, from: number, count: number): Promise<HunterWord> {
  const child = spawn(process.execPath, ["--import", PLANT, HUNTER, name, String(from), String(count)], {
    env: { ...process.env, ISTHMUS_MUTANT: name, ISTHMUS_MUTANT_PART: part },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: Buffer[] = [];
  const complained: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => said.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => complained.push(bytes));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const line = Buffer.concat(said).toString("utf8").trimEnd().split("\n").at(-1) ?? "";
      if (code === 0 && line.startsWith("{")) resolve(JSON.parse(line) as HunterWord);
      else {
        const why = Buffer.concat(complained).toString("utf8").trim();
        reject(new IsthmusError("hunt_failed", `the hunt for ${name} ended with ${code}: ${why}`));
      }
    });
  });
}
