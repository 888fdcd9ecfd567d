import assert from "node:assert/strict";
import { test } from "node:test";
import { hostSigner, newSigningKey } from "@isthmus/host";
import { utf8 } from "@isthmus/kernel";
import { simSigner } from "@isthmus/sim";
import { signerConformance } from "./conformance/signer.ts";

let made = 0;

signerConformance("real signer", () => hostSigner(newSigningKey()));
signerConformance("simulated signer", () => {
  made += 1;
  return simSigner(`seed ${made}`);
});

test("a simulated key is its seed's, in every process", () => {
  assert.deepEqual(simSigner("7 us").publicKey, simSigner("7 us").publicKey);
  assert.deepEqual(simSigner("7 us").sign(utf8("x")), simSigner("7 us").sign(utf8("x")));
  assert.notDeepEqual(simSigner("7 us").publicKey, simSigner("8 us").publicKey);
});

test("neither takes the other's signatures or keys for its own", () => {
  const [real, simulated] = [hostSigner(newSigningKey()), simSigner("7")];
  const said = utf8("x");
  assert.ok(!real.verify(simulated.publicKey, said, simulated.sign(said)));
  assert.ok(!simulated.verify(real.publicKey, said, real.sign(said)));
});
