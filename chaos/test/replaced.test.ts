import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { NodePorts } from "@isthmus/node";

/** What stands in for the real thing in a simulated world. A port that is added to a node is missing here at once. */
const REPLACED: Readonly<Record<keyof NodePorts, string>> = {
  clock: "SimClock: virtual time",
  disk: "SimDisk",
  network: "SimNetwork in the place of WebSockets",
  random: "a generator on the run's seed",
  openState: "SimStateVolume in the place of LMDB; the overlay above it is the real one",
  registry: "a registry of counters, the real one, new in each life",
};

/** What runs in a simulated node, beyond the files of `node` that compose it. */
const RUNS = "raft causality control conflict wire graph wal replica relay link store kernel".split(" ");
const COMPOSES = [
  "node-core",
  "database-service",
  "cluster-status",
  "node-report",
  "node-config",
  "node-ports",
];

/** The real machine's adapters: they stand behind the ports and do not run here. */
const ADAPTERS = [
  "packages/link/src/web-socket.ts",
  "packages/store/src/lmdb-environment.ts",
  "packages/store/src/lmdb-root.ts",
  "packages/store/src/lmdb-store.ts",
  "packages/store/src/lmdb-writer.ts",
  "packages/store/src/writer-thread.ts",
];

/** Ways past the ports to the machine's clock, timers, randomness, files and sockets. */
const FORBIDDEN: readonly RegExp[] = [
  /\bDate\.now\b/,
  /\bnew Date\(\)/,
  /\bMath\.random\b/,
  /\b(?:setTimeout|setInterval|setImmediate)\b/,
  /\bperformance\./,
  /\bprocess\.(?!env\b)/,
  /\brandom(?:Bytes|UUID|Int|FillSync)\b|\bgetRandomValues\b/,
  /\bfrom "node:(?!crypto"|zlib"|buffer")/,
  /\bfrom "(?:lmdb|ws|express|node-cron)"/,
];

const sources = [
  ...RUNS.flatMap((name) => globSync(`packages/${name}/src/**/*.ts`)),
  ...COMPOSES.map((name) => `packages/node/src/${name}.ts`),
]
  .filter((file) => !ADAPTERS.includes(file) && !file.includes("/generated/"))
  .sort();

test("a simulated node is given exactly the ports of a real one, and nothing else", () => {
  const given = readFileSync("chaos/src/world.ts", "utf8");
  const start = given.indexOf("#ports(");
  const made = given.slice(given.indexOf("return {", start), given.indexOf("};", start));
  const keys = [...made.matchAll(/^ {6}(\w+)(?::|,)/gm)].map(([, key]) => key);
  assert.deepEqual(keys.sort(), Object.keys(REPLACED).sort());
});

test("the adapters that are left out exist, so that the list does not hide more than it says", () => {
  for (const file of ADAPTERS) assert.equal(globSync(file).length, 1, file);
});

test("nothing that runs in a simulated node goes past its ports", () => {
  assert.ok(sources.length > 80, `${sources.length} files were looked at`);
  const found: string[] = [];
  for (const file of sources)
    for (const [place, line] of readFileSync(file, "utf8").split("\n").entries()) {
      // Prose may speak of what code must not do.
      const code = line.replace(/^\s*(?:\/?\*|\/\/).*$/, "").replace(/\s\/\/ .*$/, "");
      for (const pattern of FORBIDDEN)
        if (pattern.test(code)) found.push(`${file}:${place + 1}: ${code.trim()}`);
    }
  assert.deepEqual(found, []);
});
