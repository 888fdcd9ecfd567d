export type Facts = Readonly<Record<string, string | number | boolean | null>>;

/**
 * An expected failure: something that a caller can meet and should handle. `code` is the word that the surface
 * shows (`not_found`, `no_leader`, ...); `facts` are what a program needs beside the sentence.
 */
export class IsthmusError extends Error {
  override readonly name: string = "IsthmusError";
  readonly code: string;
  readonly facts: Facts;

  constructor(code: string, message: string, options: { facts?: Facts; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.facts = options.facts ?? {};
  }
}

/** Bytes or values from outside that are not what they should be; its code is `invalid`. */
export class DecodeError extends IsthmusError {
  override readonly name = "DecodeError";
  constructor(message: string) {
    super("invalid", message);
  }
}
