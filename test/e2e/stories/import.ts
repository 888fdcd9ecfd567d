import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { MAIN, replicasOf } from "../../support/cluster.ts";
import { Command } from "../../support/command.ts";
import { within } from "../../support/eventually.ts";
import type { Platform } from "../../support/platform.ts";
import { residentBytes } from "../../support/processes.ts";

const CONVERTER = fileURLToPath(new URL("../../graph/packages-to-graph.ts", import.meta.url));
const RECORDS = 100_000;
const IMPORT_WITHIN_MS = 150_000;
const QUIET_WITHIN_MS = 120_000;
const MEBI = 2 ** 20;

export function importing(shared: () => Platform): void {
  describe("a real graph of 100,000 records", () => {
    it("is imported into one region, reaches the others, and all exports are the same bytes", async (t) => {
      const platform = shared();
      const graph = path.join(platform.root, "graph.jsonl");
      await promisify(execFile)(process.execPath, [CONVERTER, graph, "--records", String(RECORDS)]);
      const lines = await linesIn(graph);
      assert(lines.length >= RECORDS, `the machine's packages make ${lines.length} records`);

      const [target] = platform.inRegion("us-east");
      assert(target);
      const before = await target.client.everything();
      const memory = new MemoryWatch(platform);
      const endpoint = ["--endpoint", target.client.api];
      const command = new Command([...endpoint, "-o", "json", "import", graph], { cwd: platform.root });
      const { status } = await within(IMPORT_WITHIN_MS, "the import ends", command.ended);
      assert.equal(status, 0, command.stderr);
      assert.match(command.stderr, /^imported [0-9]+ records, [0-9]+\/s, [0-9]+%$/m, "progress is shown");
      const said = JSON.parse(command.stdout) as { records: number; rate: number; memory_bytes: number };
      assert.equal(said.records, lines.length);
      const { size } = await stat(graph);
      t.diagnostic(
        `${said.records} records (${mebi(size)}) at ${said.rate} records/s; the import itself holds ${mebi(said.memory_bytes)}`,
      );

      const importedMs = performance.now();
      await platform.quiet(QUIET_WITHIN_MS);
      t.diagnostic(`all regions quiet ${Math.round(performance.now() - importedMs)} ms after the import`);
      t.diagnostic(`most memory of a node: ${mebi(memory.most())}; of all nine now: ${mebi(memory.all())}`);
      memory.stop();

      const exports = platform.oneOfEach.map(({ region, client }) => ({
        file: path.join(platform.root, `${region}.jsonl`),
        api: client.api,
      }));
      for (const { file, api } of exports)
        await platform.ok(["--endpoint", api, "export", "--out", file], { timeoutMs: 60_000 });
      const [first, ...others] = exports;
      assert(first);
      for (const { file } of others) await promisify(execFile)("cmp", [first.file, file]);

      // All of the graph is there, as it was given; and what was there before, no more.
      const exported = new Set((await linesIn(first.file)).map(canonical));
      const missing = lines.filter((line) => !exported.has(canonical(line)));
      assert.deepEqual(missing.slice(0, 3), [], `${missing.length} records are missing or changed`);
      assert.equal(exported.size, lines.length + before.size);
      assert.equal(replicasOf(await platform.cluster(), MAIN).length, 9, "all nine bore it");
    });
  });
}

/** Looks at the nodes' memory a few times a second. */
class MemoryWatch {
  readonly #platform: Platform;
  readonly #timer: NodeJS.Timeout;
  #most = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#timer = setInterval(() => this.#look(), 250);
  }

  most(): number {
    this.#look();
    return this.#most;
  }

  all(): number {
    return this.#platform.nodes.reduce((sum, { pid }) => sum + residentBytes(pid), 0);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#most = Math.max(this.#most, ...this.#platform.nodes.map(({ pid }) => residentBytes(pid)));
  }
}

async function linesIn(file: string): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of createReadStream(file, "utf8")) pieces.push(String(piece));
  return pieces
    .join("")
    .split("\n")
    .filter((line) => line !== "");
}

/** One spelling for a record, whatever the order of its fields. */
function canonical(line: string): string {
  return JSON.stringify(JSON.parse(line), (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

function mebi(bytes: number): string {
  return `${Math.round(bytes / MEBI)} MiB`;
}
