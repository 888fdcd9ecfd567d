import { z } from "zod";

/** What a node tells of itself to another one that was asked for the state of the cluster. */
const GROUP = z.object({
  group: z.string(),
  role: z.enum(["leader", "follower", "candidate", "learner"]),
  term: z.number(),
  leader: z.string().nullable(),
  commit: z.number(),
  applied: z.number(),
  digest: z.string().nullable(),
  vector: z.record(z.string(), z.number()),
  /** How far back idempotency keys of this region are remembered; null for groups without data. */
  idempotency: z.object({ keys: z.number(), since: z.string().nullable() }).nullable(),
  /** The members in force there; in a joint configuration those of both halves. */
  members: z.object({ voters: z.array(z.string()), learners: z.array(z.string()) }),
});

const INBOUND = z.object({
  from: z.string(),
  state: z.enum(["live", "catching_up", "paused", "down"]),
  lag_ops: z.number().nullable(),
  rtt_ms: z.number().nullable(),
});

const REPORT = z.object({
  node: z.string(),
  epoch: z.number(),
  groups: z.array(GROUP),
  /** Only from a leader of data: the streams that come in there, one for each database and region. */
  inbound: z.array(INBOUND),
});

export type NodeReport = z.infer<typeof REPORT>;
export type GroupReport = z.infer<typeof GROUP>;
export type InboundReport = z.infer<typeof INBOUND>;

/** Null for what another node should not have said. */
export function checkedReport(report: unknown): NodeReport | null {
  const checked = REPORT.safeParse(report);
  return checked.success ? checked.data : null;
}
