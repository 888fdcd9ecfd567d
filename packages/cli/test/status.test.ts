import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeNode } from "./support/fake-node.ts";
import { isthmus } from "./support/run-command.ts";

interface NodeSketch {
  readonly id: string;
  readonly up?: boolean;
  /** The role in the data group; null for a node that tells nothing. */
  readonly role: string | null;
  readonly control?: string;
}

function cluster(regions: Readonly<Record<string, readonly NodeSketch[]>>): object {
  const group = (name: string, role: string) => ({
    group: name,
    role,
    term: 2,
    leader: "us-east-1",
    commit: 7,
    applied: 7,
    digest: null,
  });
  return {
    cluster: "dev",
    epoch: 0,
    databases: [{ name: "main", policy: "multi_writer" }],
    regions: Object.entries(regions).map(([id, nodes]) => ({
      id,
      role: "writer",
      vector: {},
      nodes: nodes.map(({ id: node, up = true, role, control = "follower" }) => ({
        id: node,
        up,
        groups: role === null ? [] : [group("_control", control), group("main/0", role)],
      })),
    })),
    links: [
      {
        from: "us-east",
        to: "eu-west",
        state: "live",
        mode: "async",
        lag_ops: 0,
        lag_bytes: null,
        lag_ms: null,
        rtt_ms: 3,
        verified_at: null,
      },
    ],
  };
}

const LED = cluster({
  "us-east": [
    { id: "us-east-1", role: "leader", control: "leader" },
    { id: "us-east-2", role: "follower" },
  ],
  "eu-west": [{ id: "eu-west-1", role: "leader" }],
});

test("a cluster that is led is exit 0; what is not known is a dash, never a zero", async (t) => {
  const node = await fakeNode(t, () => ({ body: LED }));
  const { status, out, err } = await isthmus(["status", "--endpoint", node.endpoint]);
  assert.deepEqual([status, err], [0, ""]);
  assert.match(out, /every group is led/);
  assert.match(out, /us-east +us-east-1 +up +main\/0 +leader +2 +us-east-1 +7 +7 +-\n/);
  assert.match(out, /us-east +eu-west +live +async +0 +- +- +3\n/);
  assert.equal(node.asked[0]?.path, "/admin/v1/cluster");
});

const TROUBLES: readonly (readonly [string, object, RegExp])[] = [
  [
    "a data group without a leader",
    cluster({ a: [{ id: "a-1", role: "leader", control: "leader" }], b: [{ id: "b-1", role: "candidate" }] }),
    /main\/0 has no leader in b/,
  ],
  [
    "no leader of the control group",
    cluster({ a: [{ id: "a-1", role: "leader" }] }),
    /_control has no leader/,
  ],
  [
    "a leader that is down",
    cluster({
      a: [{ id: "a-1", role: "leader", control: "leader" }],
      b: [
        { id: "b-1", up: false, role: "leader" },
        { id: "b-2", role: "follower" },
      ],
    }),
    /main\/0 has no leader in b/,
  ],
  [
    "a region of which nothing is up",
    cluster({
      a: [{ id: "a-1", role: "leader", control: "leader" }],
      b: [{ id: "b-1", up: false, role: null }],
    }),
    /no node of b is up/,
  ],
];

for (const [name, body, expected] of TROUBLES)
  test(`exit 1 with ${name}, and JSON stays JSON`, async (t) => {
    const node = await fakeNode(t, () => ({ body }));
    const { status, out, err } = await isthmus(["status", "-o", "json", "--endpoint", node.endpoint]);
    assert.equal(status, 1);
    assert.match(err, expected);
    assert.deepEqual(JSON.parse(out), body);
  });

test("links are listed, paused and resumed one direction at a time", async (t) => {
  const node = await fakeNode(t, ({ method }) => ({ body: method === "GET" ? LED : {} }));
  const at = ["--endpoint", node.endpoint];
  const listed = await isthmus(["link", "list", "-o", "json", ...at]);
  assert.equal((JSON.parse(listed.out) as unknown[]).length, 1);
  assert.equal(
    (await isthmus(["link", "pause", "us-east", "eu-west", ...at])).out,
    "us-east -> eu-west: paused\n",
  );
  assert.equal((await isthmus(["link", "resume", "us-east", "eu-west", ...at])).status, 0);
  const changes = node.asked.slice(1).map(({ method, path, body }) => [method, path, body]);
  assert.deepEqual(changes, [
    ["PATCH", "/admin/v1/links/us-east/eu-west", { paused: true }],
    ["PATCH", "/admin/v1/links/us-east/eu-west", { paused: false }],
  ]);
});

test("colour only where a person looks, and none with NO_COLOR", async (t) => {
  const node = await fakeNode(t, () => ({ body: LED }));
  const args = ["status", "--endpoint", node.endpoint];
  const coloured = await isthmus(args, { outIsTerminal: true });
  const plain = await isthmus(args, { outIsTerminal: true, env: { NO_COLOR: "1" } });
  const piped = await isthmus(args);
  assert.ok(coloured.out.includes("\u001b["));
  assert.ok(!plain.out.includes("\u001b["));
  assert.equal(plain.out, piped.out);
});
