import type {
  ClusterStatus,
  MembershipService,
  NewNode,
  NodeChange,
  NodeRecord,
  TopologyStatus,
  Transfer,
} from "@isthmus/api";
import {
  allNodes,
  applyControl,
  type ControlCommand,
  type ControlState,
  controlMembers,
  type Topology,
} from "@isthmus/control";
import {
  type Clock,
  CONTROL_GROUP,
  dataGroup,
  type GroupId,
  IsthmusError,
  type NodeId,
  type RegionId,
} from "@isthmus/kernel";
import { isLoopback, parseAddress } from "./address.ts";
import { addressFault } from "./topology-rules.ts";

export interface AgreedMembershipOptions {
  readonly founding: Topology;
  /** Where this node lives: off loopback others may, too. */
  readonly ownApi: string;
  readonly clock: Clock;
  control(): ControlState;
  change(command: ControlCommand): Promise<ControlState>;
  /** The cluster as its nodes tell of it now. */
  status(): Promise<ClusterStatus>;
  /** Asks a node to see to it that it leads a group; false when it is not connected. */
  askToLead(node: NodeId, group: GroupId): boolean;
}

const TRANSFER_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** Membership as the faces see it: what is agreed in the control group, and how far the groups are in following it. */
export class AgreedMembership implements MembershipService {
  readonly #options: AgreedMembershipOptions;

  constructor(options: AgreedMembershipOptions) {
    this.#options = options;
  }

  async nodes(): Promise<readonly NodeRecord[]> {
    return recordsOf(this.#options.control(), await this.#options.status());
  }

  topology(): TopologyStatus {
    const { topology, position } = this.#options.control();
    return { founding: this.#options.founding, topology, position };
  }

  async add(node: NewNode, { dryRun }: { dryRun: boolean }): Promise<NodeChange> {
    this.#checkAddresses(node);
    const { id, region, api, cluster } = node;
    const command = {
      kind: "add_node",
      node: id as NodeId,
      region: region as RegionId,
      api,
      cluster,
    } as const;
    const after = await this.#agree(command, dryRun);
    const known = this.#has(id);
    return this.#changed(
      id,
      after,
      known && dryRun ? [] : [`${id} joins ${region} and votes once it has caught up`],
    );
  }

  async remove(id: string, { dryRun }: { dryRun: boolean }): Promise<NodeChange> {
    const before = this.#options.control();
    const gone = before.removed.some(({ node }) => node.id === id);
    const command = { kind: "remove_node", node: id as NodeId } as const;
    const { state } = refused(before, command);
    if (!gone) checkSafe(before, state, await this.#options.status());
    const after = await this.#agree(command, dryRun);
    const words = gone ? [] : [`${id} leaves for good: neither its name nor its data can come back`];
    return this.#changed(id, after, words);
  }

  async drain(id: string, draining: boolean, { dryRun }: { dryRun: boolean }): Promise<NodeChange> {
    const was = this.#options.control().draining.some((node) => node === id);
    const after = await this.#agree({ kind: "drain_node", node: id as NodeId, draining }, dryRun);
    const word = draining ? `${id} hands on what it leads, and leads nothing` : `${id} may lead again`;
    return this.#changed(id, after, was === draining ? [] : [word]);
  }

  async transfer(group: string, to: string, { dryRun }: { dryRun: boolean }): Promise<Transfer> {
    const { clock, control, askToLead, status } = this.#options;
    const { topology, draining } = control();
    const groups = [CONTROL_GROUP, ...topology.databases.map(({ name }) => dataGroup(name, 0))];
    const known = groups.find((each) => each === group);
    if (known === undefined) throw notFound("group", group);
    const target = allNodes(topology).find(({ node }) => node.id === to);
    if (target === undefined) throw notFound("node", to);
    const { region, node } = target;
    const before = leaderOf(await status(), known, region);
    const told = { group, region, from: before?.node ?? null, to };
    if (before !== null && !before.voters.includes(to))
      throw unsafe("no_voter", `${to} does not vote in ${group}, so it cannot lead it`);
    if (draining.includes(node.id)) throw unsafe("draining", `${to} is draining`);
    if (dryRun || before?.node === to) return told;
    const deadlineMs = clock.monotonicMs() + TRANSFER_WITHIN_MS;
    while (clock.monotonicMs() < deadlineMs) {
      // Asked again: a leader that was not known in one moment may be in the next.
      if (!askToLead(node.id, known)) throw new IsthmusError("no_leader", `${to} is not connected`);
      await new Promise<void>((resolve) => void clock.after(LOOK_EVERY_MS, resolve));
      if (leaderOf(await status(), known, region)?.node === to) return told;
    }
    throw new IsthmusError("no_leader", `${to} does not lead ${group} yet; it may not have caught up`);
  }

  async #agree(command: ControlCommand, dryRun: boolean): Promise<ControlState> {
    const { control, change } = this.#options;
    return dryRun ? refused(control(), command).state : await change(command);
  }

  async #changed(id: string, after: ControlState, changes: readonly string[]): Promise<NodeChange> {
    const node = recordsOf(after, await this.#options.status()).find((record) => record.id === id);
    if (node !== undefined) return { node, changes };
    // It is out of all groups already.
    const gone = after.removed.find((each) => each.node.id === id);
    if (gone === undefined) throw notFound("node", id);
    return { node: { ...bare(gone), up: false, state: "leaving", leads: [] }, changes };
  }

  #has(id: string): boolean {
    return allNodes(this.#options.control().topology).some(({ node }) => node.id === id);
  }

  #checkAddresses(node: NewNode): void {
    const insecure = !isLoopback(parseAddress(this.#options.ownApi)?.host ?? "");
    for (const face of ["api", "cluster"] as const) {
      const fault = addressFault(node[face], face, insecure);
      if (fault === null) continue;
      const allowed = fault.allowed === null ? "" : `; allowed: ${fault.allowed}`;
      throw new IsthmusError("invalid", `${face}: ${node[face]} ${fault.problem}${allowed}`, {
        facts: { field: face },
      });
    }
  }
}

/** What a command would make of the state. Throws what it would be refused for. */
function refused(state: ControlState, command: ControlCommand): { state: ControlState } {
  const after = applyControl(state, command);
  if (after.refusal !== null) throw new IsthmusError(after.refusal.code, after.refusal.detail);
  return after;
}

/**
 * Invariant: whoever stays can go on without who leaves. Of the nodes that would vote then, a majority must be up, in the
 * region's groups and in the control group: else the removal itself could not be committed, or would be the last thing
 * that is.
 */
function checkSafe(before: ControlState, after: ControlState, status: ClusterStatus): void {
  const up = new Set(
    status.regions.flatMap(({ nodes }) => nodes.filter((node) => node.up).map(({ id }) => id)),
  );
  for (const region of after.topology.regions) {
    if (region.nodes.length === before.topology.regions.find(({ id }) => id === region.id)?.nodes.length)
      continue;
    const live = region.nodes.filter(({ id }) => up.has(id)).length;
    if (2 * live <= region.nodes.length)
      throw unsafe(
        "quorum",
        `of the ${region.nodes.length} nodes that would stay in ${region.id} only ${live} are up`,
      );
  }
  const { voters } = controlMembers(after.topology);
  const names = allNodes(after.topology).filter(({ node }) => voters.includes(node.number));
  const live = names.filter(({ node }) => up.has(node.id)).length;
  if (2 * live <= voters.length)
    throw unsafe(
      "quorum",
      `of the ${voters.length} nodes that would vote in ${CONTROL_GROUP} only ${live} are up`,
    );
}

function recordsOf(state: ControlState, status: ClusterStatus): NodeRecord[] {
  const told = new Map(status.regions.flatMap(({ nodes }) => nodes.map((node) => [node.id, node] as const)));
  const groups = [CONTROL_GROUP, ...state.topology.databases.map(({ name }) => dataGroup(name, 0))];
  const leaders = (region: RegionId) =>
    groups.flatMap((group) => {
      const leader = leaderOf(status, group, region);
      return leader === null ? [] : [{ ...leader, group }];
    });
  const members = allNodes(state.topology).map((member): NodeRecord => {
    const { id } = member.node;
    const led = leaders(member.region);
    const data = led.filter(({ group }) => group !== CONTROL_GROUP);
    const votes = data.length > 0 && data.every(({ voters }) => voters.includes(id));
    const active = state.draining.includes(id) ? "draining" : "active";
    return {
      ...bare(member),
      up: told.get(id)?.up ?? false,
      // Who cannot be asked about is taken to be what it was agreed to be.
      state: votes || data.length === 0 ? active : "joining",
      leads: led.filter(({ node }) => node === id).map(({ group }) => group),
    };
  });
  const leaving = state.removed.flatMap((gone): NodeRecord[] => {
    const { id } = gone.node;
    const led = leaders(gone.region).filter(({ voters, learners }) => [...voters, ...learners].includes(id));
    return led.length === 0 ? [] : [{ ...bare(gone), up: false, state: "leaving", leads: [] }];
  });
  return [...members, ...leaving];
}

function bare({ region, node }: ReturnType<typeof allNodes>[number]): NewNode & { readonly number: number } {
  return { id: node.id, region, api: node.api, cluster: node.cluster, number: node.number };
}

/** Who leads a group, of those that say so the one of the highest term; a data group is one of each region. */
function leaderOf(status: ClusterStatus, group: GroupId, region: RegionId) {
  let best: { node: string; term: number; voters: readonly string[]; learners: readonly string[] } | null =
    null;
  for (const { id, nodes } of status.regions)
    for (const node of group === CONTROL_GROUP || id === region ? nodes : [])
      for (const told of node.groups)
        if (told.group === group && told.role === "leader" && told.term > (best?.term ?? -1))
          best = { node: node.id, term: told.term, ...told.members };
  return best;
}

function notFound(kind: string, name: string): IsthmusError {
  return new IsthmusError("not_found", `there is no ${kind} ${name}`, { facts: { kind } });
}

function unsafe(kind: string, why: string): IsthmusError {
  return new IsthmusError("refused_by_safety", why, { facts: { kind } });
}
