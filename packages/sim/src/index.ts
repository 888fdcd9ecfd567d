/**
 * The simulated machine behind the ports: virtual time, disks, sockets and state stores that one seed decides.
 *
 * It leaves to `chaos` the worlds that are built of it: which nodes there are, what happens to them, who checks.
 */
export { type Lifetime, type Scheduled, Scheduler } from "./scheduler.ts";
