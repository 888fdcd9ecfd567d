import type {
  ClusterStatus,
  DatabaseService,
  NodeService,
  Readiness,
  ReadinessQuestion,
  SnapshotCut,
} from "@isthmus/api";
import { controlMembers, dataIdOf, foundingHash, isRemoved } from "@isthmus/control";
import {
  CONTROL_GROUP,
  dataGroup,
  type GroupId,
  hex,
  IsthmusError,
  must,
  type NodeId,
  originOf,
  type RegionId,
  type Sample,
  type StateEnvironment,
} from "@isthmus/kernel";
import { Links } from "@isthmus/link";
import type { ConfState, Message } from "@isthmus/raft";
import { Relay } from "@isthmus/relay";
import {
  type AppendToLog,
  ControlReplica,
  DataReplica,
  type DataReplicaOptions,
  isNamedIn,
  type RaftRole,
} from "@isthmus/replica";
import { Overlay } from "@isthmus/store";
import { type GroupLog, openWal, type Wal, type WalRecovery } from "@isthmus/wal";
import {
  type Beat,
  encodeBeats,
  encodeForward,
  encodeForwardReply,
  encodeRaftPacket,
  encodeSnapshotFrame,
  encodeTakeLeadership,
  FRAME,
} from "@isthmus/wire";
import { ClusterMembers } from "./cluster-members.ts";
import { ClusterReports } from "./cluster-reports.ts";
import { readDataId } from "./data-id.ts";
import { ReplicaDatabase } from "./database-service.ts";
import { FrameRouter } from "./frame-router.ts";
import { beatOf, GatheredBeats } from "./gathered-beats.ts";
import { AgreedMembership } from "./membership-service.ts";
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
const IDENTIFY_EVERY_TICKS = 5;
const DRAIN_LOOK_EVERY_MS = 20;
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
  readonly membership: AgreedMembership;
  readonly #config: NodeConfig;
  readonly #ports: NodePorts;
  readonly #wal: Wal;
  readonly #state: StateEnvironment;
  readonly #links: Links;
  readonly #control: ControlReplica;
  readonly #groups = new Map<GroupId, DataGroup>();
  readonly #members: ClusterMembers;
  readonly #dataId: Uint8Array;
  /** Asked for by each group, and costly where there are many databases. */
  readonly #identity: string;
  /** What the members were last worked out from, beside the groups' configurations. */
  #followed: readonly unknown[] = [];
  readonly #confs = new Map<GroupId, ConfState>();
  #confsChanged = true;
  #wanted: { readonly from: readonly unknown[]; readonly members: AgreedMembers } | null = null;
  /** Nodes whose data this control leader is having recorded. */
  readonly #identifying = new Set<NodeId>();
  /** This process is going away: it hands on what it leads. */
  #leaving = false;
  readonly #onFatal: (error: unknown) => void;
  readonly #watchers: ((group: GroupId) => void)[] = [];
  readonly #reports: ClusterReports;
  readonly #router: FrameRouter;
  #ticks = 0;
  /** Data groups for which time passes here; the others rest. */
  readonly #ticking = new Set<GroupId>();
  readonly #beats = new GatheredBeats();
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
    { wal, state, dataId }: { wal: Wal; state: StateEnvironment; dataId: Uint8Array },
    onFatal: (error: unknown) => void,
  ) {
    this.#config = config;
    this.#ports = ports;
    this.#wal = wal;
    this.#state = state;
    this.#onFatal = onFatal;
    this.region = config.region;
    this.node = config.node;
    const { topology, region, node, joined = null } = config;
    this.#dataId = dataId;
    this.#identity = clusterIdentity(config);
    this.#members = new ClusterMembers({ region, node, founding: topology, joined });
    this.#links = this.#makeLinks();
    this.#control = this.#makeControl();
    for (const { name } of topology.databases) {
      const group = dataGroup(name, 0);
      this.#groups.set(group, this.#makeGroup(name, group));
      this.#ticking.add(group);
    }
    this.#reports = new ClusterReports({
      others: () => this.#members.peers.map((peer) => peer.node).filter((id) => id !== this.node),
      peers: this.#links,
      clock: ports.clock,
      registry: ports.registry,
      own: () => this.#ownReport(),
      control: () => this.#control.state,
    });
    this.membership = new AgreedMembership({
      founding: topology,
      ownApi: this.#members.self.api,
      clock: ports.clock,
      control: () => this.#control.state,
      change: (command) => this.#control.change(command, CHANGE_TIMEOUT_MS),
      status: () => this.cluster(),
      askToLead: (to, of) => this.#askToLead(to, of),
    });
    this.#router = new FrameRouter({
      number: this.#members.number,
      numbers: this.#members.numbers,
      region: this.#members.ofRegion,
      groups: this.#groups,
      control: this.#control,
      reports: this.#reports,
      registry: ports.registry,
      wake: (group) => this.#wake(group),
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
    const dataId = await readDataId(disk, random);
    const state = await ports.openState();
    const started = new NodeCore(config, ports, { wal, state, dataId }, onFatal);
    core = started;
    // The log says who takes part now: what it holds as committed is applied before anybody is dialed.
    const control = started.#control;
    for (
      let turns = control.commitIndex + 2;
      turns > 0 && control.appliedIndex < control.commitIndex;
      turns--
    )
      control.pump();
    started.#followMembers();
    await started.#links.start();
    const ticking = clock.every(config.timings.tickMs, () => started.#tick());
    started.#stopTicking = () => ticking.cancel();
    started.#wakeAll();
    return started;
  }

  /**
   * Hands on what this node leads, so that nobody waits for an election when it stops. Resolves when it leads nothing,
   * when nobody is there to lead in its place, or after `withinMs`. Clients are still served.
   */
  async drain(withinMs: number): Promise<void> {
    if (this.#leaving || this.#closed) return;
    this.#leaving = true;
    this.#followMembers();
    const { clock } = this.#ports;
    const deadlineMs = clock.monotonicMs() + withinMs;
    while (this.#mayHandOn() && clock.monotonicMs() < deadlineMs)
      await new Promise<void>((resolve) => void clock.after(DRAIN_LOOK_EVERY_MS, resolve));
  }

  /** Whether it leads a group in which another voter is there that could. */
  #mayHandOn(): boolean {
    const led = [this.#control, ...[...this.#groups.values()].map(({ replica }) => replica)].filter(
      ({ role }) => role.state === "StateLeader",
    );
    return led.some(({ conf }) =>
      conf.voters.some((number) => number !== this.#members.number && this.#isUp(number)),
    );
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
    const going = this.#goingAway();
    if (going !== null) checks.push({ name: "draining", ok: false, why: going });
    const refusals = this.#links.status().filter(({ up, refusedAs }) => !up && refusedAs !== null);
    for (const { node, refusedAs } of refusals)
      checks.push({ name: `${node} takes this node's greeting`, ok: false, why: `refused as ${refusedAs}` });
    const before = checks.length;
    for (const [id, { replica }] of this.#groups) {
      const concerned = group === undefined || group === id;
      if (!concerned || (database !== undefined && dataGroup(database, 0) !== id)) continue;
      const leader = replica.role.leader !== 0;
      checks.push({
        name: `${id} has a leader`,
        ok: leader,
        ...(leader ? {} : { why: "none is known here" }),
      });
      if (replica.isInstalling)
        checks.push({ name: `${id} has its state`, ok: false, why: "a snapshot of it is being fetched" });
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
    if (checks.length === before)
      checks.push({ name: "group", ok: false, why: "there is no such group on this node" });
    return { ready: checks.every((check) => check.ok), checks };
  }

  cluster(): Promise<ClusterStatus> {
    return this.#reports.ask();
  }

  async cutSnapshot(group: string): Promise<SnapshotCut> {
    const known = this.#groups.get(group as GroupId);
    if (!known)
      throw new IsthmusError("not_found", `${group} is no data group of this node`, { facts: { group } });
    const { header, chunks, bytes } = await known.replica.cutSnapshot();
    return { group, id: header.id, index: header.index, term: header.term, chunks, bytes };
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

  /** Calls whenever a group's machine is another one than before: a snapshot has become its state. */
  onInstalled(look: (group: GroupId) => void): void {
    this.#watchers.push(look);
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
      // Order: out of the list before any work is done, for that may ask for another turn, also of its own group.
      const isControlWoken = this.#woken.delete(CONTROL_GROUP) || all;
      const woken = all ? [...this.#groups.keys()] : [...this.#woken];
      this.#woken.clear();
      if (isControlWoken) this.#control.pump();
      for (const group of woken) this.#pumpGroup(group, nowMs);
      this.#beats.flush((to, beats) => void this.#links.send(to, FRAME.beats, encodeBeats(beats)));
      this.#pumping = false;
    }
    if (!this.#closed) this.#followMembers();
    const calls = this.#turnEnd;
    if (calls.length === 0) return;
    this.#turnEnd = [];
    for (const call of calls) call();
  };

  #pumpGroup(group: GroupId, nowMs: number): void {
    const { replica, relay } = must(this.#groups.get(group), "a group of this node");
    replica.pump();
    relay.run(nowMs);
    if (replica.conf !== this.#confs.get(group)) {
      this.#confs.set(group, replica.conf);
      this.#confsChanged = true;
    }
    // Whatever wakes a group asks for a turn, and so comes through here.
    this.#settle(group);
  }

  /** Time passes for a group only as long as something comes of it. */
  #settle(group: GroupId): void {
    const { replica, database } = must(this.#groups.get(group), "a group of this node");
    if (replica.isDormant && !database.isAwaited) this.#ticking.delete(group);
    else this.#ticking.add(group);
  }

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
      for (const group of this.#ticking) {
        const { replica, database } = must(this.#groups.get(group), "a group of this node");
        replica.tick();
        database.tick();
        this.#settle(group);
      }
      if (this.#ticks % IDENTIFY_EVERY_TICKS === 0) this.#identifyPeers();
      if (this.#ticks % RELAY_EVERY_TICKS === 0) this.#wakeForRelays();
    });
  }

  /** What the relays do by the clock: announcements, and asking again. To other regions a group that rests speaks on. */
  #wakeForRelays(): void {
    if (this.#members.topology.regions.length < 2) return;
    for (const [group, { replica }] of this.#groups) if (replica.leads) this.#wake(group);
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

  // ---- members ----

  /** Draws the consequences of what is agreed about nodes; cheap when nothing of it has changed. */
  #followMembers(): void {
    const { state } = this.#control;
    const { topology, removed, draining, dataIds } = state;
    const from = [topology, removed, draining, dataIds, this.#leaving, this.#control.conf];
    const isSame = isEach(from, this.#followed);
    if (isSame && !this.#confsChanged) return;
    this.#followed = from;
    this.#confsChanged = false;
    const replicas = [...this.#groups.values()].map(({ replica }) => replica);
    const groups = [this.#control, ...replicas];
    this.#members.follow(state, (number) => groups.some(({ conf }) => isNamedIn(conf, number)));
    this.#links.setPeers(this.#members.peers, this.#members.removed);
    for (const group of groups) group.setDraining(this.#goingAway() !== null);
    // Who rests would neither take the steps towards the new members nor hand over what it leads.
    if (!isSame) for (const replica of replicas) replica.rouse("members");
    const known = dataIdOf(state, this.node);
    if (known === null || known === hex(this.#dataId)) return;
    this.#closed = true;
    this.#stopTicking();
    this.#onFatal(
      new IsthmusError(
        "foreign_data",
        `${this.node} is known by other data than lie here: its disk was lost, and its promises with it; ` +
          `remove ${this.node} and add this machine under a new name`,
      ),
    );
  }

  /** Whether a peer may come with these data: with those it is known by, or with any as long as nobody has met it. */
  #isKnownBy(peer: NodeId, dataId: Uint8Array): boolean {
    const known = dataIdOf(this.#control.state, peer);
    return known === null || known === hex(dataId);
  }

  /** The control leader has it recorded by which data each node is known, as soon as it meets one. */
  #identifyPeers(): void {
    if (!this.#control.leadsWithKnowledge) return;
    const met = this.#links.status().map(({ node, dataId }) => ({ node, dataId }));
    for (const { node, dataId } of [...met, { node: this.node, dataId: this.#dataId }]) {
      const { state } = this.#control;
      if (dataId === null || this.#identifying.has(node)) continue;
      if (dataIdOf(state, node) !== null || isRemoved(state, node)) continue;
      this.#identifying.add(node);
      const command = { kind: "identify_node", node, dataId: hex(dataId) } as const;
      this.#control.change(command, CHANGE_TIMEOUT_MS).then(
        () => this.#identifying.delete(node),
        (error: unknown) => {
          // Not now, or not for this node: it is looked at again.
          this.#identifying.delete(node);
          if (!(error instanceof IsthmusError)) this.#onFatal(error);
        },
      );
    }
  }

  /** Why this node should be sent nothing new; null when it should. */
  #goingAway(): string | null {
    const { state } = this.#control;
    if (isRemoved(state, this.node)) return "the node was removed";
    if (this.#leaving) return "the node is stopping";
    return state.draining.includes(this.node) ? "the node is drained" : null;
  }

  #askToLead(to: NodeId, group: GroupId): boolean {
    if (to !== this.node) return this.#links.send(to, FRAME.takeLeadership, encodeTakeLeadership(group));
    if (group === CONTROL_GROUP) this.#control.takeLeadership();
    else this.#groups.get(group)?.replica.takeLeadership();
    return true;
  }

  #isUp(number: number): boolean {
    const node = this.#members.names.get(number);
    return node !== undefined && (node === this.node || this.#links.isUp(node));
  }

  /** Who should belong to this region's groups: all of its nodes vote. Asked by each group, and mostly the same. */
  #wantedMembers(): AgreedMembers {
    const from = [this.#control.state, this.#members.topology, this.#leaving];
    if (this.#wanted === null || !isEach(from, this.#wanted.from))
      this.#wanted = { from, members: this.#workOutMembers() };
    return this.#wanted.members;
  }

  #workOutMembers(): AgreedMembers {
    const { position, draining } = this.#control.state;
    const nodes = this.#members.nodesOf(this.region);
    const avoid = nodes.filter(({ id }) => draining.includes(id) || (this.#leaving && id === this.node));
    return {
      position,
      voters: nodes.map(({ number }) => number),
      learners: [],
      avoid: new Set(avoid.map(({ number }) => number)),
      isUp: (number: number) => this.#isUp(number),
    };
  }

  // ---- parts ----

  #makeLinks(): Links {
    const { topology } = this.#config;
    const { clock, network, random, registry } = this.#ports;
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
        dataId: this.#dataId,
        address: this.#members.self.cluster,
      },
      peers: this.#members.peers,
      isKnownBy: (peer, dataId) => this.#isKnownBy(peer, dataId),
      onFailed: this.#onFatal,
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
      number: this.#members.number,
      topology,
      founding: { ...controlMembers(topology), outgoing: [], learnersNext: [], autoLeave: false },
      log: this.#wal.group(CONTROL_GROUP),
      append: this.#appendTo(CONTROL_GROUP),
      clock,
      random,
      registry,
      ...timings.control,
      isUp: (number) => this.#isUp(number),
      isLeaving: (number) => this.#leaving && number === this.#members.number,
      sendRaft: (to, messages) => this.#sendRaft(CONTROL_GROUP, to, messages),
      onChange: () => this.#wakeAll(),
      wake: () => this.#wake(CONTROL_GROUP),
    });
  }

  #makeGroup(name: string, group: GroupId): DataGroup {
    const { topology, timings, limits } = this.#config;
    const { clock, random, registry } = this.#ports;
    const origin = originOf(this.region);
    const store = () => this.#state.store(group);
    const replica = new DataReplica({
      group,
      origin,
      number: this.#members.number,
      founding: {
        voters: must(
          topology.regions.find(({ id }) => id === this.region),
          "a node's region is one of the founding",
        ).nodes.map((node) => node.number),
        outgoing: [],
        learners: [],
        learnersNext: [],
        autoLeave: false,
      },
      log: this.#wal.group(group),
      append: this.#appendTo(group),
      cluster: this.#identity,
      state: {
        open: () => new Overlay({ base: store(), registry, labels: { group } }),
        store,
        wipe: () => this.#state.remove(group),
      },
      disk: this.#ports.disk,
      snapshots: { chunkBytes: limits.snapshotChunkBytes, transactionBytes: limits.snapshotTransactionBytes },
      logKeepBytes: limits.logKeepBytes,
      clock,
      random,
      registry,
      tickMs: timings.tickMs,
      ...timings.data,
      queue: { requests: limits.inflight * 2, bytes: QUEUE_BYTES },
      checkpoint: { bytes: limits.overlayBytes, ageMs: limits.checkpointMs },
      retryKeys: limits.retryKeys,
      members: topology.regions.map((region) => originOf(region.id)),
      membership: () => this.#wantedMembers(),
      sendRaft: (to, messages) => this.#sendRaft(group, to, messages),
      sendRest: (to, term, commit) => this.#sendBeat(to, { kind: "rest", group, term, commit }),
      sendForward: (to, forward) => this.#sendTo(to, FRAME.forward, encodeForward(forward)),
      sendForwardReply: (to, reply) => {
        this.#sendTo(to, FRAME.forwardReply, encodeForwardReply(reply));
      },
      sendSnapshot: (to, frame) => this.#sendTo(to, FRAME.snapshot, encodeSnapshotFrame(frame)),
      onInstalled: () => {
        for (const look of this.#watchers) look(group);
        database.applied();
        this.#wake(group);
      },
      onApplied: (applied) => {
        relay.applied(applied);
        database.applied();
      },
      onRole: (role) => this.#noticeRole(group, role),
      wake: () => this.#wake(group),
      onFatal: this.#onFatal,
    });
    const database = new ReplicaDatabase({
      name,
      region: this.region,
      replica,
      clock,
      wake: () => this.#wake(group),
    });
    const relay = new Relay({
      group: relayed(replica),
      region: this.region,
      regions: () =>
        this.#members.topology.regions
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
    const others: Message[] = [];
    let isSent = true;
    for (const message of messages) {
      const beat = beatOf(group, message);
      if (beat === null) others.push(message);
      else if (!this.#sendBeat(to, beat)) isSent = false;
    }
    const frames = others.length === 0 ? [] : raftFrames(others);
    return frames.every((frame) => this.#sendTo(to, FRAME.raft, encodeRaftPacket(group, frame))) && isSent;
  }

  /** Leaves with those of all other groups at the end of this turn's work. */
  #sendBeat(number: number, beat: Beat): boolean {
    const node = this.#members.names.get(number);
    if (node === undefined || !this.#links.isUp(node)) return false;
    this.#beats.add(node, beat);
    // Also where it was said outside of a turn's work.
    this.#askTurn();
    return true;
  }

  #sendTo(number: number, kind: number, payload: Uint8Array): boolean {
    // A group may have taken up a member of which this node's control log has not told yet.
    const node = this.#members.names.get(number);
    return node !== undefined && this.#links.send(node, kind, payload);
  }

  #takeFrame(peer: NodeId, kind: number, payload: Uint8Array): void {
    this.#router.take(peer, kind, payload, this.#ports.clock.monotonicMs());
  }

  #peerDown(peer: NodeId): void {
    const number = this.#members.numbers.get(peer);
    for (const { replica, relay } of this.#groups.values()) {
      relay.peerDown(peer);
      if (number !== undefined) replica.peerLost(number);
      // Invariant: nobody rests behind a leader of whose node it is not known that it lives (T29).
      if (number === undefined || isNamedIn(replica.conf, number)) replica.rouse("peer_lost");
    }
    this.#reports.peerDown(peer);
    this.#wakeAll();
  }

  #ownReport(): NodeReport {
    return ownReport({
      node: this.node,
      number: this.#members.number,
      names: this.#members.names,
      control: this.#control,
      groups: this.#groups,
      links: this.#links.status(),
      nowMs: this.#ports.clock.monotonicMs(),
    });
  }

  #noticeRole(group: GroupId, role: RaftRole): void {
    if (role.state === "StateLeader")
      this.#ports.registry.counter("isthmus.raft.leaderships", { group }).add();
    this.#wake(group);
  }

  #showCounters(): void {
    const { registry } = this.#ports;
    const show = (group: GroupId, of: { role: RaftRole; commitIndex: number }, applied: () => number) => {
      registry.gauge("isthmus.raft.term", { group }, () => of.role.term);
      registry.gauge("isthmus.raft.leads", { group }, () => (of.role.state === "StateLeader" ? 1 : 0));
      registry.gauge("isthmus.raft.commit_index", { group }, () => of.commitIndex);
      registry.gauge("isthmus.raft.applied_index", { group }, applied);
    };
    registry.gauge("isthmus.raft.groups_ticking", {}, () => this.#ticking.size);
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

/** Who should belong to a group, as agreed at a position of the control log. */
type AgreedMembers = ReturnType<DataReplicaOptions["membership"]>;

function isEach(these: readonly unknown[], those: readonly unknown[]): boolean {
  return these.length === those.length && these.every((each, place) => each === those[place]);
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
