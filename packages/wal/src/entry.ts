/** The shapes of @isthmus/raft that the log stores. */
export interface Entry {
  term: number;
  index: number;
  type: "EntryNormal" | "EntryConfChange" | "EntryConfChangeV2";
  data?: Uint8Array;
}

export interface HardState {
  term: number;
  vote: number;
  commit: number;
}
