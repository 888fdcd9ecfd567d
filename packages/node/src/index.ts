/**
 * The composition root: what a node is told (a topology file, the environment, flags), how its parts are wired, and the
 * node as it runs.
 *
 *     const file = readTopologyFile(text, { file: "topology.yaml", env: process.env, insecure: false });
 *     const { config, dataDirectory } = nodeConfig(file, "us-east-1");
 *     const node = await startNode(config, { dataDirectory });
 *
 * It leaves to others: every part that it wires, and the command line (`cli`).
 */
export { isLoopback, parseAddress } from "./address.ts";
export type { JoinedAt } from "./cluster-members.ts";
export { checkedJoin, type JoinDocument, joinedConfig, readJoin, writeJoin } from "./joining.ts";
export { nearestName } from "./nearest-name.ts";
export {
  DEFAULT_LIMITS,
  DEFAULT_TIMINGS,
  type Limits,
  type NodeConfig,
  type RaftTimings,
  type Timings,
} from "./node-config.ts";
export { NodeCore } from "./node-core.ts";
export type { NodePorts } from "./node-ports.ts";
export { type Environment, type ListenAddresses, OVERRIDE_PREFIX, type Overrides } from "./overrides.ts";
export { CLUSTER_PORT_OFFSET, STANDALONE_NODE, standaloneTopology } from "./standalone.ts";
export { type RunningNode, startNode } from "./start-node.ts";
export { type Fault, faultText, TopologyError } from "./topology-fault.ts";
export {
  nodeConfig,
  readTopologyFile,
  type TopologyFile,
  type TopologyFileOptions,
} from "./topology-file.ts";
export { topologyJsonSchema } from "./topology-schema.ts";
export { parseDuration, parseSize } from "./units.ts";
