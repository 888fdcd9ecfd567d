import { CONTROL_GROUP, type GroupId, hex, type NodeId } from "@isthmus/kernel";
import type { LinkStatus } from "@isthmus/link";
import type { Relay } from "@isthmus/relay";
import type { ControlReplica, DataReplica, RaftRole } from "@isthmus/replica";
import type { GroupReport, InboundReport, NodeReport } from "./node-report.ts";

export interface OwnReportParts {
  readonly node: NodeId;
  readonly names: ReadonlyMap<number, NodeId>;
  readonly control: ControlReplica;
  readonly groups: ReadonlyMap<GroupId, { readonly replica: DataReplica; readonly relay: Relay }>;
  readonly links: readonly LinkStatus[];
  readonly nowMs: number;
}

/** What this node knows of itself now. */
export function ownReport({ node, names, control, groups, links, nowMs }: OwnReportParts): NodeReport {
  const reports: GroupReport[] = [
    {
      ...roleReport(control.role, names),
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
      ...roleReport(replica.role, names),
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
  { state, term, leader }: RaftRole,
  names: ReadonlyMap<number, NodeId>,
): Pick<GroupReport, "role" | "term" | "leader"> {
  return { role: ROLES[state], term, leader: names.get(leader) ?? null };
}
