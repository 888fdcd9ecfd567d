/**
 * The simulated machine behind the ports: virtual time, disks, sockets and state stores that one seed decides.
 *
 * It leaves to `chaos` the worlds that are built of it: which nodes there are, what happens to them, who checks.
 */
export { SimClock, type SimClockOptions } from "./clock.ts";
export { SimDisk, type SimDiskOptions } from "./disk.ts";
export { Life } from "./life.ts";
export { SimNetwork, type SimNetworkOptions } from "./network.ts";
export { type Lifetime, type Scheduled, Scheduler } from "./scheduler.ts";
export { SIMULATED, simSigner } from "./signer.ts";
export type { Conditions, Traffic } from "./socket.ts";
export {
  SimStateEnvironment,
  SimStateStore,
  SimStateVolume,
  type SimStateVolumeOptions,
  type StateFailure,
} from "./state-store.ts";
