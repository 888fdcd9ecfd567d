import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type GroupId, must, type Random, seededRandom } from "@isthmus/kernel";
import type { Entry } from "@isthmus/raft";
import { type GroupRecords, type OutcomeRecord, openWal, type Wal } from "@isthmus/wal";
import {
  after,
  changed,
  describeTwin,
  describeWal,
  emptyGroup,
  lastOf,
  type Step,
  type Twin,
  type TwinGroup,
} from "./twin.ts";
import { World } from "./world.ts";

const USUAL_SEEDS = 40;
const SEEDS = Number(process.env.ISTHMUS_WAL_SEEDS ?? USUAL_SEEDS);
const FIRST_SEED = Number(process.env.ISTHMUS_WAL_FIRST_SEED ?? 0);
const GROUPS = ["_control", "main/0", "main/1"] as GroupId[];
const LIVES = 6;

/** What must have been met over all seeds, or the property proves less than it says. */
const met = { cut: 0, lostTail: 0, keptMoreThanTold: 0, rolled: 0, diedInRecovery: 0, removed: 0 };

describe("restart", () => {
  test("what was told durable is there, and what is there is a prefix of what was appended", async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      try {
        await story(seed);
      } catch (cause) {
        throw new Error(`ISTHMUS_WAL_FIRST_SEED=${seed} ISTHMUS_WAL_SEEDS=1 replays it`, { cause });
      }
    }
    if (SEEDS < USUAL_SEEDS) return;
    for (const [what, times] of Object.entries(met)) assert.ok(times > 0, `${what} was met`);
  });
});

async function story(seed: number): Promise<void> {
  const world = new World(seed);
  const random = seededRandom(`story ${seed}`);
  /** The states of the twin after each append; the first is where the life began. */
  let states: Twin[] = [new Map()];
  let told = 0;
  for (let life = 0; life < LIVES; life++) {
    while (random.below(4) === 0) await dieInRecovery(world, random);
    const cacheBytes = random.below(20_000);
    const wal = await world.open({ cacheBytes, segmentBytes: 6000 + random.below(20_000) });
    states = [whatWasFound(wal, states, told)];
    told = 0;
    const steps = 5 + random.below(60);
    for (let count = 0; count < steps; count++) {
      const step = nextStep(latest(states), random);
      const number = states.length;
      states.push(after(latest(states), step));
      wal.append(step.group, step.records, () => {
        assert.equal(told, number - 1, "answers come in order");
        told = number;
      });
      if (random.below(10) === 0) assert.equal(describeWal(wal), describeTwin(latest(states)));
      await pause(world, wal, random);
    }
    assert.equal(describeWal(wal), describeTwin(latest(states)));
    if (random.below(5) === 0) {
      await world.run(() => wal.close());
      assert.equal(told, states.length - 1);
    }
    if (removedOf(world) > 0) met.removed += 1;
    if (random.below(3) === 0) world.kill();
    else world.crash();
    assert.deepEqual(world.failures, []);
  }
}

/** The state that the log came back with: one that stood after at least as many appends as were told durable. */
function whatWasFound(wal: Wal, states: readonly Twin[], told: number): Twin {
  const found = describeWal(wal);
  const at = states.findIndex((state, number) => number >= told && describeTwin(state) === found);
  if (at < 0) assert.equal(found, describeTwin(must(states[told], "a state")), `${told} were told durable`);
  if (wal.recovery.cut) met.cut += 1;
  if (wal.recovery.segments > 2) met.rolled += 1;
  if (at < states.length - 1) met.lostTail += 1;
  if (at > told) met.keptMoreThanTold += 1;
  return must(states[at], "the state that was found");
}

async function dieInRecovery(world: World, random: Random): Promise<void> {
  void openWal(world.options()).catch(assert.fail);
  await world.turn();
  await world.scheduler.runUntil(world.scheduler.nowMs + random.below(100) / 10);
  met.diedInRecovery += 1;
  if (random.below(2) === 0) world.kill();
  else world.crash();
}

async function pause(world: World, wal: Wal, random: Random): Promise<void> {
  const kind = random.below(12);
  if (kind < 5) return;
  if (kind === 5) wal.mark();
  if (kind === 6) await world.run(() => wal.sync());
  await world.scheduler.runUntil(world.scheduler.nowMs + random.below(30) / 50);
}

function latest(states: readonly Twin[]): Twin {
  return must(states.at(-1), "a state");
}

function nextStep(twin: Twin, random: Random): Step {
  const group = GROUPS[random.below(GROUPS.length)] as GroupId;
  let shape = twin.get(group) ?? emptyGroup();
  const records: { -readonly [K in keyof GroupRecords]: GroupRecords[K] } = {};
  if (random.below(12) === 0) {
    records.compact = compaction(shape, random);
    shape = changed(shape, { compact: records.compact });
  }
  if (random.below(3) > 0) {
    records.entries = entries(shape, random);
    shape = changed(shape, { entries: records.entries });
  }
  if (random.below(2) === 0) {
    records.hardState = { term: lastTerm(shape), vote: random.below(4), commit: lastOf(shape) };
  }
  if (random.below(8) === 0) records.conf = bytes(random, 100);
  if (random.below(3) === 0) records.outcomes = outcomes(shape, random);
  return { group, records };
}

/** Of what was applied, or, now and then, a snapshot from beyond the log. */
function compaction(state: TwinGroup, random: Random): { index: number; term: number } {
  const last = lastOf(state);
  if (random.below(3) === 0) {
    return { index: last + 1 + random.below(20), term: lastTerm(state) + random.below(2) };
  }
  const index = Math.max(state.first - 1, state.lastOutcome.index - random.below(5));
  return { index, term: state.entries.find((entry) => entry.index === index)?.term ?? state.firstTerm };
}

function entries(state: TwinGroup, random: Random): Entry[] {
  const last = lastOf(state);
  const lowest = Math.max(state.first, state.lastOutcome.index + 1);
  const replaces = random.below(5) === 0 && lowest <= last;
  const first = replaces ? lowest + random.below(last + 1 - lowest) : last + 1;
  const term = lastTerm(state) + (replaces || random.below(6) === 0 ? 1 : 0);
  const types = ["EntryNormal", "EntryNormal", "EntryConfChange", "EntryConfChangeV2"] as const;
  return Array.from({ length: 1 + random.below(4) }, (_, at) => {
    const type = types[random.below(types.length)] ?? "EntryNormal";
    const plain = { term, index: first + at, type };
    if (random.below(6) === 0) return plain;
    return { ...plain, data: bytes(random, random.below(25) === 0 ? 40_000 : 600) };
  });
}

function outcomes(state: TwinGroup, random: Random): OutcomeRecord[] {
  const found: OutcomeRecord[] = [];
  let { sequence, index } = state.lastOutcome;
  index = Math.max(index, state.first - 1);
  // Where nothing is known of outcomes the numbers may begin anywhere.
  if (sequence === 0) sequence = random.below(3) * 10;
  for (let count = random.below(4); count > 0 && index < lastOf(state); count--) {
    index += 1;
    sequence += 1;
    found.push({ index, sequence, bytes: bytes(random, 50) });
  }
  return found;
}

function lastTerm(state: TwinGroup): number {
  return Math.max(1, state.entries.at(-1)?.term ?? state.firstTerm);
}

function bytes(random: Random, most: number): Uint8Array {
  return Buffer.alloc(random.below(most + 1), 65 + random.below(26));
}

function removedOf(world: World): number {
  return world.registry.samples().find(({ name }) => name === "isthmus.wal.segments_removed")?.value ?? 0;
}
