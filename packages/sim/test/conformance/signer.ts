import assert from "node:assert/strict";
import { test } from "node:test";
import { type Signer, utf8 } from "@isthmus/kernel";

/** What every signer behind the port keeps. `make` gives one with a key of its own at each call. */
export function signerConformance(name: string, make: () => Signer): void {
  const property = (title: string, body: (one: Signer, other: Signer) => void): void => {
    test(`${name}: ${title}`, () => body(make(), make()));
  };
  const said = utf8("batch us:7");

  property("what one signs others verify, with nothing but the public key", (one, other) => {
    for (const bytes of [said, new Uint8Array(), new Uint8Array(100_000).fill(7)]) {
      const signature = one.sign(bytes);
      assert.ok(one.verify(one.publicKey, bytes, signature));
      assert.ok(other.verify(one.publicKey, bytes, signature));
      assert.ok(other.verify(one.publicKey.slice(), bytes.slice(), signature.slice()));
    }
  });

  property("a signature of another key, or of other bytes, is none", (one, other) => {
    const signature = one.sign(said);
    assert.ok(!one.verify(other.publicKey, said, signature));
    assert.ok(!one.verify(one.publicKey, said, other.sign(said)));
    for (const bytes of [utf8("batch us:8"), said.subarray(1), new Uint8Array()])
      assert.ok(!one.verify(one.publicKey, bytes, signature));
  });

  property("a bit that turns over anywhere, in signature, key or bytes, is found", (one) => {
    const signature = one.sign(said);
    const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
      bytes.map((byte, place) => (place === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    for (let bit = 0; bit < signature.length * 8; bit++)
      assert.ok(!one.verify(one.publicKey, said, flipped(signature, bit)), `bit ${bit} of the signature`);
    for (let bit = 0; bit < one.publicKey.length * 8; bit++)
      assert.ok(!one.verify(flipped(one.publicKey, bit), said, signature), `bit ${bit} of the key`);
    for (let bit = 0; bit < said.length * 8; bit++)
      assert.ok(!one.verify(one.publicKey, flipped(said, bit), signature), `bit ${bit} of the bytes`);
  });

  property("what is no signature or no key verifies nothing, and throws nothing", (one) => {
    const signature = one.sign(said);
    for (const bad of [new Uint8Array(), signature.subarray(1), new Uint8Array([...signature, 0])])
      assert.ok(!one.verify(one.publicKey, said, bad));
    for (const bad of [new Uint8Array(), one.publicKey.subarray(1), new Uint8Array(44), utf8("key")])
      assert.ok(!one.verify(bad, said, signature));
  });

  property("signing is of the bytes and nothing else: the same again gives the same", (one) => {
    assert.deepEqual(one.sign(said), one.sign(said.slice()));
  });

  property("keys differ from signer to signer, and both speak of one algorithm", (one, other) => {
    assert.notDeepEqual(one.publicKey, other.publicKey);
    assert.equal(one.algorithm, other.algorithm);
  });

  property("nothing that was handed out changes with what is done to it", (one) => {
    const signature = one.sign(said);
    signature.fill(0);
    assert.ok(one.verify(one.publicKey, said, one.sign(said)));
    assert.ok(!one.verify(one.publicKey, said, signature));
  });
}
