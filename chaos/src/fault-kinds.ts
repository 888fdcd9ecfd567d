import type { NodeId, RegionId } from "@isthmus/kernel";
import type { MembershipPlan } from "./membership.ts";

/** One thing that goes wrong for a while. Plain data: a plan can be printed, cut down and played again. */
export type Fault = { readonly atMs: number; readonly forMs: number } & (
  | (Between & {
      readonly kind: "cut";
      readonly ways: "both" | "one";
      /** What the two sets are, for whoever counts: one node with a single peer left, or two halves and a bridge. */
      readonly shape?: "one_peer" | "bridge";
      /** On for so long, off for so long, and again. */
      readonly flapMs?: number;
    })
  | { readonly kind: "kill"; readonly nodes: readonly NodeId[]; readonly how: "process" | "power" }
  /** After so many further events of the node, so in the middle of whatever it does then; dead for `forMs`. */
  | {
      readonly kind: "crash_in";
      readonly node: NodeId;
      readonly events: number;
      readonly how: "process" | "power";
    }
  | { readonly kind: "stop"; readonly node: NodeId }
  /** Rates are of messages. */
  | (Between & {
      readonly kind: "break" | "drop" | "duplicate" | "reorder" | "corrupt";
      readonly rate: number;
    })
  | (Between & { readonly kind: "delay"; readonly baseMs: number; readonly jitterMs: number })
  | { readonly kind: "slow_disk"; readonly nodes: readonly NodeId[]; readonly factor: number }
  | { readonly kind: "fail_sync"; readonly nodes: readonly NodeId[] }
  /** `roomBytes` beyond what the node's files have when it begins. */
  | { readonly kind: "full_disk"; readonly nodes: readonly NodeId[]; readonly roomBytes: number }
  /** Rates are of writes. */
  | {
      readonly kind: "lose_writes" | "misdirect_writes";
      readonly nodes: readonly NodeId[];
      readonly rate: number;
    }
  | { readonly kind: "rot"; readonly node: NodeId; readonly bits: number }
  | {
      readonly kind: "fail_commit";
      readonly nodes: readonly NodeId[];
      readonly code: "store_failed" | "disk_full";
    }
  /** The wall clock alone, for good; `forMs` means nothing. */
  | { readonly kind: "clock_jump"; readonly node: NodeId; readonly byMs: number }
  | { readonly kind: "clock_drift"; readonly node: NodeId; readonly rate: number }
  | { readonly kind: "rest_link"; readonly from: RegionId; readonly to: RegionId }
  | ({ readonly kind: "membership" } & MembershipPlan)
);

interface Between {
  readonly from: readonly NodeId[];
  readonly to: readonly NodeId[];
}

export type FaultKind = Fault["kind"];

export interface FaultPromise {
  readonly kind: FaultKind;
  readonly what: string;
  /** Drawn: runs meet it, and nothing that is promised may break by it. Otherwise from which issue on it will be. */
  readonly drawn: "since" | "from";
  readonly issue: number;
  readonly why: string;
}

/**
 * Every kind of fault, and whether seeds draw it. What is not drawn can be put into a plan by hand all the same: it
 * shows what is not survived yet.
 */
export const FAULT_KINDS: readonly FaultPromise[] = [
  since(
    2,
    "cut",
    "messages between two sets of nodes vanish, both ways or one, steadily or flapping",
    "a majority goes on, the rest catches up",
  ),
  since(
    2,
    "kill",
    "a process dies, or a machine loses power and what was not synced is lost or torn",
    "what was acknowledged is on disks",
  ),
  since(
    4,
    "crash_in",
    "the same after a number of the node's own events, so at any await",
    "every step can be the last one",
  ),
  since(
    2,
    "stop",
    "a process stands still and goes on later, as by SIGSTOP",
    "terms decide, not who feels in charge",
  ),
  since(2, "break", "sockets break and both ends are told", "links connect again and ask again"),
  since(2, "delay", "messages take longer, by more or less", "time-outs cost time, never truth"),
  since(4, "drop", "a message is gone from the middle of a socket", "packets have dense numbers"),
  since(4, "duplicate", "a message comes twice on a socket", "packets have dense numbers"),
  since(4, "reorder", "a message is overtaken by later ones on its socket", "packets have dense numbers"),
  since(4, "corrupt", "a bit of a message turns over", "packets have checksums"),
  since(2, "slow_disk", "a disk takes many times as long", "nothing is answered before it is on disk"),
  since(4, "fail_sync", "one sync or durable write fails", "the node ends with `disk_failed`, and recovers"),
  since(
    4,
    "full_disk",
    "there is no room for files to grow",
    "the node ends with `disk_full`, and comes back when there is room",
  ),
  since(4, "fail_commit", "one commit of the state fails", "the node ends, and recovers from its log"),
  since(
    4,
    "clock_jump",
    "a wall clock is set forward or back, by up to three minutes",
    "it makes stamps and decides nothing else",
  ),
  since(
    4,
    "clock_drift",
    "all of a machine's time runs up to a tenth fast or slow",
    "no promise rests on equal clocks",
  ),
  since(
    5,
    "membership",
    "an operator adds, removes, replaces or drains nodes, or moves leadership",
    "joint consensus, one change at a time",
  ),
  since(2, "rest_link", "an operator pauses a link and resumes it", "streams go on where they were"),
  from(
    6,
    "lose_writes",
    "a disk says that it has written and synced, and has not",
    "the log's last batches can be missing and nothing tells",
  ),
  from(
    6,
    "misdirect_writes",
    "the same, and the bytes lie at another place of the file",
    "a damaged log is refused, not repaired from peers",
  ),
  from(6, "rot", "bits of the log's files turn over", "a damaged log is refused, not repaired from peers"),
];

function since(issue: number, kind: FaultKind, what: string, why: string): FaultPromise {
  return { kind, what, drawn: "since", issue, why };
}

function from(issue: number, kind: FaultKind, what: string, why: string): FaultPromise {
  return { kind, what, drawn: "from", issue, why };
}
