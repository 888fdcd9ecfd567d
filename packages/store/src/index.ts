/**
 * State on disk and above it: an LMDB checkpoint (`openLmdb`) and the overlay in memory that feeds it (`Overlay`).
 *
 *     const environment = await openLmdb({ path: "data/state" });
 *     const overlay = new Overlay({ base: environment.store(dataGroup("main", 0)) });
 *     overlay.set(keyOf("n/alice"), utf8("..."));   // readable at once
 *     await overlay.flush();                        // durable
 *     await environment.close();
 *
 * It leaves to others: what keys and values mean (`graph`), when to flush and how to rebuild after `store_failed`
 * (`replica`). The log is the truth; what is here may be thrown away.
 */
export { KEY_MAX_BYTES } from "./commit-frames.ts";
export { LmdbEnvironment, type LmdbOptions, openLmdb, removeLmdb } from "./lmdb-environment.ts";
export { Overlay, type OverlayOptions } from "./overlay.ts";
