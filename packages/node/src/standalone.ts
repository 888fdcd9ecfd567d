import path from "node:path";
import type { NodeId, RegionId } from "@isthmus/kernel";
import { type Environment, overridesFromEnvironment } from "./overrides.ts";
import { type Fault, shownValue, TopologyError } from "./topology-fault.ts";
import type { TopologyFile } from "./topology-file.ts";
import { addressFault } from "./topology-rules.ts";

export const STANDALONE_NODE = "local-1" as NodeId;

/** How far above its api port a node's cluster port lies, where nobody names it. */
export const CLUSTER_PORT_OFFSET = 100;

const PORT_MAX = 65_535;

/**
 * One region of one node, as if a topology file had said so: a server of its own is the smallest topology, not another
 * code path. `listen` is HOST:PORT. Throws TopologyError.
 */
export function standaloneTopology(options: {
  readonly dataDirectory: string;
  readonly listen: string;
  readonly env: Environment;
  readonly insecure: boolean;
}): TopologyFile {
  const { listen, insecure } = options;
  const api = `http://${listen}`;
  const { overrides, faults } = overridesFromEnvironment(options.env, { insecure });
  const fault = listenFault(listen, insecure);
  if (fault || faults.length > 0)
    throw new TopologyError("the command line", fault ? [fault, ...faults] : faults);

  const colon = listen.lastIndexOf(":");
  const port = Number(listen.slice(colon + 1)) + CLUSTER_PORT_OFFSET;
  const cluster = `ws://${listen.slice(0, colon)}:${port}`;
  const region = "local" as RegionId;
  return {
    topology: {
      cluster: "standalone",
      databases: [{ name: "main", policy: "multi_writer" }],
      regions: [{ id: region, priority: 1, nodes: [{ id: STANDALONE_NODE, number: 1, api, cluster }] }],
    },
    dataDirectories: new Map([[STANDALONE_NODE, path.resolve(options.dataDirectory)]]),
    limits: overrides.limits ?? {},
    listen: overrides.listen ?? {},
    // The directory was named on the command line, which goes over the environment.
    dataDirectory: null,
  };
}

function listenFault(listen: string, insecure: boolean): Fault | null {
  const fault = addressFault(`http://${listen}`, "api", insecure);
  const clusterPort = Number(listen.slice(listen.lastIndexOf(":") + 1)) + CLUSTER_PORT_OFFSET;
  const problem = fault?.problem ?? (clusterPort > PORT_MAX ? "leaves no room for the cluster port" : null);
  if (problem === null) return null;
  const allowed = fault
    ? (fault.allowed?.replace("http://", "") ?? null)
    : `ports to ${PORT_MAX - CLUSTER_PORT_OFFSET}`;
  return {
    path: "--listen",
    line: null,
    column: null,
    value: shownValue(listen),
    problem,
    allowed,
    nearest: null,
  };
}
