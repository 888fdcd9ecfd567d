import { ByteWriter, equalBytes, type Signer, sha256, utf8 } from "@isthmus/kernel";

/** Says by its name that nobody is protected by it. */
export const SIMULATED = "simulated";
const KEY_BYTES = 32;

/**
 * A signer whose key the seed decides, and whose signatures are cheap: a hash over the public key and the bytes. Whoever
 * has the public key could sign with it too, so a world's forger must be content with what he can do without: flipping,
 * splicing, and signing with a key of his own. What does hold is what the port promises to those who verify.
 */
export function simSigner(seed: string): Signer {
  const publicKey = sha256(utf8(`signer ${seed}`));
  return {
    algorithm: SIMULATED,
    publicKey,
    sign: (bytes) => signatureOf(publicKey, bytes),
    verify: (key, bytes, signature) =>
      key.length === KEY_BYTES && equalBytes(signatureOf(key, bytes), signature),
  };
}

function signatureOf(publicKey: Uint8Array, bytes: Uint8Array): Uint8Array {
  return sha256(new ByteWriter(KEY_BYTES + bytes.length).raw(publicKey).raw(bytes).finish());
}
