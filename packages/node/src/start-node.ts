import { IsthmusError } from "@isthmus/kernel";
import type { NodeConfig } from "./node-config.ts";

export interface RunningNode {
  readonly api: string;
  readonly clusterAddress: string;
  close(): Promise<void>;
}

export async function startNode(
  config: NodeConfig,
  _options: { readonly dataDirectory: string; onFatal?(error: unknown): void },
): Promise<RunningNode> {
  throw new IsthmusError("not_available", `the node ${config.node} cannot be started yet`);
}
