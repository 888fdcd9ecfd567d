import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { Command, ISTHMUS, isthmus } from "../support/command.ts";
import { eventually, within } from "../support/eventually.ts";
import { Gate } from "../support/gate.ts";
import { type Answer, edgePath, nodePath, type Properties } from "../support/http.ts";
import { freePortBase } from "../support/ports.ts";
import { processesNaming } from "../support/processes.ts";
import { Standalone } from "../support/standalone.ts";

const NODES = 14_000;
const EDGES = 6_000;
const LINES = NODES + EDGES;
/** Lines that one batch of an import holds at most. */
const BATCH = 500;
const IMPORT_WITHIN_MS = 60_000;

/** Every kind of value, each in the one spelling in which it is given back. JSON as text: some keys mean more in code. */
const TYPED = [
  '"bool":true',
  '"bytes":{"$bytes":"AAECA/8="}',
  '"deep":{"__proto__":{"x":{"$int":"1"}},"constructor":null,"list":[1,[{"$time":"2026-11-22T10:00:00.000Z"}],{}]}',
  '"float":0.1',
  '"int":{"$int":"-9007199254740993"}',
  '"int_max":{"$int":"9223372036854775807"}',
  '"int_min":{"$int":"-9223372036854775808"}',
  '"large":1.7976931348623157e+308',
  '"no_bytes":{"$bytes":""}',
  '"nothing":null',
  '"small":5e-324',
  '"text":"ä\\u0000\\n\u2028😀\\"\\\\"',
  '"time":{"$time":"1969-12-31T23:59:59.999Z"}',
  '"vector":{"$vector":[0.1,-0.2,16777216,1e-45,3.4028235e+38]}',
  '"whole":9007199254740991',
].join(",");

describe("an import", () => {
  let root: string;
  let base: number;
  let file: string;
  /** What an export of it all is: the file is written in an export's own order and spelling. */
  let expected: string;
  const servers: Standalone[] = [];
  const gates: Gate[] = [];

  before(async () => {
    root = mkdtempSync(path.join(tmpdir(), "isthmus-e2e-"));
    base = await freePortBase();
    file = path.join(root, "graph.jsonl");
    expected = records();
    writeFileSync(file, expected);
  });
  after(async () => {
    for (const gate of gates) await gate.close();
    for (const server of servers) await server.close();
    assert.deepEqual(processesNaming(root), []);
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  it("killed twice over its client goes on within a batch of what was acknowledged, and each batch counts once", async (t) => {
    const one = await server("one", 11);
    const gate = await Gate.open(one.api, base + 21);
    gates.push(gate);

    // Killed while batches are applied whose answers it has not had.
    const first = await killedAfter(gate, 12);
    const applied = nodePath(nodeId(first + BATCH - 1));
    const written = await eventually(
      "the batches behind the acknowledged ones are applied",
      async () => (await one.client.read(applied, "local")) ?? undefined,
      { withinMs: 10_000 },
    );
    const second = await killedAfter(gate, 14);

    const again = await runImport(one.api);
    assert.equal(again.status, 0, again.stderr);
    const line = resumedAt(again.stderr);
    t.diagnostic(`acknowledged through line ${second}, gone on after line ${line} of ${LINES}`);
    assert(line >= second - BATCH && line <= second, `${second} were acknowledged, it went on after ${line}`);
    assert.equal(again.summary.records, LINES);
    assert.equal(again.summary.resumed, line);
    assert.equal(existsSync(`${file}.isthmus-import`), false, "nothing is left to go on with");
    const now = await one.client.read(applied);
    assert.equal(now?.version, written.version, "what was applied before the kill was not written again");
    assertSame(await pages(one), expected);
  });

  it("bears the death of its server, and goes on after both died", async (t) => {
    const two = await server("two", 12);
    const gate = await Gate.open(two.api, base + 22);
    gates.push(gate);

    // The server dies with batches in flight and comes back: the client, left alone, goes on by itself.
    let passed = 0;
    const third = Promise.withResolvers<void>();
    const both = Promise.withResolvers<void>();
    const never = new Promise<void>(() => undefined);
    gate.mayPass = async () => {
      passed += 1;
      if (passed === 8) third.resolve();
      if (passed < 26) return;
      both.resolve();
      await never;
    };
    const client = new Command(["--endpoint", gate.api, "import", file], { cwd: root });
    await within(IMPORT_WITHIN_MS, "eight batches are acknowledged", third.promise);
    assert.deepEqual(await two.end("SIGKILL"), { status: null, signal: "SIGKILL" });
    await two.start();
    await within(IMPORT_WITHIN_MS, "the client goes on", both.promise);
    assert(client.running);

    // Then both die.
    await two.end("SIGKILL");
    client.child.kill("SIGKILL");
    await client.ended;
    await two.start();
    const again = await runImport(two.api);
    assert.equal(again.status, 0, again.stderr);
    const line = resumedAt(again.stderr);
    t.diagnostic(`25 batches acknowledged, gone on after line ${line}`);
    assert(line >= 24 * BATCH && line <= 25 * BATCH, `it went on after line ${line}`);
    assertSame(await pages(two), expected);
  });

  it("of an export into another cluster gives the same bytes there, also after a restart of it", async () => {
    const [one] = servers;
    assert(one);
    const three = await server("three", 13);
    const isthmusOf = (api: string) => `"${process.execPath}" "${ISTHMUS}" --endpoint ${api}`;
    const pipeline = `${isthmusOf(one.api)} export | ${isthmusOf(three.api)} import -`;
    const { stdout } = await promisify(execFile)("sh", ["-c", pipeline], { cwd: root });
    assert.match(stdout, new RegExp(`^imported ${LINES} records of ${LINES} lines`));
    assertSame(await exported(three), expected);
    await three.end("SIGKILL");
    await three.start();
    assertSame(await pages(three), expected);
  });

  it("and HTTP agree on every type of value to the last bit", async () => {
    const [one, , three] = servers;
    assert(one && three);
    const properties = JSON.parse(`{${TYPED}}`) as Properties;
    for (const { client } of [one, three]) {
      const record = await client.read(nodePath(nodeId(0)));
      assert.equal(JSON.stringify(record?.properties), `{${TYPED}}`, "as it was imported");
      await client.json("PUT", nodePath("typed"), { raw: `{"properties":{${TYPED}}}` });
      const patch = { raw: `{"properties":{${TYPED}}}` };
      await client.json("PUT", nodePath("patched"), { body: {} });
      await client.json("PATCH", nodePath("patched"), patch);
      const batch = `{"operations":[{"op":"put_edge","id":"typed","type":"T","from":"typed","to":"patched","properties":{${TYPED}}}]}`;
      await client.json("POST", "/v1/main/batch", { raw: batch });
      for (const at of [nodePath("typed"), edgePath("typed")])
        assert.equal(JSON.stringify((await client.read(at))?.properties), `{${TYPED}}`, at);
      // A null in a merge patch takes a property away.
      const { nothing, deep, ...rest } = properties;
      assert.equal(nothing, null);
      const { deep: merged, ...patched } = (await client.read(nodePath("patched")))?.properties ?? {};
      assert.equal(JSON.stringify(patched), JSON.stringify(rest));
      assert.notEqual(merged, undefined, `${JSON.stringify(deep)} was merged`);
    }
    assertSame(await pages(one), await pages(three));
  });

  async function server(name: string, n: number): Promise<Standalone> {
    const started = await Standalone.start(root, name, base + n);
    servers.push(started);
    return started;
  }

  /**
   * Runs an import until it has had the answers to so many batches, each after it had noted the one before, and kills it
   * that moment. Returns the line through which it was acknowledged.
   */
  async function killedAfter(gate: Gate, batches: number): Promise<number> {
    const from = notedLine();
    const full = Promise.withResolvers<void>();
    const never = new Promise<void>(() => undefined);
    let passed = 0;
    gate.mayPass = async () => {
      if (passed === batches) await never;
      await eventually(
        "it notes what was acknowledged",
        () => (notedLine() >= from + passed * BATCH ? true : undefined),
        {
          withinMs: 10_000,
          everyMs: 2,
        },
      );
      passed += 1;
      if (passed === batches) full.resolve();
    };
    const client = new Command(["--endpoint", gate.api, "import", file], { cwd: root });
    await within(IMPORT_WITHIN_MS, `${batches} batches are acknowledged`, full.promise);
    client.child.kill("SIGKILL");
    assert.equal((await client.ended).signal, "SIGKILL");
    if (from > 0) assert.equal(resumedAt(client.stderr), from);
    return from + batches * BATCH;
  }

  /** What the import itself has written down of its way. */
  function notedLine(): number {
    const noted = `${file}.isthmus-import`;
    return existsSync(noted) ? (JSON.parse(readFileSync(noted, "utf8")) as { line: number }).line : 0;
  }

  async function runImport(
    api: string,
  ): Promise<{ status: number | null; stderr: string; summary: Summary }> {
    const finished = await isthmus(["--endpoint", api, "-o", "json", "import", file], {
      cwd: root,
      timeoutMs: IMPORT_WITHIN_MS,
    });
    return { ...finished, summary: JSON.parse(finished.stdout || "{}") as Summary };
  }

  async function exported({ api }: Standalone): Promise<string> {
    const out = path.join(root, "out.jsonl");
    const { status, stderr } = await isthmus(["--endpoint", api, "export", "--out", out], { cwd: root });
    assert.equal(status, 0, stderr);
    return readFileSync(out, "utf8");
  }
});

/** All that a node holds, as its export gives it out. */
async function pages({ client }: Standalone): Promise<string> {
  let text = "";
  for (let after: string | null = ""; after !== null; ) {
    const query = after === "" ? "" : `&after=${encodeURIComponent(after)}`;
    const page: Answer = await client.call("GET", `/v1/main/export?limit=1000${query}`);
    assert.equal(page.status, 200, page.text);
    text += page.text;
    const cursor = page.headers["isthmus-cursor"];
    after = typeof cursor === "string" ? cursor : null;
  }
  return text;
}

/** Byte by byte; only the first line that differs is told. */
function assertSame(text: string, other: string): void {
  if (text === other) return;
  const [lines, others] = [text.split("\n"), other.split("\n")];
  const at = lines.findIndex((line, index) => line !== others[index]);
  assert.equal(lines[at], others[at], `line ${at + 1} of ${lines.length} and ${others.length}`);
  assert.equal(lines.length, others.length);
}

interface Summary {
  readonly records: number;
  readonly resumed: number;
}

/** The line after which an import says that it goes on. */
function resumedAt(stderr: string): number {
  const line = /^going on after line ([0-9]+) \([0-9]+ records\)$/m.exec(stderr)?.[1];
  assert(line !== undefined, `it says where it goes on; it said: ${stderr}`);
  return Number(line);
}

function nodeId(index: number): string {
  return `n${String(index).padStart(5, "0")}`;
}

/** A graph in the order of an export: nodes by their ids, then edges by theirs. */
function records(): string {
  const lines: string[] = [];
  for (let index = 0; index < NODES; index++) {
    const labels = index % 3 === 0 ? '["Even","Third"]' : '["Plain"]';
    const properties = index % 1_000 === 0 ? TYPED : `"at":{"$int":"${index}"},"name":"node ${index}"`;
    lines.push(`{"kind":"node","id":"${nodeId(index)}","labels":${labels},"properties":{${properties}}}`);
  }
  for (let index = 0; index < EDGES; index++) {
    const id = `e${String(index).padStart(5, "0")}`;
    const ends = `"from":"${nodeId(index)}","to":"${nodeId((index * 7) % NODES)}"`;
    lines.push(`{"kind":"edge","id":"${id}","type":"KNOWS",${ends},"properties":{"weight":${index / 8}}}`);
  }
  return `${lines.join("\n")}\n`;
}
