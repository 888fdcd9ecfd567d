import type { GroupId, Registry } from "@isthmus/kernel";
import type { Lifetime } from "@isthmus/sim";
import {
  type Checker,
  type EntryApplied,
  logOf,
  type NodeAtRest,
  type ReplicaState,
  type RoleSeen,
} from "./evidence.ts";
import { DRAWN_KINDS } from "./faults.ts";
import type { Judges } from "./judges.ts";
import type { World } from "./world.ts";

/** What the nodes' counters tell of rare branches. */
const TELLING =
  /refused$|skipped$|stream_ends$|flushes$|link\.ended$|leaderships$|credit_waits$|compactions$|raft\.(?:rested|woken)$|segments_removed$|snapshot\.(?:cuts|installs|installs_begun|given_up|sent_again_bytes)$/;
/** A replica that applies so far behind the others of its group is far back. */
const FAR_BACK_ENTRIES = 200;

/**
 * What a sweep over enough seeds must have met, or it has not looked where it should: each kind of fault that is drawn, and
 * the rare branches of the nodes. A test holds the sweep of CI to it; `--coverage` holds any other.
 */
export const EXPECTED_MARKS: readonly string[] = [
  ...DRAWN_KINDS.map((kind) => `fault ${kind}`),
  ...["process", "power"].flatMap((how) => [`fault kill ${how}`, `fault crash_in ${how}`]),
  ...["both", "one", "one_peer", "bridge", "flapping"].map((form) => `fault cut ${form}`),
  "ended disk_failed",
  "ended disk_full",
  ...["vanished", "broken", "dropped", "duplicated", "reordered", "corrupted"].map(
    (fate) => `messages ${fate}`,
  ),
  // Lives and what they find on their disks.
  "restart",
  "start from a checkpoint",
  "start before the first checkpoint",
  "start behind its own log",
  "torn tail cut",
  "checkpoint cut short by a death",
  "store.flushes",
  // Elections and logs.
  "raft.leaderships",
  "term without a leader",
  "replica far back",
  "raft.compactions",
  // Groups that rest, and what wakes them.
  "raft.rested",
  ...["message", "proposal", "read", "peer_lost", "members"].map((by) => `raft.woken ${by}`),
  "wal.segments_removed",
  "snapshot.cuts",
  "snapshot.installs",
  // Members that come, go, rest and take over.
  ...["add", "remove", "drain", "transfer"].map((change) => `membership ${change} done`),
  // Links.
  "link.refused checksum",
  "link.refused gap",
  "link.refused repeat",
  "link.ended silent",
  // Batches and streams between regions.
  "relay.stream_ends not_leader",
  "relay.stream_ends paused",
  "relay.credit_waits",
  "apply.skipped repeated",
  // What becomes of requests.
  "applied",
  "refused version_mismatch",
  "refused not_found",
  "refused invalid_reference",
  "duplicate",
  "key applied in two regions",
  "siblings at rest",
  "client told applied",
  "client told refused",
  "client told failed",
  "client told unknown",
  "linearizable keys judged",
];

/** The expected marks that a sweep has not met. */
export function notMet(marks: ReadonlyMap<string, number>): string[] {
  return EXPECTED_MARKS.filter((mark) => !marks.has(mark));
}

type Met = (name: string, by?: number) => void;

/** Looks on as the checkers do, and counts what a run meets instead of judging it. */
export class Coverage implements Checker {
  readonly name = "coverage";
  readonly #met: Met;
  readonly #judges: Judges;
  #world: World | null = null;
  /** Of all lives: each has its own. */
  readonly #registries = new Set<Registry>();
  readonly #terms = new Map<string, { readonly seen: Set<number>; readonly led: Set<number> }>();
  readonly #furthest = new Map<string, number>();
  /** Checkpoints on their way to the volume, of all lives. */
  readonly #commits: { readonly lifetime: Lifetime; readonly isSettled: { yet: boolean } }[] = [];

  constructor(judges: Judges, met: Met) {
    this.#judges = judges;
    this.#met = met;
  }

  attach(world: World): void {
    this.#world = world;
    for (const { volume } of world.machines.values()) {
      const begin = volume.begin.bind(volume);
      volume.begin = (lifetime, group: GroupId, next, settled) => {
        const isSettled = { yet: false };
        this.#commits.push({ lifetime, isSettled });
        begin(lifetime, group, next, (failure) => {
          isSettled.yet = true;
          settled(failure);
        });
      };
    }
  }

  opened({ node, group, index }: ReplicaState): void {
    const machine = this.#world?.machine(node);
    if (!machine?.core || !machine.registry) return;
    const { core, registry } = machine;
    if (!this.#registries.has(registry) && core.recovery.cut !== null) this.#met("torn tail cut");
    this.#registries.add(registry);
    if (machine.lives === 1) return;
    this.#met(index > 0 ? "start from a checkpoint" : "start before the first checkpoint");
    if (core.log(group).hardState.commit > index) this.#met("start behind its own log");
  }

  role({ group, region, term, leader }: RoleSeen): void {
    const log = logOf({ group, region });
    const terms = this.#terms.get(log) ?? { seen: new Set(), led: new Set() };
    this.#terms.set(log, terms);
    terms.seen.add(term);
    if (leader !== 0) terms.led.add(term);
  }

  applied({ group, region, index }: EntryApplied): void {
    const log = logOf({ group, region });
    const furthest = this.#furthest.get(log) ?? 0;
    if (index > furthest) this.#furthest.set(log, index);
    else if (index === furthest - FAR_BACK_ENTRIES) this.#met("replica far back");
  }

  finished(nodes: readonly NodeAtRest[]): void {
    const siblings = nodes.flatMap(({ records }) =>
      records.filter((line) => /"version":"[^"]*\+/.test(line)),
    );
    if (siblings.length > 0) this.#met("siblings at rest", siblings.length);
  }

  /** At the end of a run, also of a failed one. */
  count(world: World): void {
    const met = this.#met;
    for (const { registry, lives } of world.machines.values()) {
      if (lives > 1) met("restart", lives - 1);
      if (registry) this.#registries.add(registry);
    }
    for (const registry of this.#registries) this.#countSamples(registry);
    const keys = new Map<string, Set<string>>();
    for (const { batch, content } of this.#judges.book.all())
      for (const { request, outcome } of content) {
        met(outcome.status === "refused" ? `refused ${outcome.code}` : outcome.status);
        if (outcome.status !== "applied" || request.retry === null) continue;
        keys.set(request.retry.key, (keys.get(request.retry.key) ?? new Set()).add(batch.origin));
      }
    for (const origins of keys.values()) if (origins.size > 1) met("key applied in two regions");
    for (const [fate, count] of Object.entries(world.network.counts))
      if (count > 0) met(`messages ${fate}`, count);
    for (const { lifetime, isSettled } of this.#commits)
      if (!isSettled.yet && !lifetime.alive) met("checkpoint cut short by a death");
    for (const { seen, led } of this.#terms.values())
      for (const term of seen) if (!led.has(term)) met("term without a leader");
    const { judged, undecided } = this.#judges.linearizable.counts;
    if (judged > 0) met("linearizable keys judged", judged);
    if (undecided > 0) met("linearizable keys undecided", undecided);
  }

  returned({ kind, result }: { readonly kind: string; readonly result: string }): void {
    if (kind === "write") this.#met(`client told ${result === "ok" ? "applied" : result}`);
  }

  #countSamples(registry: Registry): void {
    for (const { name, kind, labels, value } of registry.samples()) {
      if (kind !== "counter" || value === 0 || !TELLING.test(name)) continue;
      const label = Object.entries(labels)
        .filter(([key]) => key !== "group")
        .map(([, text]) => text);
      this.#met([name.replace("isthmus.", ""), ...label].join(" "), value);
    }
  }
}
