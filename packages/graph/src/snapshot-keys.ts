import type { Key } from "@isthmus/kernel";

/** Everything that belongs to a group's state: its kinds are small letters. */
export const STATE_RANGE: { readonly from: Key; readonly to: Key } = { from: "a" as Key, to: "{" as Key };

/**
 * Where a store keeps word of a snapshot that is being put into it: before all of the state, and no part of it. As long
 * as it stands, what is in the store is not a state.
 */
export const INSTALL_KEY = "!" as Key;
