import { allNodes, type ControlState, type NodeSpec, type Topology } from "@isthmus/control";
import { assert, must, type NodeId, type RegionId } from "@isthmus/kernel";
import type { LinkPeer } from "@isthmus/link";

/** What a node goes by before its own control log has told it as much. */
export interface JoinedAt {
  readonly topology: Topology;
  /** The position of the control log at which the topology was so. */
  readonly position: number;
}

export interface ClusterMembersOptions {
  readonly node: NodeId;
  readonly region: RegionId;
  /** The founding topology. */
  readonly founding: Topology;
  readonly joined: JoinedAt | null;
}

/**
 * Who is who now, for the parts of a node that talk to others: it follows the control log. The maps are shared with those
 * parts and change in place.
 */
export class ClusterMembers {
  /** Members, and who was one: a message may still be under way. */
  readonly numbers = new Map<NodeId, number>();
  readonly names = new Map<number, NodeId>();
  /** Whose word about this region's groups is taken: its members, and who is still on its way out. */
  readonly ofRegion = new Set<NodeId>();
  readonly #options: ClusterMembersOptions;
  #topology: Topology;
  #peers: readonly LinkPeer[] = [];
  #removed: readonly NodeId[] = [];

  constructor(options: ClusterMembersOptions) {
    this.#options = options;
    this.#topology = options.joined?.topology ?? options.founding;
    this.#settle(this.#topology, []);
    assert(this.numbers.has(options.node), "a node is in its topology");
  }

  get topology(): Topology {
    return this.#topology;
  }

  /** Everybody whom this node connects with. */
  get peers(): readonly LinkPeer[] {
    return this.#peers;
  }

  /** Who is refused by name. */
  get removed(): readonly NodeId[] {
    return this.#removed;
  }

  get self(): NodeSpec {
    const { node, founding, joined } = this.#options;
    const known = [this.#topology, joined?.topology, founding].flatMap((topology) =>
      topology === undefined ? [] : allNodes(topology),
    );
    return must(known.find((each) => each.node.id === node)?.node, "a node is in its topology");
  }

  get number(): number {
    return must(this.numbers.get(this.#options.node), "a node has a number");
  }

  /** The nodes of a region, as they are now. */
  nodesOf(region: RegionId): readonly NodeSpec[] {
    return this.#topology.regions.find(({ id }) => id === region)?.nodes ?? [];
  }

  /**
   * Follows the agreed state. A node that was removed stays connected as long as a group here still counts on it
   * (`isNamed`): without it that group might not be able to let it go.
   */
  follow(state: ControlState, isNamed: (number: number) => boolean): void {
    const { joined } = this.#options;
    const isAhead = joined !== null && joined.position > state.position;
    this.#settle(
      isAhead ? joined.topology : state.topology,
      state.removed.map((gone) => ({ ...gone, leaving: isNamed(gone.node.number) })),
    );
  }

  #settle(
    topology: Topology,
    removed: readonly { readonly region: RegionId; readonly node: NodeSpec; readonly leaving: boolean }[],
  ): void {
    this.#topology = topology;
    const members = allNodes(topology);
    const leaving = removed.filter((gone) => gone.leaving);
    for (const { node } of [...removed, ...members]) {
      this.numbers.set(node.id, node.number);
      this.names.set(node.number, node.id);
    }
    this.ofRegion.clear();
    for (const { region, node } of [...members, ...leaving])
      if (region === this.#options.region) this.ofRegion.add(node.id);
    this.#peers = [...members, ...leaving].map(({ region, node }) => ({
      node: node.id,
      region,
      address: node.cluster,
    }));
    this.#removed = removed.filter((gone) => !gone.leaving).map(({ node }) => node.id);
  }
}
