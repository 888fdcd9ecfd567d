import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { type Asked, fakeNode, problem, type Reply } from "./support/fake-node.ts";
import { isthmus, temporaryDirectory } from "./support/run-command.ts";

const record = (id: string, more: object = {}) => ({
  id,
  region: "us-east",
  number: 4,
  api: "http://127.0.0.1:7414",
  cluster: "ws://127.0.0.1:7514",
  up: true,
  state: "active",
  leads: [],
  ...more,
});

/** Two members, of which one leaves as soon as it is asked to. */
function members() {
  const nodes = [record("us-east-1", { leads: ["main/0"] }), record("us-east-4")];
  return ({ method, path: at, body }: Asked): Reply => {
    const dry = at.endsWith("?dry_run=true");
    if (method === "GET") return { body: { nodes } };
    if (method === "POST" && at.startsWith("/admin/v1/groups/"))
      return { body: { group: "main/0", to: "x" } };
    if (method === "POST") return { body: record("us-east-5", { number: 5, state: "joining" }) };
    const id = at.split("/")[4]?.split("?")[0] ?? "";
    const known = nodes.findIndex((node) => node.id === id);
    if (known < 0) return problem(404, "not_found", `there is no node ${id}`);
    const node = nodes[known] as object;
    if (dry) return { body: { dry_run: true, node, changes: [`${id} leaves for good`] } };
    if (method === "DELETE") nodes.splice(known, 1);
    else nodes[known] = { ...nodes[known], ...(body as object), leads: [] } as (typeof nodes)[number];
    return { body: node };
  };
}

test("nodes are listed with their state and what they lead", async (t) => {
  const { endpoint } = await fakeNode(t, members());
  const { status, out } = await isthmus(["node", "list", "--endpoint", endpoint]);
  assert.equal(status, 0);
  assert.match(out, /us-east {2}us-east-1 {2}4 {7}up {2}active {2}main\/0 {2}http/);
  const json = await isthmus(["node", "list", "--endpoint", endpoint, "-o", "json"]);
  assert.equal(JSON.parse(json.out).nodes.length, 2);
});

test("a node is added with its addresses, and the next command is told on stderr", async (t) => {
  const { endpoint, asked } = await fakeNode(t, members());
  const where = ["--region", "us-east", "--api", "http://127.0.0.1:7415", "--cluster", "ws://127.0.0.1:7515"];
  const added = await isthmus(["node", "add", "us-east-5", ...where, "--endpoint", endpoint]);
  assert.deepEqual([added.status, added.out], [0, "us-east-5 is node 5 of us-east\n"]);
  assert.match(added.err, /isthmus serve --node us-east-5 --data DIR --join ENDPOINT/);
  assert.deepEqual(asked[0]?.body, {
    id: "us-east-5",
    region: "us-east",
    api: "http://127.0.0.1:7415",
    cluster: "ws://127.0.0.1:7515",
  });
  assert.equal((await isthmus(["node", "add", "us-east-5", "--endpoint", endpoint])).status, 2);
});

test("a removal shows its plan and is refused unless somebody says yes: exit 3", async (t) => {
  const { endpoint, asked } = await fakeNode(t, members());
  const args = ["node", "remove", "us-east-4", "--endpoint", endpoint];
  const silent = await isthmus(args);
  assert.deepEqual([silent.status, silent.out], [3, ""]);
  assert.match(silent.err, /us-east-4 leaves for good\nisthmus: nobody is there to confirm it; say --yes/);
  assert.equal((await isthmus(args, { inIsTerminal: true, input: "no\n" })).status, 3);
  assert.equal((await isthmus([...args, "--dry-run"])).status, 0);
  assert.deepEqual(
    asked.filter(({ path: at }) => !at.endsWith("?dry_run=true")),
    [],
    "nothing was changed",
  );
  const yes = await isthmus(args, { inIsTerminal: true, input: "y\n" });
  assert.deepEqual([yes.status, yes.out], [0, "us-east-4 is out: it may be switched off\n"]);
});

test("a removal that a safety rule forbids is exit 3, with the reason", async (t) => {
  const { endpoint } = await fakeNode(t, () => problem(409, "refused_by_safety", "it holds the last copy"));
  const { status, err } = await isthmus(["node", "remove", "a", "--yes", "--endpoint", endpoint]);
  assert.equal(status, 3);
  assert.match(err, /it holds the last copy \(refused_by_safety\)/);
});

test("drain waits until the node leads nothing; a group is handed over by name", async (t) => {
  const { endpoint, asked } = await fakeNode(t, members());
  const drained = await isthmus(["node", "drain", "us-east-1", "--endpoint", endpoint]);
  assert.deepEqual([drained.status, drained.out], [0, "us-east-1 leads nothing\n"]);
  assert.deepEqual(asked[0]?.body, { draining: true });
  const moved = await isthmus(["group", "transfer", "main/0", "--to", "us-east-4", "--endpoint", endpoint]);
  assert.deepEqual([moved.status, moved.out], [0, "us-east-4 leads main/0\n"]);
  assert.equal(asked.at(-1)?.path, "/admin/v1/groups/main%2F0/transfer");
});

test("a node that is no member is told to be added first; what a member was told is kept beside its data", async (t) => {
  const topology = {
    cluster: "acme",
    databases: [{ name: "main", policy: "multi_writer" }],
    regions: [
      {
        id: "us-east",
        priority: 1,
        // Off loopback: without --insecure the node must not start.
        nodes: [{ id: "us-east-9", number: 9, api: "http://10.0.0.9:1", cluster: "ws://10.0.0.9:2" }],
      },
    ],
  };
  const document = { founding: topology, topology, position: 3 };
  const { endpoint } = await fakeNode(t, () => ({ body: document }));
  const data = path.join(await temporaryDirectory(t), "data");
  const stranger = await isthmus(["serve", "--node", "x", "--data", data, "--join", endpoint]);
  assert.equal(stranger.status, 1);
  assert.match(stranger.err, /x is not a member of acme: run `isthmus node add x \.\.\.` first/);
  const exposed = await isthmus(["serve", "--node", "us-east-9", "--data", data, "--join", endpoint]);
  assert.match(exposed.err, /is not loopback/);
  await assert.rejects(readFile(path.join(data, "joined.json")), "nothing was written");
  assert.equal((await isthmus(["serve", "--node", "us-east-9", "--data", data])).status, 2);
  const nonsense = await fakeNode(t, () => ({ body: { founding: 1 } }));
  const odd = await isthmus(["serve", "--node", "x", "--data", data, "--join", nonsense.endpoint]);
  assert.match(odd.err, /invalid_answer/);
});
