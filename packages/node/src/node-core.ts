import type { ClusterStatus, DatabaseService, NodeService, Readiness, ReadinessQuestion } from "@isthmus/api";
import { allNodes, controlMembers, foundingHash, type RegionSpec } from "@isthmus/control";
import {
  CONTROL_GROUP,
  DecodeError,
  dataGroup,
  type GroupId,
  hex,
  must,
  type NodeId,
  originOf,
  type RegionId,
  type Sample,
} from "@isthmus/kernel";
import { Links } from "@isthmus/link";
import type { Message } from "@isthmus/raft";
import { Relay } from "@isthmus/relay";
import { ControlReplica, DataReplica, type LogPort, type RaftRole } from "@isthmus/replica";
import { Overlay } from "@isthmus/store";
import { openWal, type Wal } from "@isthmus/wal";
import {
  decodeAcknowledge,
  decodeAnnounce,
  decodeForward,
  decodeForwardReply,
  decodeRaftPacket,
  decodeReport,
  decodeReportRequest,
  decodeStreamBatch,
  decodeStreamEnd,
  decodeSubscribe,
  encodeForward,
  encodeForwardReply,
  encodeRaftPacket,
  encodeReport,
  encodeReportRequest,
  FRAME,
} from "@isthmus/wire";
import { clusterStatus } from "./cluster-status.ts";
import { ReplicaDatabase } from "./database-service.ts";
import type { NodeConfig } from "./node-config.ts";
import type { NodePorts } from "./node-ports.ts";
import { checkedReport, type GroupReport, type InboundReport, type NodeReport } from "./node-report.ts";

/** A group's log and state, replica and relay: what a database is on one node. */
interface DataGroup {
  readonly replica: DataReplica;
  readonly relay: Relay;
  readonly database: ReplicaDatabase;
}

interface OpenReport {
  readonly reports: Map<string, NodeReport>;
  readonly missing: Set<NodeId>;
  done(): void;
}

/** How long a question for the state of the cluster waits for other nodes. */
const REPORT_WAIT_MS = 700;
const MARK_EVERY_TICKS = 10;
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
  readonly #links: Links;
  readonly #control: ControlReplica;
  readonly #groups = new Map<GroupId, DataGroup>();
  readonly #nodeIds = new Map<number, NodeId>();
  readonly #numbers = new Map<NodeId, number>();
  readonly #regionSpec: RegionSpec;
  readonly #onFatal: (error: unknown) => void;
  readonly #openReports = new Map<number, OpenReport>();
  #reportNumber = 0;
  #ticks = 0;
  #awake = false;
  /** Takes up no new work. What was begun, such as the checkpoint of a clean stop, still comes to its end. */
  #closed = false;
  #broken = false;
  #stopTicking: () => void = () => {};

  private constructor(config: NodeConfig, ports: NodePorts, wal: Wal, onFatal: (error: unknown) => void) {
    this.#config = config;
    this.#ports = ports;
    this.#wal = wal;
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
    this.#showCounters();
  }

  /** Recovers the log, takes up the checkpoints, and joins the others. Throws what `openWal` and the ports throw. */
  static async start(
    config: NodeConfig,
    ports: NodePorts,
    onFatal: (error: unknown) => void,
  ): Promise<NodeCore> {
    const { clock, disk, random, registry } = ports;
    const wal = await openWal({
      disk,
      directory: "wal",
      cluster: clusterIdentity(config),
      node: config.node,
      random,
      registry,
      segmentBytes: config.limits.segmentBytes,
      monotonicMs: () => clock.monotonicMs(),
      soon: (call) => clock.soon(call),
      onFailed: onFatal,
    });
    const core = new NodeCore(config, ports, wal, onFatal);
    await core.#links.start();
    const ticking = clock.every(config.timings.tickMs, () => core.#tick());
    core.#stopTicking = () => ticking.cancel();
    core.#wake();
    return core;
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
    await this.#ports.state.close();
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
    const { clock } = this.#ports;
    const own = this.#report();
    const others = allNodes(this.#config.topology).filter(({ node }) => node.id !== this.node);
    const missing = new Set(others.map(({ node }) => node.id).filter((id) => this.#links.isUp(id)));
    const reports = new Map([[own.node, own]]);
    return new Promise((resolve) => {
      this.#reportNumber += 1;
      const number = this.#reportNumber;
      const done = () => {
        timer.cancel();
        this.#openReports.delete(number);
        resolve(clusterStatus(this.#control.state, reports));
      };
      const timer = clock.after(REPORT_WAIT_MS, done);
      this.#openReports.set(number, { reports, missing, done });
      for (const peer of missing)
        if (!this.#links.send(peer, FRAME.reportRequest, encodeReportRequest(number))) missing.delete(peer);
      if (missing.size === 0) done();
    });
  }

  // ---- for checkers and tests ----

  replica(group: GroupId): DataReplica {
    return must(this.#groups.get(group), "a group of this node").replica;
  }

  get control(): ControlReplica {
    return this.#control;
  }

  // ---- turns ----

  #wake(): void {
    if (this.#awake || this.#closed) return;
    this.#awake = true;
    this.#ports.clock.soon(() => this.#guard(() => this.#pump()));
  }

  #pump(): void {
    this.#awake = false;
    if (this.#closed) return;
    const nowMs = this.#ports.clock.monotonicMs();
    this.#control.pump();
    for (const { replica, relay } of this.#groups.values()) {
      replica.pump();
      relay.run(nowMs);
    }
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
      onUp: () => this.#wake(),
      onDown: (peer) => this.#guard(() => this.#peerDown(peer)),
    });
  }

  #makeControl(): ControlReplica {
    const { topology, timings } = this.#config;
    const { clock, random } = this.#ports;
    return new ControlReplica({
      number: must(this.#numbers.get(this.node), "a node has a number"),
      topology,
      founding: { ...controlMembers(topology), outgoing: [], learnersNext: [], autoLeave: false },
      log: this.#logOf(CONTROL_GROUP),
      clock,
      random,
      ...timings.control,
      sendRaft: (to, messages) => this.#sendRaft(CONTROL_GROUP, to, messages),
      onChange: () => this.#wake(),
      wake: () => this.#wake(),
    });
  }

  #makeGroup(name: string, group: GroupId): DataGroup {
    const { topology, timings, limits } = this.#config;
    const { clock, random, registry, state } = this.#ports;
    const origin = originOf(this.region);
    const overlay = new Overlay({ base: state.store(group), registry, labels: { group } });
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
      log: this.#logOf(group),
      state: overlay,
      clock,
      random,
      registry,
      tickMs: timings.tickMs,
      ...timings.data,
      queue: { requests: limits.inflight * 2, bytes: QUEUE_BYTES },
      checkpoint: { bytes: limits.overlayBytes, ageMs: limits.checkpointMs },
      retryKeys: limits.retryKeys,
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
      wake: () => this.#wake(),
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

  #logOf(group: GroupId): LogPort {
    const log = this.#wal.group(group);
    const wal = this.#wal;
    return {
      get hardState() {
        return log.hardState;
      },
      get conf() {
        return log.conf;
      },
      get firstIndex() {
        return log.firstIndex;
      },
      get lastIndex() {
        return log.lastIndex;
      },
      get lastOutcomeSequence() {
        return log.lastOutcomeSequence;
      },
      term: (index) => log.term(index),
      entries: (lo, hi, maxBytes) => log.entries(lo, hi, maxBytes),
      outcome: (sequence) => log.outcome(sequence),
      append: (records, onDurable) =>
        wal.append(group, records, () => {
          this.#guard(onDurable);
        }),
    };
  }

  // ---- frames ----

  #sendRaft(group: GroupId, to: number, messages: readonly Message[]): void {
    this.#sendTo(to, FRAME.raft, encodeRaftPacket(group, messages));
  }

  #sendTo(number: number, kind: number, payload: Uint8Array): boolean {
    return this.#links.send(
      must(this.#nodeIds.get(number), "a member of a group is a known node"),
      kind,
      payload,
    );
  }

  /** A frame that cannot be read is counted and dropped: it changes nothing, and its sender's next one may be sound. */
  #takeFrame(peer: NodeId, kind: number, payload: Uint8Array): void {
    try {
      this.#dispatch(peer, kind, payload);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#ports.registry.refuse("frame", "malformed");
    }
    this.#wake();
  }

  #dispatch(peer: NodeId, kind: number, payload: Uint8Array): void {
    const nowMs = this.#ports.clock.monotonicMs();
    switch (kind) {
      case FRAME.raft:
        return this.#takeRaft(peer, payload);
      case FRAME.forward: {
        const forward = decodeForward(payload);
        const number = must(this.#numbers.get(peer), "a linked peer is a known node");
        return this.#inRegion(peer, forward.group)?.replica.takeForward(number, forward);
      }
      case FRAME.forwardReply: {
        const reply = decodeForwardReply(payload);
        return this.#inRegion(peer, reply.group)?.replica.takeForwardReply(reply);
      }
      case FRAME.announce: {
        const announce = decodeAnnounce(payload);
        return this.#dataGroup(announce.group)?.relay.takeAnnounce(peer, announce, nowMs);
      }
      case FRAME.subscribe: {
        const subscribe = decodeSubscribe(payload);
        return this.#dataGroup(subscribe.group)?.relay.takeSubscribe(peer, subscribe);
      }
      case FRAME.batch: {
        const frame = decodeStreamBatch(payload);
        return this.#dataGroup(frame.batch.group)?.relay.takeBatch(peer, frame, payload.length, nowMs);
      }
      case FRAME.acknowledge: {
        const acknowledge = decodeAcknowledge(payload);
        return this.#dataGroup(acknowledge.group)?.relay.takeAcknowledge(peer, acknowledge);
      }
      case FRAME.streamEnd: {
        const end = decodeStreamEnd(payload);
        return this.#dataGroup(end.group)?.relay.takeStreamEnd(peer, end, nowMs);
      }
      case FRAME.reportRequest:
        this.#links.send(peer, FRAME.report, encodeReport(decodeReportRequest(payload), this.#report()));
        return;
      case FRAME.report:
        return this.#takeReport(peer, payload);
      default:
        this.#ports.registry.refuse("frame", "unknown_kind");
    }
  }

  #takeRaft(peer: NodeId, payload: Uint8Array): void {
    const { group, messages } = decodeRaftPacket(payload);
    const number = this.#numbers.get(peer);
    const replica = group === CONTROL_GROUP ? this.#control : this.#inRegion(peer, group)?.replica;
    if (!replica) return;
    for (const message of messages) {
      // A forwarded transfer names another sender; nothing here forwards one.
      if (message.from !== number || message.to !== this.#numbers.get(this.node))
        this.#ports.registry.refuse("frame", "foreign_message");
      else replica.step(message);
    }
  }

  #dataGroup(group: GroupId): DataGroup | undefined {
    const known = this.#groups.get(group);
    if (!known) this.#ports.registry.refuse("frame", "unknown_group");
    return known;
  }

  /** A group's own traffic is taken from its own members only. */
  #inRegion(peer: NodeId, group: GroupId): DataGroup | undefined {
    if (this.#regionSpec.nodes.some((node) => node.id === peer)) return this.#dataGroup(group);
    this.#ports.registry.refuse("frame", "foreign_region");
    return undefined;
  }

  #peerDown(peer: NodeId): void {
    for (const { relay } of this.#groups.values()) relay.peerDown(peer);
    for (const open of this.#openReports.values())
      if (open.missing.delete(peer) && open.missing.size === 0) open.done();
    this.#wake();
  }

  // ---- what this node tells of itself ----

  #takeReport(peer: NodeId, payload: Uint8Array): void {
    const { number, report } = decodeReport(payload);
    const open = this.#openReports.get(number);
    if (!open?.missing.delete(peer)) return;
    const checked = checkedReport(report);
    if (checked?.node === peer) open.reports.set(peer, checked);
    else this.#ports.registry.refuse("frame", "malformed_report");
    if (open.missing.size === 0) open.done();
  }

  #report(): NodeReport {
    const groups: GroupReport[] = [
      {
        ...this.#roleReport(this.#control.role),
        group: CONTROL_GROUP,
        commit: this.#control.commitIndex,
        applied: this.#control.appliedIndex,
        digest: null,
        vector: {},
        idempotency: null,
      },
    ];
    const inbound: InboundReport[] = [];
    let epoch = 1;
    for (const [group, { replica, relay }] of this.#groups) {
      epoch = Math.max(epoch, replica.machine.epoch);
      groups.push({
        ...this.#roleReport(replica.role),
        group,
        commit: replica.commitIndex,
        applied: replica.machine.appliedIndex,
        digest: hex(replica.machine.digest()),
        vector: replica.machine.vector.toJSON(),
        idempotency: retryMemory(replica),
      });
      if (replica.leads) inbound.push(...this.#inbound(relay));
    }
    return { node: this.node, epoch, groups, inbound };
  }

  #inbound(relay: Relay): InboundReport[] {
    const links = this.#links.status();
    return relay.status(this.#ports.clock.monotonicMs()).map(({ from, state, lagOps, leader }) => ({
      from,
      state,
      lag_ops: lagOps,
      rtt_ms: links.find((link) => link.node === leader)?.rttMs ?? null,
    }));
  }

  #roleReport({ state, term, leader }: RaftRole): Pick<GroupReport, "role" | "term" | "leader"> {
    const roles = {
      StateLeader: "leader",
      StateFollower: "follower",
      StateCandidate: "candidate",
      StatePreCandidate: "candidate",
    } as const;
    return { role: roles[state], term, leader: this.#nodeIds.get(leader) ?? null };
  }

  #noticeRole(group: GroupId, role: RaftRole): void {
    if (role.state === "StateLeader")
      this.#ports.registry.counter("isthmus.raft.leaderships", { group }).add();
    this.#wake();
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

function retryMemory(replica: DataReplica): { keys: number; since: string | null } {
  const { keys, sinceMs } = replica.machine.retryMemory();
  return { keys, since: sinceMs === null ? null : new Date(sinceMs).toISOString() };
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
    headOf: (origin: typeof replica.origin) => replica.machine.headOf(origin),
    get newestBatch() {
      return replica.newestBatch;
    },
    batch: (sequence: number) => replica.batch(sequence),
    proposeAsLeader: (entry: Uint8Array) => replica.proposeAsLeader(entry),
  };
}
