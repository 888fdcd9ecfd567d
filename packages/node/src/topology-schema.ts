import { z } from "zod";
import { DURATION_PATTERN, parseDuration, parseSize, SIZE_PATTERN } from "./units.ts";

/**
 * The shape of a topology file, as far as it is built. It transforms nothing, so that the JSON schema made from it says
 * exactly what is taken; what one field alone cannot tell (unique names, addresses) stands in `topology-rules.ts`.
 */
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
  error: "a name of lower-case letters, digits and dashes, 63 at most",
});

const size = z
  .string()
  .regex(SIZE_PATTERN, { error: "a size such as 4MiB (B, KiB, MiB, GiB, TiB)", abort: true })
  .refine((text) => parseSize(text) !== null, { error: "a size below 8192TiB" });

const duration = z
  .string()
  .regex(DURATION_PATTERN, { error: "a time such as 500ms (ms, s, m, h)", abort: true })
  .refine((text) => parseDuration(text) !== null, { error: "a time below 285,000 years" });

const sync = z.strictObject({
  mode: z.literal("async").describe("Other regions receive a write after it was answered."),
});

const database = z.strictObject({
  name: name.describe("What stands in the path of a request: /v1/NAME/..."),
  policy: z.literal("multi_writer").describe("Every region writes; concurrent writes become siblings."),
  sync: sync.optional(),
});

const node = z.strictObject({
  id: name.describe("Unique over all regions."),
  api: z.string().describe("Where clients and browsers come: http://HOST:PORT"),
  cluster: z.string().describe("Where the other nodes come: ws://HOST:PORT"),
  data: z.string().min(1).describe("The node's directory; a relative one counts from this file's directory."),
  capabilities: z.array(z.literal("graph")).optional(),
});

const region = z.strictObject({
  id: name,
  priority: z
    .int()
    .min(0)
    .max(1_000)
    .optional()
    .describe("Which region is preferred; the larger wins. Default 1."),
  nodes: z.array(node).min(1),
});

const limits = z.strictObject({
  body: size.optional().describe("Largest body of a request. Default 4MiB."),
  inflight: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe("Requests under way at one node. Default 1024."),
  log_keep: size
    .optional()
    .describe(
      "What stays of each group's log when all of it is in the checkpoint: so far behind a node may be and need no snapshot. Default 64MiB.",
    ),
  request_timeout: duration.optional().describe("After this a request is answered `timeout`. Default 10s."),
});

export const topologySchema = z.strictObject({
  version: z.literal(1),
  cluster: name.describe("The cluster's name."),
  databases: z.array(database).min(1),
  regions: z.array(region).min(1),
  limits: limits.optional(),
});

export type TopologyDocument = z.infer<typeof topologySchema>;

/** The published schema (docs/topology.schema.json), for editors. */
export function topologyJsonSchema(): object {
  return {
    ...z.toJSONSchema(topologySchema, { io: "input" }),
    title: "Isthmus topology",
    description:
      "Who takes part in a cluster and where: founds it, and tells a node its own addresses and limits.",
  };
}

/**
 * What the format has a place for and this build cannot do yet, by pattern of path (`*` is any item) and then by key or
 * value. It is refused as such: taking it silently would promise what nobody keeps.
 */
export const LATER_KEYS: Readonly<Record<string, readonly string[]>> = {
  "": ["resolvers", "witnesses", "control", "links", "security", "schedules", "telemetry"],
  "databases.*": ["primary", "failover", "conflict", "schedules", "retention"],
  "databases.*.sync": ["regions", "ack", "timeout", "on_timeout"],
  limits: ["clock_ahead"],
};

export const LATER_VALUES: Readonly<Record<string, readonly string[]>> = {
  "databases.*.policy": ["primary"],
  "databases.*.sync.mode": ["semi_sync", "sync"],
  "regions.*.nodes.*.capabilities.*": ["bm25", "vector"],
};
