/**
 * The real machine behind the ports.
 *
 * It leaves to others: what goes through the ports, and the simulated machine (`sim`), which passes the same suites.
 */

export { hostClock } from "./clock.ts";
export { type DirectoryLock, lockDirectory } from "./directory-lock.ts";
export { openHostDisk } from "./disk.ts";
export { hostRandom } from "./random.ts";
export { ED25519, hostSigner, hostVerifier, newSigningKey } from "./signer.ts";
