import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { deadEndpoint, fakeNode, problem } from "./support/fake-node.ts";
import { isthmus, temporaryDirectory } from "./support/run-command.ts";

const WRITTEN = { id: "alice", version: "v1", receipt: "r1" };

test("put sends labels and properties, JSON where it parses as such, and a key that makes a retry harmless", async (t) => {
  const node = await fakeNode(t, () => ({ body: WRITTEN }));
  const flags = [
    "--label",
    "Person",
    "--label",
    "User",
    "--set",
    "age=42",
    "--set",
    "name=Alice B",
    "--set",
    "x=a=b",
  ];
  const typed = ["--set", 'when={"$time":"2026-11-22T10:00:00.000Z"}', "--set", "empty="];
  const { status, out } = await isthmus([
    "put",
    "alice",
    ...flags,
    ...typed,
    "--endpoint",
    node.endpoint,
    "-o",
    "json",
  ]);
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(out), WRITTEN);
  const [asked] = node.asked;
  assert.equal(`${asked?.method} ${asked?.path}`, "PUT /v1/main/nodes/alice");
  assert.deepEqual(asked?.body, {
    labels: ["Person", "User"],
    properties: {
      age: 42,
      name: "Alice B",
      x: "a=b",
      when: { $time: "2026-11-22T10:00:00.000Z" },
      empty: "",
    },
  });
  assert.match(asked?.headers["idempotency-key"]?.toString() ?? "", /^[0-9a-f-]{36}$/);
});

test("ids are encoded in paths as they are, also those that a path would take for its own", async (t) => {
  const node = await fakeNode(t, () => ({ body: WRITTEN }));
  for (const id of ["a/b", "..", "ä ö", "100%", "a:b?c#d"])
    await isthmus(["get", id, "--endpoint", node.endpoint]);
  const paths = node.asked.map(({ path }) => path.slice("/v1/main/nodes/".length));
  assert.deepEqual(paths, ["a%2Fb", "..", "%C3%A4%20%C3%B6", "100%25", "a%3Ab%3Fc%23d"]);
});

test("connect names the edge FROM:TYPE:TO unless told otherwise; disconnect deletes it", async (t) => {
  const node = await fakeNode(t, () => ({ body: WRITTEN }));
  const at = ["--endpoint", node.endpoint, "--db", "social"];
  await isthmus(["connect", "a", "KNOWS", "b", "--set", "since=2020", ...at]);
  await isthmus(["connect", "a", "KNOWS", "b", "--id", "e1", ...at]);
  await isthmus(["disconnect", "e1", ...at]);
  await isthmus(["del", "a", ...at]);
  const lines = node.asked.map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(lines, [
    "PUT /v1/social/edges/a%3AKNOWS%3Ab",
    "PUT /v1/social/edges/e1",
    "DELETE /v1/social/edges/e1",
    "DELETE /v1/social/nodes/a",
  ]);
  assert.deepEqual(node.asked[0]?.body, { type: "KNOWS", from: "a", to: "b", properties: { since: 2020 } });
});

test("a record is printed as a table to people, as JSON or YAML to programs", async (t) => {
  const record = {
    id: "alice",
    labels: ["Person"],
    properties: { age: 42, tags: ["a", "b"], o: { x: 1 } },
    version: "v1",
  };
  const node = await fakeNode(t, () => ({ body: record }));
  const at = ["--endpoint", node.endpoint];
  const { out } = await isthmus(["get", "alice", ...at]);
  assert.equal(
    out,
    'id       alice\nlabels   Person\nversion  v1\n\nPROPERTY  VALUE\nage       42\ntags      a, b\no         {"x":1}\n',
  );
  assert.deepEqual(JSON.parse((await isthmus(["get", "alice", "-o", "json", ...at])).out), record);
  assert.deepEqual(parse((await isthmus(["-o", "yaml", "get", "alice", ...at])).out), record);
});

test("the next endpoint is asked when one is dead or hangs up", async (t) => {
  const broken = await fakeNode(t, () => null);
  const node = await fakeNode(t, () => ({ body: WRITTEN }));
  const endpoints = [await deadEndpoint(), broken.endpoint, node.endpoint].join(",");
  const { status } = await isthmus(["put", "alice", "--endpoint", endpoints]);
  assert.equal(status, 0);
  const keys = [broken, node].map(({ asked }) => asked[0]?.headers["idempotency-key"]);
  assert.ok(keys[0]);
  assert.equal(keys[0], keys[1], "asked twice, written once");
});

test("nobody reachable: exit 4 and one line that names the addresses and where they came from", async () => {
  const endpoint = await deadEndpoint();
  const { status, out, err } = await isthmus(["get", "x", "-o", "json"], {
    env: { ISTHMUS_ENDPOINT: endpoint },
  });
  assert.equal(status, 4);
  assert.equal(out, "");
  assert.match(
    err,
    /^isthmus: nobody answers at http:\/\/127\.0\.0\.1:\d+ \(from ISTHMUS_ENDPOINT\): .+; .+\n$/,
  );
});

test("the platform that dev runs in this directory is found; the flag goes over the variable, which goes over that", async (t) => {
  const nodes = await Promise.all(
    ["dev", "variable", "flag"].map((name) => fakeNode(t, () => ({ body: { id: name } }))),
  );
  const [dev = "", variable = "", flag = ""] = nodes.map(({ endpoint }) => endpoint);
  const cwd = await temporaryDirectory(t);
  await mkdir(path.join(cwd, ".isthmus"));
  const file = { cluster: "dev", pid: 1, nodes: [{ region: "r", node: "r-1", api: dev }] };
  await writeFile(path.join(cwd, ".isthmus", "dev.json"), JSON.stringify(file));
  const ask = async (args: string[], env: Record<string, string>): Promise<unknown> =>
    JSON.parse((await isthmus(["get", "x", "-o", "json", ...args], { cwd, env })).out).id;
  assert.equal(await ask([], {}), "dev");
  assert.equal(await ask([], { ISTHMUS_ENDPOINT: variable }), "variable");
  assert.equal(await ask(["--endpoint", flag], { ISTHMUS_ENDPOINT: variable }), "flag");
});

test("what a node refuses is one line with its reason and code: exit 1, or 3 for a rule of safety", async (t) => {
  const node = await fakeNode(t, ({ path }) =>
    path.endsWith("missing")
      ? problem(404, "not_found", "there is no node missing")
      : problem(409, "refused_by_safety", "it is the last copy"),
  );
  const missing = await isthmus(["get", "missing", "--endpoint", node.endpoint]);
  assert.deepEqual([missing.status, missing.out], [1, ""]);
  assert.equal(missing.err, "isthmus: GET /v1/main/nodes/missing: there is no node missing (not_found)\n");
  assert.equal((await isthmus(["del", "last", "--endpoint", node.endpoint])).status, 3);
});

test("an answer that is no node's is told as such", async (t) => {
  const stranger = await fakeNode(t, () => ({ body: "<html>" }));
  const { status, err } = await isthmus(["get", "x", "--endpoint", stranger.endpoint]);
  assert.equal(status, 1);
  assert.match(err, /is that address an isthmus node\?\n$/);
});

const WRONG: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["an unknown command", ["pu", "x"], /unknown command 'pu' \(Did you mean put\?\)/],
  ["an unknown flag", ["get", "x", "--sett", "a"], /unknown option '--sett'/],
  ["a missing argument", ["connect", "a", "b"], /missing required argument 'to'/],
  ["an argument too many", ["get", "a", "b"], /too many arguments/],
  ["an unknown format", ["get", "a", "-o", "xml"], /Allowed choices are table, json, yaml/],
  [
    "a property without a value",
    ["put", "a", "--set", "age"],
    /--set age is not taken; write --set name=value/,
  ],
  ["a property without a name", ["put", "a", "--set", "=1"], /--set =1 is not taken/],
  ["a property twice", ["put", "a", "--set", "k=1", "--set", "k=2"], /--set names k twice/],
  [
    "an endpoint that is none",
    ["get", "a", "--endpoint", "localhost"],
    /--endpoint: localhost is not an address/,
  ],
  ["serve without a word", ["serve"], /add --config FILE --node ID, or --data DIR/],
  ["serve with a node of no file", ["serve", "--node", "a"], /add --config FILE/],
  [
    "serve of a file that is not there",
    ["serve", "--config", "no/such.yaml", "--node", "a"],
    /no\/such\.yaml cannot be read/,
  ],
  ["serve off loopback", ["serve", "--data", "d", "--listen", "0.0.0.0:7411"], /is not loopback.*--insecure/],
  [
    "dev with a policy that comes later",
    ["dev", "--policy", "primary"],
    /--policy primary is not available yet/,
  ],
  [
    "dev with a mode that comes later",
    ["dev", "--sync", "semi_sync"],
    /--sync semi_sync is not available yet/,
  ],
  ["dev with distances that come later", ["dev", "--wan", "world"], /--wan world is not available yet/],
  ["dev with a region that is no name", ["dev", "--regions", "us east"], /"us east" is no name/],
  ["dev with a region twice", ["dev", "--regions", "a,a"], /names a region twice/],
  [
    "dev with more nodes than ports",
    ["dev", "--nodes", "10"],
    /--nodes 10 is not taken; use a number from 1 to 9/,
  ],
  ["dev with a file and a shape", ["dev", "--config", "x", "--nodes", "1"], /--nodes and --config both say/],
  ["an import of nothing", ["import", "no-such-file.jsonl"], /no-such-file\.jsonl: there is no such file/],
];

for (const [name, args, expected] of WRONG)
  test(`wrong usage is exit 2 and says what to do: ${name}`, async () => {
    const { status, out, err } = await isthmus(args);
    assert.equal(status, 2);
    assert.equal(out, "");
    assert.match(err, expected);
    assert.match(err, /^isthmus: [\s\S]*\n$/);
  });

test("help and version are exit 0, and no help names what is not built", async () => {
  const { status, out } = await isthmus(["--help"]);
  assert.equal(status, 0);
  assert.match(out, /Exit status: 0 done, 1 failed, 2 wrong usage/);
  assert.doesNotMatch(out, /failover|backup|conflicts|token|chaos/);
  assert.equal((await isthmus(["version", "-o", "json"])).status, 0);
});
