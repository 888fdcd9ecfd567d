import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isName } from "@isthmus/kernel";
import {
  DEFAULT_LIMITS,
  nodeConfig,
  readTopologyFile,
  TopologyError,
  topologyJsonSchema,
} from "@isthmus/node";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const OPTIONS = { file: "/etc/isthmus/topology.yaml", env: {}, insecure: false };

const GOOD = `version: 1
cluster: acme
databases:
  - name: main
    policy: multi_writer
    sync: { mode: async }
regions:
  - id: us-east
    priority: 2
    nodes:
      - { id: us-east-1, api: "http://127.0.0.1:7411", cluster: "ws://127.0.0.1:7511", data: data/1 }
      - { id: us-east-2, api: "http://127.0.0.1:7412", cluster: "ws://127.0.0.1:7512", data: /data/2, capabilities: [graph] }
  - id: eu-west
    nodes:
      - { id: eu-west-1, api: "http://localhost:7421", cluster: "ws://[::1]:7521", data: data/3 }
limits: { body: 8MiB, inflight: 64, request_timeout: 1500ms }
`;

/** What is said of a file, line by line, without the heading. */
function faultsOf(text: string, options: Partial<typeof OPTIONS> = {}): string[] {
  try {
    readTopologyFile(text, { ...OPTIONS, file: "t.yaml", ...options });
  } catch (error) {
    if (!(error instanceof TopologyError)) throw error;
    assert.equal(error.code, "invalid_topology");
    assert.equal(error.faults.length, error.facts.faults);
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

function changed(before: string, after: string): string {
  assert.ok(GOOD.includes(before), `the good file has ${before}`);
  return GOOD.replace(before, after);
}

test("a good file is taken: nodes are numbered in order, relative directories begin at the file's", () => {
  const file = readTopologyFile(GOOD, OPTIONS);
  assert.deepEqual(file.topology, {
    cluster: "acme",
    databases: [{ name: "main", policy: "multi_writer" }],
    regions: [
      {
        id: "us-east",
        priority: 2,
        nodes: [
          { id: "us-east-1", number: 1, api: "http://127.0.0.1:7411", cluster: "ws://127.0.0.1:7511" },
          { id: "us-east-2", number: 2, api: "http://127.0.0.1:7412", cluster: "ws://127.0.0.1:7512" },
        ],
      },
      {
        id: "eu-west",
        priority: 1,
        nodes: [{ id: "eu-west-1", number: 3, api: "http://localhost:7421", cluster: "ws://[::1]:7521" }],
      },
    ],
  });
  assert.deepEqual(Object.fromEntries(file.dataDirectories), {
    "us-east-1": "/etc/isthmus/data/1",
    "us-east-2": "/data/2",
    "eu-west-1": "/etc/isthmus/data/3",
  });
  assert.deepEqual(file.limits, { bodyBytes: 8 * 2 ** 20, inflight: 64, requestTimeoutMs: 1_500 });
});

const FAULTS: readonly { name: string; text: string; expected: RegExp }[] = [
  {
    name: "a key misspelt is named with the nearest one",
    text: changed("cluster: acme", "clutser: acme"),
    expected: /^t\.yaml:2:1 clutser: is not known here; allowed: version, .*; did you mean cluster\?$/,
  },
  {
    name: "a key deep in the file too",
    text: changed("priority: 2", "prioritty: 2"),
    expected: /^t\.yaml:9:5 regions\[0\]\.prioritty: is not known here; .*did you mean priority\?$/,
  },
  {
    name: "what comes later is refused as such, also a whole section",
    text: `${GOOD}witnesses: []\n`,
    expected: /^t\.yaml:17:1 witnesses: is not available yet$/,
  },
  {
    name: "a policy that comes later",
    text: changed("policy: multi_writer", "policy: primary"),
    expected: /^t\.yaml:5:13 databases\[0\]\.policy: "primary" is not available yet; allowed: multi_writer$/,
  },
  {
    name: "a mode that comes later",
    text: changed("mode: async", "mode: semi_sync"),
    expected: /^t\.yaml:6:19 databases\[0\]\.sync\.mode: "semi_sync" is not available yet; allowed: async$/,
  },
  {
    name: "a capability that comes later",
    text: changed("[graph]", "[graph, bm25]"),
    expected: /capabilities\[1\]: "bm25" is not available yet; allowed: graph$/,
  },
  {
    name: "a limit that comes later",
    text: changed("inflight: 64", "clock_ahead: 10s"),
    expected: /limits\.clock_ahead: is not available yet$/,
  },
  {
    name: "a value misspelt is named with the nearest one",
    text: changed("policy: multi_writer", "policy: multi-writer"),
    expected: /"multi-writer" is not taken; allowed: multi_writer; did you mean multi_writer\?$/,
  },
  {
    name: "another version",
    text: changed("version: 1", "version: 2"),
    expected: /^t\.yaml:1:10 version: 2 is not taken; allowed: 1$/,
  },
  {
    name: "a name that is none",
    text: changed("- id: us-east\n", "- id: US_East\n"),
    expected: /^t\.yaml:8:9 regions\[0\]\.id: "US_East" is not taken; allowed: a name of lower-case letters/,
  },
  {
    name: "a number where a name belongs",
    text: changed("cluster: acme", "cluster: 7"),
    expected: /^t\.yaml:2:10 cluster: 7 is not taken; allowed: a text$/,
  },
  {
    name: "something missing, at what should hold it",
    text: changed(", data: data/3", ""),
    expected: /^t\.yaml:15:9 regions\[1\]\.nodes\[0\]\.data: is missing; allowed: a text$/,
  },
  {
    name: "a region without nodes",
    text: `${GOOD.slice(0, GOOD.indexOf("  - id: eu-west"))}  - { id: eu-west, nodes: [] }\n`,
    expected: /regions\[1\]\.nodes: \[\] is not taken; allowed: at least 1 item$/,
  },
  {
    name: "a region's name twice",
    text: changed("- id: eu-west", "- id: us-east"),
    expected: /^t\.yaml:13:9 regions\[1\]\.id: "us-east" names the same region a second time$/,
  },
  {
    name: "a node's name twice, over regions",
    text: changed("id: eu-west-1", "id: us-east-1"),
    expected: /regions\[1\]\.nodes\[0\]\.id: "us-east-1" names the same node a second time$/,
  },
  {
    name: "an address twice, also as api of one and cluster of another",
    text: changed("ws://127.0.0.1:7512", "ws://127.0.0.1:7411"),
    expected: /nodes\[1\]\.cluster: "ws:\/\/127\.0\.0\.1:7411" names the same address a second time$/,
  },
  {
    name: "one data directory for two nodes of one host",
    text: changed("data: data/3", "data: data/1"),
    expected: /data: "data\/1" names the same data directory of one host a second time$/,
  },
  {
    name: "an address without a port",
    text: changed("http://127.0.0.1:7411", "http://127.0.0.1"),
    expected: /nodes\[0\]\.api: "http:\/\/127\.0\.0\.1" is not an address; allowed: http:\/\/HOST:PORT$/,
  },
  {
    name: "an address with something behind it",
    text: changed("http://127.0.0.1:7411", "http://127.0.0.1:7411/x"),
    expected: /is not an address; allowed: http:\/\/HOST:PORT$/,
  },
  {
    name: "a port out of range",
    text: changed("http://127.0.0.1:7411", "http://127.0.0.1:70000"),
    expected: /is not an address/,
  },
  {
    name: "an address of the other kind",
    text: changed("ws://127.0.0.1:7511", "http://127.0.0.1:7511"),
    expected: /cluster: "http:\/\/127\.0\.0\.1:7511" is not an address; allowed: ws:\/\/HOST:PORT$/,
  },
  {
    name: "an encrypted address",
    text: changed("http://127.0.0.1:7411", "https://127.0.0.1:7411"),
    expected: /needs certificates, which are not available yet; allowed: http:\/\/HOST:PORT$/,
  },
  {
    name: "an address off loopback, with the flag that would take it",
    text: changed("http://127.0.0.1:7411", "http://10.1.0.11:7411"),
    expected: /api: "http:\/\/10\.1\.0\.11:7411" is not loopback.*--insecure/,
  },
  {
    name: "a name that only looks like loopback",
    text: changed("http://127.0.0.1:7411", "http://127.0.0.1.example.org:7411"),
    expected: /is not loopback/,
  },
  {
    name: "a size without a unit",
    text: changed("body: 8MiB", "body: 8"),
    expected: /limits\.body: 8 is not taken; allowed: a text$/,
  },
  {
    name: "a size in a unit that is none",
    text: changed("body: 8MiB", "body: 8MB"),
    expected: /limits\.body: "8MB" is not taken; allowed: a size such as 4MiB/,
  },
  {
    name: "a size that no computer counts to",
    text: changed("body: 8MiB", "body: 999999999TiB"),
    expected: /limits\.body: "999999999TiB" is not taken; allowed: a size below/,
  },
  {
    name: "a time in a unit that is none",
    text: changed("1500ms", "1500us"),
    expected: /limits\.request_timeout: "1500us" is not taken; allowed: a time such as 500ms/,
  },
  {
    name: "a limit of nothing",
    text: changed("inflight: 64", "inflight: 0"),
    expected: /limits\.inflight: 0 is not taken; allowed: 1 or more$/,
  },
  {
    name: "a key twice",
    text: `${GOOD}version: 1\n`,
    expected: /^t\.yaml:17:1 is not valid YAML here \(.*unique/,
  },
  {
    name: "text that is no YAML",
    text: "version: [1\ncluster: x\n",
    expected: /is not valid YAML here/,
  },
  { name: "an empty file", text: "", expected: /^t\.yaml:1:1 null is not taken; allowed: a mapping$/ },
  { name: "a list", text: "- 1\n", expected: /^t\.yaml:1:1 \[1\] is not taken; allowed: a mapping$/ },
];

for (const { name, text, expected } of FAULTS)
  test(`refused: ${name}`, () => {
    const faults = faultsOf(text);
    assert.ok(
      faults.some((line) => expected.test(line)),
      `none of these matches ${expected}:\n${faults.join("\n")}`,
    );
  });

test("all faults come at once, in the order of the file, shape and rules together", () => {
  const text = changed("policy: multi_writer", "policy: primary")
    .replace("priority: 2", "prio: 2")
    .replace("id: eu-west-1", "id: us-east-1")
    .replace("inflight: 64", "inflight: none");
  const places = faultsOf(text, { env: { ISTHMUS__LIMITS__BODY: "much" } }).map((line) => line.split(" ")[0]);
  assert.deepEqual(places, [
    "t.yaml:5:13",
    "t.yaml:9:5",
    "t.yaml:15:15",
    "t.yaml:16:33",
    "ISTHMUS__LIMITS__BODY:",
  ]);
});

test("addresses off loopback are taken when it is said aloud that nothing protects them", () => {
  const text = changed("http://127.0.0.1:7411", "http://10.1.0.11:7411");
  assert.deepEqual(faultsOf(text, { insecure: true }), []);
});

test("nodes of different hosts may name the same data directory", () => {
  const text = changed("http://127.0.0.1:7411", "http://10.1.0.11:7411").replace("/data/2", "data/1");
  assert.deepEqual(faultsOf(text, { insecure: true }), []);
});

test("a small file that aliases blow up is refused", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 8; level++) {
    const previous = `*a${level - 1}`;
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => previous).join(", ")}]`);
  }
  assert.match(faultsOf(lines.join("\n")).join("\n"), /alias/i);
});

test("a node's configuration: flags go over the environment, which goes over the file, which goes over the defaults", () => {
  const env = {
    ISTHMUS__LIMITS__BODY: "16MiB",
    ISTHMUS__LIMITS__INFLIGHT: "5",
    ISTHMUS__DATA: "/from/env",
    ISTHMUS__LISTEN__API: "http://127.0.0.1:9000",
    OTHER: "x",
  };
  const file = readTopologyFile(GOOD, { ...OPTIONS, env });
  const { config, dataDirectory } = nodeConfig(file, "us-east-2", { limits: { inflight: 6 } });
  assert.equal(config.region, "us-east");
  assert.equal(config.node, "us-east-2");
  assert.equal(dataDirectory, "/from/env");
  const { bodyBytes, inflight, requestTimeoutMs, retryKeys } = config.limits;
  assert.deepEqual([bodyBytes, inflight, requestTimeoutMs], [16 * 2 ** 20, 6, 1_500]);
  assert.equal(retryKeys, DEFAULT_LIMITS.retryKeys);
  const [first, second] = config.topology.regions[0]?.nodes ?? [];
  assert.equal(second?.api, "http://127.0.0.1:9000");
  assert.equal(first?.api, "http://127.0.0.1:7411", "the others are dialled where the file says");
  assert.equal(
    nodeConfig(file, "us-east-2", { dataDirectory: "/flag" }).dataDirectory,
    path.resolve("/flag"),
  );
});

test("settings in the environment that are none, or do not fit, are refused by name", () => {
  const env = {
    ISTHMUS__LIMIT__BODY: "4MiB",
    ISTHMUS__LISTEN__API: "http://0.0.0.0:80",
    ISTHMUS__LIMITS__INFLIGHT: "0",
  };
  const faults = faultsOf(GOOD, { env });
  assert.equal(faults.length, 3);
  assert.match(
    faults[1] ?? "",
    /^ISTHMUS__LIMIT__BODY: "4MiB" is no setting .*did you mean ISTHMUS__LIMITS__BODY\?$/,
  );
  assert.match(
    faults[0] ?? "",
    /^ISTHMUS__LIMITS__INFLIGHT: "0" does not fit; allowed: a whole number from 1$/,
  );
  assert.match(faults[2] ?? "", /^ISTHMUS__LISTEN__API: "http:\/\/0\.0\.0\.0:80" is not loopback/);
});

test("a node that the file does not name is refused with the nearest one", () => {
  const file = readTopologyFile(GOOD, OPTIONS);
  assert.throws(() => nodeConfig(file, "us-esat-1"), {
    code: "unknown_node",
    message: /did you mean us-east-1\?$/,
  });
});

test("the names that the schema takes are the kernel's", () => {
  for (const name of ["a", "us-east", "9", "-a", "a_b", "A", "", "a".repeat(63), "a".repeat(64), "a.b"])
    assert.equal(faultsOf(changed("cluster: acme", `cluster: "${name}"`)).length === 0, isName(name), name);
});

test("every topology in regions/ is taken", () => {
  const files = readdirSync(path.join(ROOT, "regions")).filter((file) => file.endsWith(".yaml"));
  assert.ok(files.length >= 3);
  for (const name of files) {
    const file = path.join(ROOT, "regions", name);
    readTopologyFile(readFileSync(file, "utf8"), { file, env: {}, insecure: false });
  }
});

test("docs/topology.schema.json is what packages/node/scripts/write-topology-schema.ts would write", () => {
  const published: unknown = JSON.parse(readFileSync(path.join(ROOT, "docs/topology.schema.json"), "utf8"));
  assert.deepEqual(published, JSON.parse(JSON.stringify(topologyJsonSchema())));
});
