import type { StateWriter } from "@isthmus/graph";
import { assert, type StateStore, type StoreView } from "@isthmus/kernel";
import type { CheckpointPort } from "./checkpoint.ts";

/** The state as a replica works on it: recent changes over the checkpoint. */
export type ReplicaState = StateWriter & CheckpointPort & { view(): StoreView };

/** Where a group's state is kept. */
export interface StateAccess {
  /** Takes up what the store holds; what an earlier call gave is not used any more. */
  open(): ReplicaState;
  /** The store itself: another one after each wipe. */
  store(): StateStore;
  /** Empties it, durably. */
  wipe(): Promise<void>;
}

/** What a replica without a state works on: nothing is there, and nothing may be written. */
export const NO_STATE: ReplicaState = {
  get: () => undefined,
  range: () => [],
  set: () => assert(false, "a replica without a state applies nothing"),
  dirtyBytes: 0,
  flushing: false,
  flush: () => Promise.resolve(),
  view: () => ({ get: () => undefined, range: () => [], release: () => {} }),
};
