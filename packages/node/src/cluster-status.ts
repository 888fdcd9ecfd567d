import type { ClusterStatus, LinkStatus, RegionStatus } from "@isthmus/api";
import { type ControlState, isLinkPaused } from "@isthmus/control";
import type { GroupReport, InboundReport, NodeReport } from "./node-report.ts";

/** The cluster as the surface shows it, from what its nodes said of themselves. Who said nothing is down. */
export function clusterStatus(
  control: ControlState,
  reports: ReadonlyMap<string, NodeReport>,
): ClusterStatus {
  const { topology } = control;
  const epoch = Math.max(1, ...[...reports.values()].map((report) => report.epoch));
  return {
    cluster: topology.cluster,
    epoch,
    databases: topology.databases.map(({ name, policy }) => ({
      name,
      policy,
      primary: null,
      epoch,
      sync: { mode: "async" },
      failover: { state: "steady", since: null },
    })),
    regions: topology.regions.map((region) => regionStatus(region, reports)),
    links: topology.regions.flatMap((from) =>
      topology.regions.filter((to) => to !== from).map((to) => linkStatus(control, from, to, reports)),
    ),
  };
}

type Region = ControlState["topology"]["regions"][number];

function regionStatus(region: Region, reports: ReadonlyMap<string, NodeReport>): RegionStatus {
  const nodes = region.nodes.map(({ id }) => {
    const report = reports.get(id);
    return { id, up: report !== undefined, groups: report?.groups ?? [] };
  });
  const furthest = nodes
    .flatMap((node) => node.groups.filter(isData))
    .reduce<GroupReport | null>(
      (best, group) => (best && best.applied >= group.applied ? best : group),
      null,
    );
  const up = nodes.some((node) => node.up);
  return { id: region.id, role: up ? "writer" : "unreachable", nodes, vector: furthest?.vector ?? {} };
}

function linkStatus(
  control: ControlState,
  from: Region,
  to: Region,
  reports: ReadonlyMap<string, NodeReport>,
): LinkStatus {
  const said = to.nodes
    .flatMap(({ id }) => reports.get(id)?.inbound ?? [])
    .filter((inbound) => inbound.from === from.id)
    .reduce<InboundReport | undefined>(
      (worst, inbound) => (worst && !isWorse(inbound, worst) ? worst : inbound),
      undefined,
    );
  const paused = isLinkPaused(control, from.id, to.id);
  return {
    from: from.id,
    to: to.id,
    state: paused ? "paused" : (said?.state ?? "down"),
    mode: "async",
    lag_ops: said?.lag_ops ?? null,
    lag_bytes: null,
    lag_ms: null,
    verified_at: null,
    rtt_ms: said?.rtt_ms ?? null,
  };
}

const STATES = ["live", "catching_up", "paused", "down"];

/** Of several databases on one link the worst is shown: what is not known is worse than any lag. */
function isWorse(a: InboundReport, b: InboundReport): boolean {
  if (a.state !== b.state) return STATES.indexOf(a.state) > STATES.indexOf(b.state);
  return (a.lag_ops ?? Number.POSITIVE_INFINITY) > (b.lag_ops ?? Number.POSITIVE_INFINITY);
}

function isData(group: GroupReport): boolean {
  return group.digest !== null;
}
