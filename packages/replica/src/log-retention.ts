import type { GraphMachine } from "@isthmus/graph";
import type { BatchLog } from "./batch-log.ts";
import type { LogPort } from "./log-port.ts";
import type { ReplicaState } from "./replica-state.ts";
import type { CutPlan } from "./snapshot-cut.ts";

/** A replica's state and log at one moment. */
export interface Moment {
  readonly machine: GraphMachine;
  readonly batches: BatchLog;
  readonly state: ReplicaState;
  readonly log: LogPort;
}

/** The first own batch that another region is not known to have, and where its entry lies; null when all have all. */
export function firstUnseenBatch({ machine, batches, log }: Omit<Moment, "state">): {
  readonly sequence: number;
  readonly index: number;
} | null {
  const { seenElsewhere, vector, origin } = machine;
  if (seenElsewhere >= vector.get(origin)) return null;
  // A node that came by a snapshot may lack batches that all had when it was cut, and no others.
  const sequence = Math.max(seenElsewhere + 1, log.firstOutcomeSequence);
  const outcome = batches.outcome(sequence);
  return outcome ? { sequence, index: outcome.index } : null;
}

/**
 * Everything that a snapshot of this moment is made of. `conf` is the configuration as of what is applied.
 *
 * Invariant: the log's part begins with the first batch that another region may lack, so that whoever comes by the
 * snapshot can serve it (R24).
 */
export function cutPlanOf(moment: Moment, conf: Uint8Array): CutPlan {
  const { machine, state, log } = moment;
  const { appliedIndex: index, appliedTerm: term } = machine;
  const lastBatch = machine.vector.get(machine.origin);
  const unseen = firstUnseenBatch(moment);
  const logFirst = unseen?.index ?? index + 1;
  const logTerm = logFirst === index + 1 ? term : log.term(logFirst - 1);
  machine.writeMeta();
  return {
    header: { index, term, conf, logFirst, logTerm },
    view: state.view(),
    firstBatch: unseen?.sequence ?? lastBatch + 1,
    lastBatch,
  };
}
