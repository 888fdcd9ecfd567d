import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually, inParallel } from "../support/eventually.ts";
import { type Answer, type Call, codeOf, nodePath } from "../support/http.ts";
import { Platform, type PlatformNode } from "../support/platform.ts";

const WRITES = 600;
const WIDTH = 48;
/** The leader dies once so many are answered. */
const KILL_AT = 150;
const ANSWER_WITHIN_MS = 30_000;
/** What a retry is for: nothing was decided, or nobody knows. */
const PASSING = new Set([503, 504]);

/** A write that fails when it is applied a second time. */
interface Write {
  readonly key: string;
  readonly method: "PUT" | "POST";
  readonly path: string;
  readonly call: Call;
  /** The nodes that it makes. */
  readonly ids: readonly string[];
}

interface Outcome {
  readonly write: Write;
  /** What answered at last. */
  readonly answer: Answer;
  readonly attempts: number;
}

describe("keyed writes over the death of their leader", () => {
  let platform: Platform;
  let outcomes: Outcome[];
  let leader: PlatformNode;
  before(async () => {
    platform = await Platform.start({ flags: ["--regions", "one", "--nodes", "3"] });
  });
  after(() => platform?.close());

  it("each is answered 200 at some node, however often it was sent, and never 412", async (t) => {
    leader = await platform.leader("one");
    let answered = 0;
    let killed: Promise<void> | null = null;
    outcomes = await inParallel(writes(), WIDTH, async (write) => {
      const outcome = await sendUntilAnswered(platform.nodes, write);
      answered += 1;
      if (answered === KILL_AT) killed = platform.kill(leader);
      return outcome;
    });
    await killed;
    const refused = outcomes.filter(({ answer }) => answer.status !== 200);
    assert.deepEqual(
      refused.map(({ write, answer }) => [write.key, answer.status, answer.text]),
      [],
    );
    const again = outcomes.filter(({ attempts }) => attempts > 1).length;
    assert(again > 0, "the kill met writes in flight");
    t.diagnostic(`${WRITES} writes, ${again} of them sent more than once over the death of ${leader.id}`);

    await platform.restart(leader);
    await assertOnce();
  });

  it("each has the answer that it had before at every node, the restarted one, too, and no other effect", async () => {
    for (const { client, id } of platform.nodes)
      await inParallel(outcomes, WIDTH, async ({ write, answer }) => {
        const again = await client.call(write.method, write.path, write.call);
        assert.deepEqual([again.status, again.text], [200, answer.text], `${write.key} at ${id}`);
        assert.equal(again.headers.etag, answer.headers.etag);
      });
    await assertOnce();
  });

  it("one that somebody wrote over since changes nothing when it is sent again", async () => {
    const some = outcomes.filter(({ write }) => write.method === "PUT").slice(0, 20);
    await inParallel(some, WIDTH, async ({ write, answer }) => {
      const [id] = write.ids as [string];
      const over = await platform.nodes[0]?.client.putNode(id, { value: "another" });
      for (const { client } of platform.nodes) {
        const again = await client.call(write.method, write.path, write.call);
        assert.deepEqual([again.status, again.text], [200, answer.text]);
        assert.equal((await client.read(nodePath(id)))?.version, over?.version);
      }
    });
  });

  it("another body, path or method under a used key is 422 at every node, and changes nothing", async () => {
    const before = await contents();
    const [single] = outcomes.filter(({ write }) => write.method === "PUT");
    const [batch] = outcomes.filter(({ write }) => write.method === "POST");
    assert(single && batch);
    for (const { client, id } of platform.nodes)
      for (const { write } of [single, batch]) {
        const { headers = {} } = write.call;
        const others: readonly [method: string, path: string, call: Call][] = [
          [write.method, write.path, { headers, body: otherBody(write) }],
          ["PUT", nodePath("elsewhere"), { headers, body: { properties: {} } }],
          ["PATCH", nodePath(write.ids[0] ?? ""), { headers: keyOf(write), body: { properties: {} } }],
        ];
        for (const [method, path, call] of others) {
          const answer = await client.call(method, path, call);
          assert.deepEqual(
            [answer.status, codeOf(answer)],
            [422, "idempotency_mismatch"],
            `${path} at ${id}`,
          );
        }
      }
    assert.deepEqual(await contents(), before);
  });

  /** Every replica holds what the answers said, and nothing else: a version names the one write that made it. */
  async function assertOnce(): Promise<void> {
    const versions = new Map(outcomes.flatMap((outcome) => versionsOf(outcome)));
    assert.equal(new Set(versions.values()).size, (WRITES / 2) * 3);
    for (const held of await contents()) assert.deepEqual(held, versions);
  }

  /** By node, the version of each record. */
  async function contents(): Promise<Map<string, string>[]> {
    await platform.quiet();
    return await Promise.all(
      platform.nodes.map(async ({ client }) => {
        const ids = [...(await client.everything()).values()].map(({ id }) => id);
        const records = await inParallel(ids, WIDTH, (id) => client.read(nodePath(id), "local"));
        return new Map(records.map((record, index) => [ids[index] ?? "", record?.version ?? ""]));
      }),
    );
  }
});

/**
 * As a client does it that must not lose a write: the same request under the same key, at one node after the other, until
 * there is an answer that decides.
 */
async function sendUntilAnswered(nodes: readonly PlatformNode[], write: Write): Promise<Outcome> {
  let attempts = 0;
  const first = Number(write.key.split("-")[1]);
  return await eventually(
    `${write.key} is answered`,
    async () => {
      const node = nodes[(first + attempts) % nodes.length];
      assert(node);
      attempts += 1;
      const answer = await node.client.call(write.method, write.path, write.call);
      return PASSING.has(answer.status) ? undefined : { write, answer, attempts };
    },
    { withinMs: ANSWER_WITHIN_MS, everyMs: 20 },
  );
}

/** Half of them make one node, half of them two at once; each only where there is none. */
function writes(): Write[] {
  return Array.from({ length: WRITES }, (_, value) => {
    const key = `write-${value}`;
    const headers = { "idempotency-key": key };
    if (value % 2 === 0) {
      const body = { labels: ["Once"], properties: { value } };
      const call = { headers: { ...headers, "if-none-match": "*" }, body };
      return { key, method: "PUT", path: nodePath(key), call, ids: [key] };
    }
    const ids = [`${key}-a`, `${key}-b`];
    const operations = ids.map((id) => ({ op: "put_node", id, if_none_match: "*", properties: { value } }));
    return { key, method: "POST", path: "/v1/main/batch", call: { headers, body: { operations } }, ids };
  });
}

function otherBody({ method }: Write): object {
  if (method === "PUT") return { labels: ["Twice"], properties: {} };
  return { operations: [{ op: "put_node", id: "elsewhere" }] };
}

function keyOf({ key }: Write): Record<string, string> {
  return { "idempotency-key": key };
}

/** What a write's answer says of the records that it made: id and version. */
function versionsOf({ answer }: Outcome): [id: string, version: string][] {
  const json = answer.json as { id?: string; version: string; results?: { id: string; version: string }[] };
  return (json.results ?? [{ id: json.id ?? "", version: json.version }]).map(({ id, version }) => [
    id,
    version,
  ]);
}
