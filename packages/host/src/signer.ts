import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { equalBytes, fromHex, IsthmusError, type Signer, type Verifier } from "@isthmus/kernel";

/** The one algorithm of real nodes. */
export const ED25519 = "ed25519";
const SIGNATURE_BYTES = 64;
const KEY_BYTES = 32;
const PKCS8 = fromHex("302e020100300506032b657004220420");
const SPKI = fromHex("302a300506032b6570032100");
/** Keys that were imported for verifying: a region has few, and importing one costs about as much as a signature. */
const KEYS_MAX = 256;

/** A new private key, as PKCS8 in DER: a secret, to be kept where only the node can read it. */
export function newSigningKey(): Uint8Array {
  const { privateKey } = generateKeyPairSync("ed25519");
  return new Uint8Array(privateKey.export({ format: "der", type: "pkcs8" }));
}

/**
 * Signs with a private key of Ed25519 (PKCS8 in DER); its public key is SPKI in DER. Throws IsthmusError `invalid_key`
 * for anything else. The error says nothing of the bytes: they may be a secret.
 */
export function hostSigner(privateKeyDer: Uint8Array): Signer {
  if (!isKey(privateKeyDer, PKCS8))
    throw new IsthmusError("invalid_key", "no private key of Ed25519 in PKCS8");
  const key = createPrivateKey({ key: Buffer.from(privateKeyDer), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    ...hostVerifier(),
    publicKey: new Uint8Array(publicKey),
    sign: (bytes) => new Uint8Array(sign(null, bytes, key)),
  };
}

/** Verifies without a key of its own. It keeps the keys that it was last given, imported. */
export function hostVerifier(): Verifier {
  const keys = new Map<string, KeyObject>();
  const keyOf = (der: Uint8Array): KeyObject => {
    const name = Buffer.from(der).toString("latin1");
    const known = keys.get(name);
    if (known !== undefined) return known;
    const key = createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
    // What comes from outside must not fill memory: all go, and those in use come back.
    if (keys.size >= KEYS_MAX) keys.clear();
    keys.set(name, key);
    return key;
  };
  return {
    algorithm: ED25519,
    verify: (publicKey, bytes, signature) =>
      signature.length === SIGNATURE_BYTES &&
      isKey(publicKey, SPKI) &&
      verify(null, bytes, keyOf(publicKey), signature),
  };
}

/**
 * Everything in a key of Ed25519 but its last 32 bytes is fixed (RFC 8410). Looked at first, since nothing else tells
 * bytes that are no key from the library's other failures.
 */
function isKey(der: Uint8Array, prefix: Uint8Array): boolean {
  return der.length === prefix.length + KEY_BYTES && equalBytes(der.subarray(0, prefix.length), prefix);
}
