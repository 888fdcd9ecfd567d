import assert from "node:assert/strict";
import { inParallel } from "./eventually.ts";
import { nodePath } from "./http.ts";
import type { Acknowledged } from "./load.ts";
import type { Platform } from "./platform.ts";

const SAMPLE = 100;

/**
 * Every acknowledged write is at every one of the nodes with its value, and some of them are read one by one, as the
 * region's leader has them. Call it when the platform is quiet.
 */
export async function assertNothingLost(
  platform: Platform,
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  assert(acknowledged.length > 0, "writes were acknowledged at all");
  for (const node of platform.nodes) {
    const records = await node.client.everything();
    const lost = acknowledged.filter(
      ({ id, value }) => records.get(`node:${id}`)?.properties.value !== value,
    );
    assert.deepEqual(lost.slice(0, 5), [], `${lost.length} of ${acknowledged.length} are not at ${node.id}`);
  }
  const step = Math.max(1, Math.floor(acknowledged.length / SAMPLE));
  const sample = acknowledged.filter((_, index) => index % step === 0);
  for (const { client, id: node } of platform.oneOfEach)
    await inParallel(sample, 8, async ({ id, value }) => {
      const record = await client.read(nodePath(id), "leader");
      assert.equal(record?.properties.value, value, `${id} read through ${node}`);
    });
}
