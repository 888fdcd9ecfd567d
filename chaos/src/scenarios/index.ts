import { draining } from "./draining.ts";
import { membership } from "./membership.ts";
import { outages } from "./outages.ts";
import { pausedLeader } from "./paused-leader.ts";
import { r17LostDisk } from "./r17-lost-disk.ts";
import type { Scenario } from "./scenario.ts";
import { snapshots } from "./snapshots.ts";
import { t01Conditions } from "./t01-conditions.ts";
import { t08Numbers } from "./t08-numbers.ts";
import { t15Retries } from "./t15-retries.ts";
import { t16PutPatch } from "./t16-put-patch.ts";
import { t17DeleteAgainstEdge } from "./t17-delete-against-edge.ts";
import { t21Checkpoint } from "./t21-checkpoint.ts";
import { t23WriteFollowsReads } from "./t23-write-follows-reads.ts";
import { t26Credits } from "./t26-credits.ts";
import { t27FalseDrift } from "./t27-false-drift.ts";
import { t29Resting } from "./t29-resting.ts";
import { t30Forwarder } from "./t30-forwarder.ts";

export { playScenario, type Scenario } from "./scenario.ts";

/** All named stories. */
export const SCENARIOS: readonly Scenario[] = [
  ...outages,
  ...pausedLeader,
  ...membership,
  ...draining,
  ...r17LostDisk,
  ...snapshots,
  ...t01Conditions,
  ...t08Numbers,
  ...t15Retries,
  ...t16PutPatch,
  ...t17DeleteAgainstEdge,
  ...t21Checkpoint,
  ...t23WriteFollowsReads,
  ...t26Credits,
  ...t27FalseDrift,
  ...t29Resting,
  ...t30Forwarder,
];
