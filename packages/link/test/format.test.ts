import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex, hex, type NodeId, type RegionId } from "@isthmus/kernel";
import { PacketReader, PacketWriter, Session } from "@isthmus/link";

const page = readFileSync(new URL("../../../docs/formats/link.md", import.meta.url), "utf8");

test("the hello is written as docs/formats/link.md says", () => {
  const target = { node: "b" as NodeId, region: "us" as RegionId, address: "ws://b:7511" };
  const session = new Session({
    self: {
      cluster: "demo",
      foundingHash: new Uint8Array(32).fill(0xaa),
      generation: 1,
      dataId: new Uint8Array(16),
      node: "a" as NodeId,
      region: "eu" as RegionId,
    },
    peers: new Map([[target.node, target]]),
    target,
    nonce: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    nowMs: 0,
  });
  session.opened();
  assert.deepEqual(session.flush(0).map(hex), [example("hello")]);
});

test("packets are written and read as docs/formats/link.md says", () => {
  const writer = new PacketWriter();
  const reader = new PacketReader();
  const finished = (name: string): void => {
    const packet = writer.finish();
    assert.equal(packet && hex(packet), example(name));
    assert.notEqual(typeof reader.read(fromHex(example(name))), "string");
  };
  writer.append(0xf1, new Uint8Array(8).fill(9));
  finished("confirm");
  writer.append(1, Uint8Array.of(0x68, 0x69));
  writer.append(2, new Uint8Array(0));
  finished("frames");
  writer.begin();
  finished("keepalive");
  writer.append(0xf2, Uint8Array.of(1, 0, 0, 0));
  finished("ping");
});

/** The hexadecimal digits of a named block of the page. */
function example(name: string): string {
  const block = page.split(`\`\`\`${name}\n`)[1]?.split("```")[0];
  assert.ok(block, `the page has an example of ${name}`);
  return block.replace(/\s/g, "");
}
