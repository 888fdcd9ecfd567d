import { CommandFailure, EXIT } from "./failure.ts";

/** What `GET /admin/v1/cluster` answers, as far as people are shown it. Null is "not known now", never zero. */
export interface ClusterView {
  readonly cluster: string;
  readonly databases: readonly DatabaseView[];
  readonly regions: readonly RegionView[];
  readonly links: readonly LinkView[];
}

export interface DatabaseView {
  readonly name: string;
  readonly policy: string;
}

export interface RegionView {
  readonly id: string;
  readonly role: string;
  readonly nodes: readonly NodeView[];
}

export interface NodeView {
  readonly id: string;
  readonly up: boolean;
  readonly groups: readonly GroupView[];
}

export interface GroupView {
  readonly group: string;
  readonly role: string;
  readonly term: number | null;
  readonly leader: string | null;
  readonly commit: number | null;
  readonly applied: number | null;
  readonly digest: string | null;
  /** How far back the region remembers idempotency keys; absent or null for groups without data. */
  readonly idempotency?: { readonly keys: number; readonly since: string | null } | null;
}

export interface LinkView {
  readonly from: string;
  readonly to: string;
  readonly state: string;
  readonly mode: string | null;
  readonly lag_ops: number | null;
  readonly lag_bytes: number | null;
  readonly lag_ms: number | null;
  readonly rtt_ms: number | null;
  readonly verified_at: string | null;
}

export function clusterView(answer: unknown): ClusterView {
  const lists = typeof answer === "object" && answer !== null ? (answer as Record<string, unknown>) : {};
  for (const name of ["databases", "regions", "links"])
    if (!Array.isArray(lists[name])) {
      const message = `status: the answer has no ${name}; is that address an isthmus node of this version?`;
      throw new CommandFailure(EXIT.failed, "invalid_answer", message);
    }
  return answer as ClusterView;
}

const CONTROL = "_control";

/** What stands in the way of writing, in words; empty when every group is led and every region is there. */
export function troubles(view: ClusterView): string[] {
  const found: string[] = [];
  const leads = (nodes: readonly NodeView[], group: string): boolean =>
    nodes.some(
      (node) => node.up && node.groups.some((each) => each.group === group && each.role === "leader"),
    );
  const everyNode = view.regions.flatMap(({ nodes }) => nodes);
  if (!leads(everyNode, CONTROL)) found.push(`${CONTROL} has no leader`);
  for (const region of view.regions) {
    if (!region.nodes.some(({ up }) => up)) {
      found.push(`no node of ${region.id} is up`);
      continue;
    }
    for (const group of dataGroups(view, region))
      if (!leads(region.nodes, group)) found.push(`${group} has no leader in ${region.id}`);
  }
  return found;
}

/** The groups that a region should lead: those that its nodes tell of, and at least one for each database. */
function dataGroups(view: ClusterView, region: RegionView): string[] {
  const told = region.nodes.flatMap(({ groups }) => groups.map(({ group }) => group));
  const expected = view.databases.map(({ name }) => `${name}/0`);
  return [...new Set([...expected, ...told])].filter((group) => group !== CONTROL).sort();
}
