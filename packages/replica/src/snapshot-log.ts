import type { Entry } from "@isthmus/raft";
import type { SnapshotHeader, SnapshotLogItem } from "@isthmus/wire";
import type { LoggedOutcome, LogPort, LogRecords } from "./log-port.ts";

/**
 * What a log lacks of a snapshot's part for it. The log gives up what comes before that part first: it may end, or have
 * another history, before it begins. What it has of it already it keeps, with all that follows; done twice, it changes
 * nothing.
 */
export function missingRecords(
  log: LogPort,
  { logFirst, logTerm }: SnapshotHeader,
  items: readonly SnapshotLogItem[],
): LogRecords {
  const compact = { index: logFirst - 1, term: logTerm };
  const restarts = compact.index >= log.firstIndex && !holds(log, compact.index, compact.term);
  const entries: Entry[] = [];
  const outcomes: LoggedOutcome[] = [];
  for (const item of items) {
    if (item.kind === "entry") {
      const { entry } = item;
      const isThere = !restarts && (entry.index < log.firstIndex || holds(log, entry.index, entry.term));
      // Behind the first one that is missing, what the log has is another history, or nothing.
      if (entries.length > 0 || !isThere) entries.push(entry);
    } else if (restarts || (item.index >= log.firstIndex && item.sequence > log.lastOutcomeSequence)) {
      outcomes.push({ index: item.index, sequence: item.sequence, bytes: item.bytes });
    }
  }
  return { compact, entries, outcomes };
}

function holds(log: LogPort, index: number, term: number): boolean {
  return index >= log.firstIndex - 1 && index <= log.lastIndex && log.term(index) === term;
}
