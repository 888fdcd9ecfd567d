import { CONTROL_GROUP, type GroupId, hex, type NodeId } from "@isthmus/kernel";
import type { LinkStatus } from "@isthmus/link";
import type { ConfState } from "@isthmus/raft";
import type { Relay } from "@isthmus/relay";
import type { ControlReplica, DataReplica, RaftRole } from "@isthmus/replica";
import type { GroupReport, InboundReport, NodeReport } from "./node-report.ts";

export interface OwnReportParts {
  readonly node: NodeId;
  readonly number: number;
  readonly names: ReadonlyMap<number, NodeId>;
  readonly control: ControlReplica;
  readonly groups: ReadonlyMap<GroupId, { readonly replica: DataReplica; readonly relay: Relay }>;
  readonly links: readonly LinkStatus[];
  readonly nowMs: number;
}

/** What this node knows of itself now. */
export function ownReport(parts: OwnReportParts): NodeReport {
  const { node, control, groups, links, nowMs } = parts;
  const reports: GroupReport[] = [
    {
      ...roleReport(control, parts),
      group: CONTROL_GROUP,
      commit: control.commitIndex,
      applied: control.appliedIndex,
      digest: null,
      vector: {},
      idempotency: null,
    },
  ];
  const inbound: InboundReport[] = [];
  let epoch = 1;
  for (const [group, { replica, relay }] of groups) {
    const { machine } = replica;
    epoch = Math.max(epoch, machine.epoch);
    const { keys, sinceMs } = machine.retryMemory();
    reports.push({
      ...roleReport(replica, parts),
      group,
      commit: replica.commitIndex,
      applied: machine.appliedIndex,
      digest: hex(machine.digest()),
      vector: machine.vector.toJSON(),
      idempotency: { keys, since: sinceMs === null ? null : new Date(sinceMs).toISOString() },
    });
    // Only the leader's word counts: it is the one that the stream comes to.
    if (replica.leads) inbound.push(...inboundReport(relay, links, nowMs));
  }
  return { node, epoch, groups: reports, inbound };
}

function inboundReport(relay: Relay, links: readonly LinkStatus[], nowMs: number): InboundReport[] {
  return relay.status(nowMs).map(({ from, state, lagOps, leader }) => ({
    from,
    state,
    lag_ops: lagOps,
    rtt_ms: links.find((link) => link.node === leader)?.rttMs ?? null,
  }));
}

const ROLES = {
  StateLeader: "leader",
  StateFollower: "follower",
  StateCandidate: "candidate",
  StatePreCandidate: "candidate",
} as const;

function roleReport(
  { role, conf }: { readonly role: RaftRole; readonly conf: ConfState },
  { number, names }: OwnReportParts,
): Pick<GroupReport, "role" | "term" | "leader" | "members"> {
  const { state, term, leader } = role;
  const named = (numbers: readonly number[]): string[] =>
    [...new Set(numbers)].map((each) => names.get(each) ?? `number ${each}`).sort();
  const learns = !conf.voters.includes(number) && !conf.outgoing.includes(number);
  return {
    role: learns && state === "StateFollower" ? "learner" : ROLES[state],
    term,
    leader: names.get(leader) ?? null,
    members: { voters: named([...conf.voters, ...conf.outgoing]), learners: named(conf.learners) },
  };
}
