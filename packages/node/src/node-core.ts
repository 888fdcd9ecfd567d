import type { ClusterStatus, DatabaseService, NodeService, Readiness, ReadinessQuestion } from "@isthmus/api";
import { allNodes, controlMembers, foundingHash, type RegionSpec } from "@isthmus/control";
import {
  CONTROL_GROUP,
  dataGroup,
  type GroupId,
  hex,
  must,
  type NodeId,
  originOf,
  type RegionId,
  type Sample,
  type StateEnvironment,
} from "@isthmus/kernel";
import { Links } from "@isthmus/link";
import type { Message } from "@isthmus/raft";
import { Relay } from "@isthmus/relay";
import { type AppendToLog, ControlReplica, DataReplica, type RaftRole } from "@isthmus/replica";
import { Overlay } from "@isthmus/store";
import { type GroupLog, openWal, type Wal, type WalRecovery } from "@isthmus/wal";
import { encodeForward, encodeForwardReply, encodeRaftPacket, FRAME } from "@isthmus/wire";
import { ClusterReports } from "./cluster-reports.ts";
import { ReplicaDatabase } from "./database-service.ts";
import { FrameRouter } from "./frame-router.ts";
import type { NodeConfig } from "./node-config.ts";
import type { NodePorts } from "./node-ports.ts";
import type { NodeReport } from "./node-report.ts";
import { ownReport } from "./own-report.ts";
import { raftFrames } from "./raft-frames.ts";

/** A group's log and state, replica and relay: what a database is on one node. */
interface DataGroup {
  readonly replica: DataReplica;
  readonly relay: Relay;
  readonly database: ReplicaDatabase;
}

const MARK_EVERY_TICKS = 10;
const RELAY_EVERY_TICKS = 5;
const CHANGE_TIMEOUT_MS = 10_000;
/** Writes that wait for their result at one node, in bytes, and how many beyond what the API lets in. */
const QUEUE_BYTES = 64 * 1024 * 1024;

/**
 * One node: its groups, its links and its log, driven in turns. What comes in from sockets, timers and clients only
 * marks that there is work; at the end of the turn everything is pumped once.
 */
export class NodeCore implements NodeService {
  readonly region: RegionId;
  readonly node: NodeId;
  readonly #config: NodeConfig;
  readonly #ports: NodePorts;
  readonly #wal: Wal;
  readonly #state: StateEnvironment;
  readonly #links: Links;
  readonly #control: ControlReplica;
  readonly #groups = new Map<GroupId, DataGroup>();
  readonly #nodeIds = new Map<number, NodeId>();
  readonly #numbers = new Map<NodeId, number>();
  readonly #regionSpec: RegionSpec;
  readonly #onFatal: (error: unknown) => void;
  readonly #reports: ClusterReports;
  readonly #router: FrameRouter;
  #ticks = 0;
  #awake = false;
  /** Whose work is to be done in this turn, where it is not everybody's. */
  readonly #woken = new Set<GroupId>();
  #allWoken = false;
  #pumping = false;
  /** What the log and the links have gathered in this turn leaves when all of its work is done. */
  #turnEnd: (() => void)[] = [];
  /** Takes up no new work. What was begun, such as the checkpoint of a clean stop, still comes to its end. */
  #closed = false;
  #broken = false;
  #stopTicking: () => void = () => {};

  private constructor(
    config: NodeConfig,
    ports: NodePorts,
    { wal, state }: { wal: Wal; state: StateEnvironment },
    onFatal: (error: unknown) => void,
  ) {
    this.#config = config;
    this.#ports = ports;
    this.#wal = wal;
    this.#state = state;
    this.#onFatal = onFatal;
    this.region = config.region;
    this.node = config.node;
    const { topology } = config;
    for (const { node } of allNodes(topology)) {
      this.#nodeIds.set(node.number, node.id);
      this.#numbers.set(node.id, node.number);
    }
    this.#regionSpec = must(
      topology.regions.find((region) => region.id === config.region),
      "a node's region is in its topology",
    );
    this.#links = this.#makeLinks();
    this.#control = this.#makeControl();
    for (const { name } of topology.databases) {
      const group = dataGroup(name, 0);
      this.#groups.set(group, this.#makeGroup(name, group));
    }
    this.#reports = new ClusterReports({
      others: allNodes(topology)
        .map(({ node }) => node.id)
        .filter((id) => id !== this.node),
      peers: this.#links,
      clock: ports.clock,
      registry: ports.registry,
      own: () => this.#ownReport(),
      control: () => this.#control.state,
    });
    this.#router = new FrameRouter({
      number: must(this.#numbers.get(this.node), "a node has a number"),
      numbers: this.#numbers,
      region: new Set(this.#regionSpec.nodes.map(({ id }) => id)),
      groups: this.#groups,
      control: this.#control,
      reports: this.#reports,
      registry: ports.registry,
    });
    this.#showCounters();
  }

  /** Recovers the log, takes up the checkpoints, and joins the others. Throws what `openWal` and the ports throw. */
  static async start(
    config: NodeConfig,
    ports: NodePorts,
    onFatal: (error: unknown) => void,
  ): Promise<NodeCore> {
    const { clock, disk, random, registry } = ports;
    let core: NodeCore | null = null;
    const wal = await openWal({
      disk,
      directory: "wal",
      cluster: clusterIdentity(config),
      node: config.node,
      random,
      registry,
      segmentBytes: config.limits.segmentBytes,
      monotonicMs: () => clock.monotonicMs(),
      soon: (call) => (core ? core.#atTurnEnd(call) : clock.soon(call)),
      onFailed: onFatal,
    });
    // Order: the log knows whose directory this is, and it is asked first.
    const state = await ports.openState();
    const started = new NodeCore(config, ports, { wal, state }, onFatal);
    core = started;
    await started.#links.start();
    const ticking = clock.every(config.timings.tickMs, () => started.#tick());
    started.#stopTicking = () => ticking.cancel();
    started.#wakeAll();
    return started;
  }

  /** A clean stop: checkpoints what is applied, ends the links and the log. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#stopTicking();
    await this.#links.close();
    for (const { replica } of this.#groups.values()) await replica.close();
    // Only now: until here the log still has callbacks to deliver.
    this.#closed = true;
    await this.#wal.close();
    await this.#state.close();
  }

  database(name: string): DatabaseService | undefined {
    return this.#groups.get(dataGroup(name, 0))?.database;
  }

  samples(): Sample[] {
    return this.#ports.registry.samples();
  }

  async setLink(from: string, to: string, { paused }: { paused: boolean }) {
    const command = { kind: "set_link", from: from as RegionId, to: to as RegionId, paused } as const;
    await this.#control.change(command, CHANGE_TIMEOUT_MS);
    const { links } = await this.cluster();
    return must(
      links.find((link) => link.from === from && link.to === to),
      "a link that could be set is shown",
    );
  }

  readiness({ role, database, group }: ReadinessQuestion): Readiness {
    const checks: { name: string; ok: boolean; why?: string }[] = [];
    for (const [id, { replica }] of this.#groups) {
      const concerned = group === undefined || group === id;
      if (!concerned || (database !== undefined && dataGroup(database, 0) !== id)) continue;
      const leader = replica.role.leader !== 0;
      checks.push({
        name: `${id} has a leader`,
        ok: leader,
        ...(leader ? {} : { why: "none is known here" }),
      });
      if (role === "leader")
        checks.push({
          name: `${id} is led here`,
          ok: replica.leads,
          ...(replica.leads ? {} : { why: "another node leads" }),
        });
      // Without failover every region of a multi-writer database may write: none of them is the primary.
      if (role === "primary")
        checks.push({ name: `${id} has its primary here`, ok: false, why: "the database has no primary" });
    }
    if (checks.length === 0)
      checks.push({ name: "group", ok: false, why: "there is no such group on this node" });
    return { ready: checks.every((check) => check.ok), checks };
  }

  cluster(): Promise<ClusterStatus> {
    return this.#reports.ask();
  }

  // ---- for checkers and tests ----

  replica(group: GroupId): DataReplica {
    return must(this.#groups.get(group), "a group of this node").replica;
  }

  get control(): ControlReplica {
    return this.#control;
  }

  /** What opening the log found. */
  get recovery(): WalRecovery {
    return this.#wal.recovery;
  }

  /** A group's log as it stands, durable or not. */
  log(group: GroupId): GroupLog {
    return this.#wal.group(group);
  }

  // ---- turns ----

  #wakeAll(): void {
    this.#allWoken = true;
    this.#askTurn();
  }

  #wake(group: GroupId): void {
    this.#woken.add(group);
    this.#askTurn();
  }

  #askTurn(): void {
    if (this.#awake || this.#closed) return;
    this.#awake = true;
    this.#ports.clock.soon(this.#turn);
  }

  readonly #turn = (): void => this.#guard(this.#pump);

  readonly #pump = (): void => {
    this.#awake = false;
    if (!this.#closed) {
      this.#pumping = true;
      const nowMs = this.#ports.clock.monotonicMs();
      const all = this.#allWoken;
      this.#allWoken = false;
      // Order: out of the list before its work is done, for that may ask for another turn.
      if (this.#woken.delete(CONTROL_GROUP) || all) this.#control.pump();
      for (const [group, { replica, relay }] of this.#groups) {
        if (!(this.#woken.delete(group) || all)) continue;
        replica.pump();
        relay.run(nowMs);
      }
      this.#pumping = false;
    }
    const calls = this.#turnEnd;
    if (calls.length === 0) return;
    this.#turnEnd = [];
    for (const call of calls) call();
  };

  /** Once a turn for everything that the turn's work has written and sent: one batch to the disk, one packet a peer. */
  #atTurnEnd(call: () => void): void {
    if (this.#closed) {
      this.#ports.clock.soon(call);
      return;
    }
    this.#turnEnd.push(call);
    if (!this.#pumping) this.#askTurn();
  }

  #tick(): void {
    this.#guard(() => {
      this.#ticks += 1;
      // An idle log says that its last batch was synced, so that rot in it is not taken for a torn tail later.
      if (this.#ticks % MARK_EVERY_TICKS === 0) this.#wal.mark();
      this.#control.tick();
      for (const { replica, database } of this.#groups.values()) {
        replica.tick();
        database.tick();
      }
      // What the relays do by the clock: announcements, and asking again.
      if (this.#ticks % RELAY_EVERY_TICKS === 0) this.#wakeAll();
    });
  }

  /** What is thrown here is a broken invariant: what this node would do next is not known, so it does nothing. */
  #guard(call: () => void): void {
    if (this.#broken) return;
    try {
      call();
    } catch (error) {
      this.#broken = true;
      this.#closed = true;
      this.#stopTicking();
      // What waits for the end of this turn is the log's and the links', which end in their own way.
      for (const call of this.#turnEnd.splice(0)) this.#ports.clock.soon(call);
      this.#onFatal(error);
    }
  }

  // ---- parts ----

  #makeLinks(): Links {
    const { topology } = this.#config;
    const { clock, network, random, registry } = this.#ports;
    const self = must(
      this.#regionSpec.nodes.find((node) => node.id === this.node),
      "a node is in its region",
    );
    return new Links({
      network,
      clock,
      random,
      registry,
      self: {
        cluster: topology.cluster,
        foundingHash: foundingHash(topology),
        generation: 1,
        node: this.node,
        region: this.region,
        address: self.cluster,
      },
      peers: allNodes(topology).map(({ region, node }) => ({ node: node.id, region, address: node.cluster })),
      onFrame: (peer, kind, payload) => this.#guard(() => this.#takeFrame(peer, kind, payload)),
      soon: (call) => this.#atTurnEnd(call),
      onUp: () => this.#wakeAll(),
      onDown: (peer) => this.#guard(() => this.#peerDown(peer)),
    });
  }

  #makeControl(): ControlReplica {
    const { topology, timings } = this.#config;
    const { clock, random, registry } = this.#ports;
    return new ControlReplica({
      number: must(this.#numbers.get(this.node), "a node has a number"),
      topology,
      founding: { ...controlMembers(topology), outgoing: [], learnersNext: [], autoLeave: false },
      log: this.#wal.group(CONTROL_GROUP),
      append: this.#appendTo(CONTROL_GROUP),
      clock,
      random,
      registry,
      ...timings.control,
      sendRaft: (to, messages) => this.#sendRaft(CONTROL_GROUP, to, messages),
      onChange: () => this.#wakeAll(),
      wake: () => this.#wake(CONTROL_GROUP),
    });
  }

  #makeGroup(name: string, group: GroupId): DataGroup {
    const { topology, timings, limits } = this.#config;
    const { clock, random, registry } = this.#ports;
    const origin = originOf(this.region);
    const overlay = new Overlay({ base: this.#state.store(group), registry, labels: { group } });
    const replica = new DataReplica({
      group,
      origin,
      number: must(this.#numbers.get(this.node), "a node has a number"),
      founding: {
        voters: this.#regionSpec.nodes.map((node) => node.number),
        outgoing: [],
        learners: [],
        learnersNext: [],
        autoLeave: false,
      },
      log: this.#wal.group(group),
      append: this.#appendTo(group),
      state: overlay,
      clock,
      random,
      registry,
      tickMs: timings.tickMs,
      ...timings.data,
      queue: { requests: limits.inflight * 2, bytes: QUEUE_BYTES },
      checkpoint: { bytes: limits.overlayBytes, ageMs: limits.checkpointMs },
      retryKeys: limits.retryKeys,
      members: topology.regions.map((region) => originOf(region.id)),
      sendRaft: (to, messages) => this.#sendRaft(group, to, messages),
      sendForward: (to, forward) => this.#sendTo(to, FRAME.forward, encodeForward(forward)),
      sendForwardReply: (to, reply) => {
        this.#sendTo(to, FRAME.forwardReply, encodeForwardReply(reply));
      },
      onApplied: (applied) => {
        relay.applied(applied);
        database.applied();
      },
      onRole: (role) => this.#noticeRole(group, role),
      wake: () => this.#wake(group),
      onFatal: this.#onFatal,
    });
    const database = new ReplicaDatabase({ name, region: this.region, replica, clock });
    const relay = new Relay({
      group: relayed(replica),
      region: this.region,
      regions: topology.regions
        .filter((region) => region.id !== this.region)
        .map((region) => ({ region: region.id, nodes: region.nodes.map((node) => node.id) })),
      peers: this.#links,
      registry,
      streamCreditBytes: limits.streamCreditBytes,
      control: () => this.#control.state,
    });
    return { replica, relay, database };
  }

  #appendTo(group: GroupId): AppendToLog {
    return (records, onDurable) => this.#wal.append(group, records, () => this.#guard(onDurable));
  }

  // ---- peers ----

  /** In several frames where one would be too large for the link, however much there is to send. */
  #sendRaft(group: GroupId, to: number, messages: readonly Message[]): boolean {
    return raftFrames(messages).every((frame) =>
      this.#sendTo(to, FRAME.raft, encodeRaftPacket(group, frame)),
    );
  }

  #sendTo(number: number, kind: number, payload: Uint8Array): boolean {
    const node = must(this.#nodeIds.get(number), "a member of a group is a known node");
    return this.#links.send(node, kind, payload);
  }

  #takeFrame(peer: NodeId, kind: number, payload: Uint8Array): void {
    this.#router.take(peer, kind, payload, this.#ports.clock.monotonicMs());
    // Raft's messages say themselves whose they are.
    if (kind !== FRAME.raft) this.#wakeAll();
  }

  #peerDown(peer: NodeId): void {
    for (const { relay } of this.#groups.values()) relay.peerDown(peer);
    this.#reports.peerDown(peer);
    this.#wakeAll();
  }

  #ownReport(): NodeReport {
    return ownReport({
      node: this.node,
      names: this.#nodeIds,
      control: this.#control,
      groups: this.#groups,
      links: this.#links.status(),
      nowMs: this.#ports.clock.monotonicMs(),
    });
  }

  #noticeRole(group: GroupId, role: RaftRole): void {
    if (role.state === "StateLeader")
      this.#ports.registry.counter("isthmus.raft.leaderships", { group }).add();
    this.#wakeAll();
  }

  #showCounters(): void {
    const { registry } = this.#ports;
    const show = (group: GroupId, of: { role: RaftRole; commitIndex: number }, applied: () => number) => {
      registry.gauge("isthmus.raft.term", { group }, () => of.role.term);
      registry.gauge("isthmus.raft.leads", { group }, () => (of.role.state === "StateLeader" ? 1 : 0));
      registry.gauge("isthmus.raft.commit_index", { group }, () => of.commitIndex);
      registry.gauge("isthmus.raft.applied_index", { group }, applied);
    };
    show(CONTROL_GROUP, this.#control, () => this.#control.appliedIndex);
    for (const [group, { replica, relay }] of this.#groups) {
      show(group, replica, () => replica.machine.appliedIndex);
      registry.gauge("isthmus.write.waiting", { group }, () => replica.waitingWrites);
      for (const { id } of this.#config.topology.regions) {
        if (id === this.region) continue;
        registry.gauge("isthmus.link.lag_operations", { group, from: id }, () => {
          const status = relay.status(this.#ports.clock.monotonicMs()).find((link) => link.from === id);
          return status?.lagOps ?? null;
        });
      }
    }
  }
}

/** What the log is marked with: a directory of another cluster, or of another founding of it, must not be taken up. */
function clusterIdentity(config: NodeConfig): string {
  return `${config.topology.cluster}:${hex(foundingHash(config.topology)).slice(0, 16)}`;
}

/** A replica as its relay sees it. */
function relayed(replica: DataReplica) {
  return {
    group: replica.group,
    origin: replica.origin,
    get term() {
      return replica.role.term;
    },
    get leads() {
      return replica.leadsWithKnowledge;
    },
    get vector() {
      return replica.machine.vector;
    },
    get isCongested() {
      return replica.isCongested;
    },
    headOf: (origin: typeof replica.origin) => replica.machine.headOf(origin),
    get newestBatch() {
      return replica.newestBatch;
    },
    batch: (sequence: number) => replica.batch(sequence),
    proposeAsLeader: (entry: Uint8Array) => replica.proposeAsLeader(entry),
  };
}
