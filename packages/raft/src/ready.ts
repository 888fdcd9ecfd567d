import { assert } from "@isthmus/kernel";
import type { Core } from "./core.ts";
import { blank } from "./message.ts";
import {
  type Entry,
  type HardState,
  LocalAppendThread,
  LocalApplyThread,
  type Message,
  type ReadState,
  type Ready,
  type Snapshot,
  type SoftState,
} from "./types.ts";

/** What was handed out last, to tell what changed. */
export interface HandedOut {
  soft: SoftState;
  hard: HardState;
}

export function handedOutOf(core: Core): HandedOut {
  return { soft: softStateOf(core), hard: hardStateOf(core) };
}

/** What every Ready without reads shares. */
const NO_READS: ReadState[] = Object.freeze([] as ReadState[]) as ReadState[];

/** Whether there is anything that takeReady would give. */
export function hasReady(core: Core, before: HandedOut): boolean {
  return (
    core.messages.length > 0 ||
    core.afterAppend.length > 0 ||
    core.log.hasNextUnstable ||
    core.log.hasNextCommitted(!core.config.asyncStorageWrites) ||
    core.log.nextUnstableSnapshot() !== undefined ||
    core.readStates.length > 0 ||
    isSoftChanged(core, before.soft) ||
    isHardChanged(core, before.hard)
  );
}

/**
 * Takes out what has to be done. In asynchronous mode the storage's part becomes messages; in synchronous mode `onStable`
 * receives what the node is to be told once the caller has done all of it.
 */
export function takeReady(core: Core, before: HandedOut, onStable: Message[]): Ready {
  const { log } = core;
  const isAsync = core.config.asyncStorageWrites;
  const ready: Ready = {
    // A list that is handed out, be it empty, is not added to afterwards (SPEC 22).
    readStates: core.readStates.length === 0 ? NO_READS : core.readStates,
    entries: log.nextUnstable(),
    committedEntries: log.nextCommitted(!isAsync),
    messages: core.messages,
    mustSync: false,
  };
  if (isSoftChanged(core, before.soft)) ready.softState = before.soft = softStateOf(core);
  // The commit index may be found again after a crash; entries, term and vote may not (SPEC 1).
  ready.mustSync =
    ready.entries.length > 0 || core.term !== before.hard.term || core.vote !== before.hard.vote;
  if (isHardChanged(core, before.hard)) ready.hardState = before.hard = hardStateOf(core);
  const snapshot = log.nextUnstableSnapshot();
  if (snapshot !== undefined) ready.snapshot = snapshot;
  assert(
    snapshot === undefined || ready.committedEntries.length === 0,
    "nothing is applied while a snapshot waits",
  );
  if (isAsync) askStorage(core, ready);
  else holdForAdvance(core, ready, onStable);
  core.messages = [];
  core.afterAppend = [];
  if (ready.readStates !== NO_READS) core.readStates = [];
  assert(
    snapshot === undefined || ready.entries.length === 0,
    "a Ready brings a snapshot or entries, never both",
  );
  log.acceptUnstable();
  if (ready.committedEntries.length > 0) log.acceptApplying(ready.committedEntries, !isAsync);
  return ready;
}

/** Invariant: what says that something is on disk is only delivered by the storage that put it there (R2, R3). */
function askStorage(core: Core, ready: Ready): void {
  const { entries, hardState, snapshot, committedEntries, messages } = ready;
  const hasWork = entries.length > 0 || hardState !== undefined || snapshot !== undefined;
  if (hasWork || core.afterAppend.length > 0) {
    const message = blank("MsgStorageAppend", LocalAppendThread);
    message.from = core.id;
    message.entries = entries;
    if (hardState !== undefined) {
      message.term = hardState.term;
      message.vote = hardState.vote;
      message.commit = hardState.commit;
    }
    if (snapshot !== undefined) message.snapshot = snapshot;
    const responses = core.afterAppend;
    // The acknowledgement to oneself comes before the entries leave the unstable log, where its term is found faster.
    const answer = appendAnswer(core, snapshot);
    if (answer !== undefined) responses.push(answer);
    if (responses.length > 0) message.responses = responses;
    messages.push(message);
  }
  if (committedEntries.length > 0) {
    const message = blank("MsgStorageApply", LocalApplyThread);
    message.from = core.id;
    message.entries = committedEntries;
    message.responses = [applyAnswer(core, committedEntries)];
    messages.push(message);
  }
}

/**
 * The caller does all of a Ready before it calls advance(), so what was held for the disk may go out with it; what the node is
 * to hear itself waits for advance(), in this order: its votes and acknowledgements, the append, the application.
 */
function holdForAdvance(core: Core, ready: Ready, onStable: Message[]): void {
  assert(onStable.length === 0, "a Ready is advanced before the next one is taken");
  for (const message of core.afterAppend) (message.to === core.id ? onStable : ready.messages).push(message);
  const answer = appendAnswer(core, ready.snapshot);
  if (answer !== undefined) onStable.push(answer);
  if (ready.committedEntries.length > 0) onStable.push(applyAnswer(core, ready.committedEntries));
}

/**
 * What storage says once it has written this and everything before. It names the present term and the end of the log,
 * also where this Ready brings no entries: the answer to an earlier term's append is ignored (R15), and this one then
 * speaks for those entries too.
 */
function appendAnswer(core: Core, snapshot: Snapshot | undefined): Message | undefined {
  const { hasUnstable, lastIndex, lastTerm } = core.log;
  if (!hasUnstable && snapshot === undefined) return undefined;
  const answer = blank("MsgStorageAppendResp", core.id);
  answer.from = LocalAppendThread;
  answer.term = core.term;
  if (hasUnstable) {
    answer.index = lastIndex;
    answer.logTerm = lastTerm;
  }
  if (snapshot !== undefined) answer.snapshot = snapshot;
  return answer;
}

/** What the application says when it is done: the entries go back, so that their bytes leave the budget. */
function applyAnswer(core: Core, entries: Entry[]): Message {
  const answer = blank("MsgStorageApplyResp", core.id);
  answer.from = LocalApplyThread;
  answer.entries = entries;
  return answer;
}

function softStateOf(core: Core): SoftState {
  return { lead: core.lead, raftState: core.role };
}

function hardStateOf(core: Core): HardState {
  return { term: core.term, vote: core.vote, commit: core.log.committed };
}

function isSoftChanged(core: Core, before: SoftState): boolean {
  return core.lead !== before.lead || core.role !== before.raftState;
}

function isHardChanged(core: Core, before: HardState): boolean {
  return core.term !== before.term || core.vote !== before.vote || core.log.committed !== before.commit;
}
