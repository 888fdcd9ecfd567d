/**
 * A data group's traffic with other regions: announcements, streams of batches with credit, causal order.
 *
 *     const relay = new Relay({ group: replica, region, regions, peers: links, registry, streamCreditBytes, control });
 *     relay.run(clock.monotonicMs()); // each tick, and whenever something may have changed
 *
 * It leaves to others: sockets (`link`), the log (`replica`), what batches mean (`graph`).
 */
export { type BatchFault, Incoming } from "./incoming.ts";
export { Outgoing, type ServeRefusal } from "./outgoing.ts";
export type { RelayedGroup, RelayPeers, RelayRegion } from "./ports.ts";
export { type InboundStatus, NEWS_MAX_AGE_MS, Relay, type RelayOptions } from "./relay.ts";
