/**
 * A key with which one party signs what others can verify, however many hands it has gone through. Signing and verifying
 * end in the turn in which they are called, and take tens to hundreds of microseconds: once a batch, never once a record.
 */
export interface Signer extends Verifier {
  /** What others verify with. It goes into the log and over the wire; its form is the algorithm's. */
  readonly publicKey: Uint8Array;
  /** Equal for equal bytes: nothing else goes into a signature. */
  sign(bytes: Uint8Array): Uint8Array;
}

export interface Verifier {
  /** Named wherever a key or a signature is kept, so that another algorithm can follow. */
  readonly algorithm: string;
  /** Whether the owner of the key signed exactly these bytes. False also for a key or a signature that is none. */
  verify(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean;
}
