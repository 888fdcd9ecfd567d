import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { type ConfChangeV1, type ConfChangeV2, decodeConfChange, encodeConfChange } from "@isthmus/raft";
import fc from "fast-check";

const plainObjects = { noNullPrototype: true };
const type = fc.constantFrom(
  "ConfChangeAddNode" as const,
  "ConfChangeRemoveNode" as const,
  "ConfChangeUpdateNode" as const,
  "ConfChangeAddLearnerNode" as const,
);
const transition = fc.constantFrom(
  "ConfChangeTransitionAuto" as const,
  "ConfChangeTransitionJointImplicit" as const,
  "ConfChangeTransitionJointExplicit" as const,
);
const nodeId = fc.maxSafeNat();
const context = fc.uint8Array();
const changes = fc.array(fc.record({ type, nodeId }, plainObjects));
const v1: fc.Arbitrary<ConfChangeV1> = fc.oneof(
  fc.record({ type, nodeId }, plainObjects),
  fc.record({ type, nodeId, context }, plainObjects),
);
const v2: fc.Arbitrary<ConfChangeV2> = fc.oneof(
  fc.record({ transition, changes }, plainObjects),
  fc.record({ transition, changes, context }, plainObjects),
);

/** Views of one buffer or another hold the same bytes: compare those. */
function plain(change: ConfChangeV1 | ConfChangeV2): unknown {
  return "context" in change ? { ...change, context: [...(change.context ?? [])] } : { ...change };
}

test("what is decoded is what was encoded, a missing context and an empty one kept apart", () => {
  fc.assert(
    fc.property(fc.oneof<fc.Arbitrary<ConfChangeV1 | ConfChangeV2>[]>(v1, v2), (change) => {
      const encoded = encodeConfChange(change);
      equal(encoded.type, "changes" in change ? "EntryConfChangeV2" : "EntryConfChange");
      deepEqual(plain(decodeConfChange({ term: 1, index: 1, ...encoded })), plain(change));
    }),
  );
});

test("leaving a joint configuration takes no data", () => {
  const leave: ConfChangeV2 = { transition: "ConfChangeTransitionAuto", changes: [] };
  deepEqual(encodeConfChange(leave), { type: "EntryConfChangeV2" });
  deepEqual(decodeConfChange({ term: 1, index: 1, type: "EntryConfChangeV2" }), leave);
});

test("damaged bytes are refused, never misread as far more than there is", () => {
  const data = encodeConfChange({
    transition: "ConfChangeTransitionAuto",
    changes: [{ type: "ConfChangeAddNode", nodeId: 3 }],
  }).data;
  const bytes = data ?? new Uint8Array();
  for (let end = 0; end < bytes.length; end++) {
    throws(
      () => decodeConfChange({ term: 1, index: 1, type: "EntryConfChangeV2", data: bytes.slice(0, end) }),
      { code: "invalid" },
    );
  }
  const huge = Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff, 0x7f, 0);
  throws(() => decodeConfChange({ term: 1, index: 1, type: "EntryConfChangeV2", data: huge }), {
    code: "invalid",
  });
});
