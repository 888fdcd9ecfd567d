import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { test } from "node:test";
import { ED25519, hostSigner, hostVerifier, newSigningKey } from "@isthmus/host";
import { IsthmusError, utf8 } from "@isthmus/kernel";

const SAID = utf8("batch us:7");

test("a key that was kept and is taken up again is the same key", () => {
  const kept = newSigningKey();
  const [before, after] = [hostSigner(kept), hostSigner(kept.slice())];
  assert.deepEqual(after.publicKey, before.publicKey);
  assert.ok(hostVerifier().verify(before.publicKey, SAID, after.sign(SAID)));
  assert.notDeepEqual(newSigningKey(), kept);
});

test("keys and signatures are those of everybody's Ed25519: SPKI, 64 bytes, no hash before", () => {
  const signer = hostSigner(newSigningKey());
  assert.equal(signer.algorithm, ED25519);
  const key = createPublicKey({ key: Buffer.from(signer.publicKey), format: "der", type: "spki" });
  assert.equal(key.asymmetricKeyType, "ed25519");
  const signature = signer.sign(SAID);
  assert.equal(signature.length, 64);
  assert.ok(verify(null, SAID, key, signature));
});

test("what is no private key of Ed25519 is refused by name, without a word of its bytes", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const other = new Uint8Array(privateKey.export({ format: "der", type: "pkcs8" }));
  const signer = hostSigner(newSigningKey());
  for (const bad of [new Uint8Array(), utf8("secret"), other, signer.publicKey])
    assert.throws(
      () => hostSigner(bad),
      (error) =>
        error instanceof IsthmusError && error.code === "invalid_key" && !/secret/.test(error.message),
    );
});

test("a public key of another kind verifies nothing", () => {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const other = new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
  assert.ok(!hostVerifier().verify(other, SAID, new Uint8Array(64)));
});

test("more keys than are kept are still all verified", () => {
  const verifier = hostVerifier();
  const signer = hostSigner(newSigningKey());
  const signature = signer.sign(SAID);
  for (let n = 0; n < 600; n++) {
    const other = signer.publicKey.slice();
    other.set([n & 255, n >> 8], 12);
    assert.ok(!verifier.verify(other, SAID, signature));
  }
  assert.ok(verifier.verify(signer.publicKey, SAID, signature));
});
