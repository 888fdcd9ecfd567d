import assert from "node:assert/strict";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { finished } from "node:stream/promises";
import { after, before, test } from "node:test";
import { checkLinearizability, formatEntry, parseHistory } from "../../chaos/dist/index.js";
import { seededRandom } from "../../packages/kernel/dist/index.js";
import { eventually } from "../support/eventually.ts";
import { Platform, type PlatformNode } from "../support/platform.ts";
import { RegisterClients } from "./register-clients.ts";

const REGION = "one";
const CLIENTS = 20;
const OPERATIONS = 20_000;
const KEYS = 200;
/** What befalls the leader once such a share of the operations was begun. */
const FAULTS: readonly { readonly at: number; readonly kind: "kill" | "freeze" }[] = [
  { at: 0.1, kind: "kill" },
  { at: 0.25, kind: "kill" },
  { at: 0.4, kind: "freeze" },
  { at: 0.6, kind: "kill" },
  { at: 0.8, kind: "kill" },
];
/** Begun elsewhere while the old leader stands still, under the new one. */
const OPERATIONS_WHILE_FROZEN = 1_000;

let platform: Platform;
before(async () => {
  platform = await Platform.start({ flags: ["--regions", REGION, "--nodes", "3"] });
});
after(() => platform?.close());

test(`${OPERATIONS} operations of ${CLIENTS} clients are linearizable while leaders are killed and stopped`, async (context) => {
  const directory = mkdtempSync(path.join(tmpdir(), "isthmus-history-"));
  const file = path.join(directory, "history.jsonl");
  const lines = createWriteStream(file);
  const seed = String(Date.now());
  const clients = new RegisterClients({
    nodes: platform.nodes,
    clients: CLIENTS,
    keys: KEYS,
    operations: OPERATIONS,
    random: seededRandom(seed),
    record: (line) => lines.write(`${line}\n`),
  });
  let sound = false;
  try {
    const began = performance.now();
    const [faults] = await Promise.all([trouble(clients), clients.run()]);
    const tookSeconds = (performance.now() - began) / 1000;
    await platform.quiet();
    await clients.readAll();
    lines.end();
    await finished(lines);

    const checkBegan = performance.now();
    const verdict = checkLinearizability(parseHistory(readFileSync(file, "utf8")));
    const checkMs = performance.now() - checkBegan;
    if (verdict.kind === "not_linearizable")
      assert.fail(`${verdict.key}: ${verdict.why}\n${verdict.window.map(formatEntry).join("\n")}`);
    assert.equal(verdict.kind, "linearizable");
    assert(verdict.kind === "linearizable" && verdict.operations >= OPERATIONS);
    sound = true;

    const rate = Math.round(OPERATIONS / tookSeconds);
    context.diagnostic(
      `${verdict.operations} operations on ${verdict.keys} keys, ${verdict.unknowns} of unknown outcome, ${rate} a second; ${faults}`,
    );
    const counts = [...clients.counts].sort(([a], [b]) => (a < b ? -1 : 1));
    context.diagnostic(counts.map(([what, count]) => `${what}: ${count}`).join(", "));
    context.diagnostic(`checked in ${Math.round(checkMs)} ms, ${verdict.configurations} configurations`);
  } finally {
    lines.destroy();
    if (sound) rmSync(directory, { recursive: true });
    else context.diagnostic(`seed ${seed}; the history: node chaos/dist/check-history.js ${file}`);
  }
});

/** Strikes whoever leads, time and again, and lets it come back. Returns what was done. */
async function trouble(clients: RegisterClients): Promise<string> {
  const counts = { kill: 0, freeze: 0 };
  for (const { at, kind } of FAULTS) {
    await clients.begun(at * OPERATIONS);
    const leader = await platform.leader(REGION);
    if (kind === "kill") {
      await platform.kill(leader);
      await anotherLeads(leader);
      await platform.restart(leader);
    } else {
      platform.freeze(leader);
      await anotherLeads(leader);
      // Those whose node stands still wait for it; the others must get on.
      await clients.begun(Math.min(clients.soFar + OPERATIONS_WHILE_FROZEN, OPERATIONS));
      platform.thaw(leader);
    }
    counts[kind] += 1;
  }
  return `the leader was killed and restarted ${counts.kill} times, stopped ${counts.freeze} time`;
}

async function anotherLeads(old: PlatformNode): Promise<void> {
  const witness = platform.nodes.find((node) => node !== old);
  await eventually(
    `somebody leads instead of ${old.id}`,
    async () => ((await platform.leader(REGION, witness)) === old ? undefined : true),
    { withinMs: 30_000 },
  );
}
