import { createServer } from "node:net";
import { join } from "node:path";
import { createApi } from "@isthmus/api";
import { allNodes, type NodeSpec } from "@isthmus/control";
import { type DirectoryLock, hostClock, hostRandom, lockDirectory, openHostDisk } from "@isthmus/host";
import { dataGroup, IsthmusError, must, Registry } from "@isthmus/kernel";
import { MAX_PACKET_BYTES, webSocketNetwork } from "@isthmus/link";
import { openLmdb } from "@isthmus/store";
import { parseAddress } from "./address.ts";
import type { NodeConfig } from "./node-config.ts";
import { NodeCore } from "./node-core.ts";

export const VERSION = "0.1.0";

export interface RunningNode {
  /** Where clients reach it. */
  readonly api: string;
  /** Where other nodes reach it. */
  readonly clusterAddress: string;
  /**
   * A clean stop: no new requests, checkpoint, sockets and files closed. With `drainMs` it first hands on what it leads,
   * for so long at most, and serves meanwhile: a cluster that is restarted node by node fails no write.
   */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

export interface StartOptions {
  readonly dataDirectory: string;
  /** What the node does next is not known; by default the error is thrown where nobody catches it. */
  onFatal?(error: unknown): void;
}

/**
 * Starts a real node: files, sockets, LMDB. Throws IsthmusError `address_in_use` before it touches the data directory,
 * `locked` when another process has it, `wrong_cluster`, `wrong_node`, `newer_format`, `wal_damaged` before it changes it.
 */
export async function startNode(config: NodeConfig, options: StartOptions): Promise<RunningNode> {
  const { node: self } = must(
    allNodes(config.joined?.topology ?? config.topology).find(({ node }) => node.id === config.node),
    "a node is in its topology",
  );
  await checkFree(self.api);
  await checkFree(self.cluster);
  const lock = lockDirectory(options.dataDirectory);
  try {
    return await startLocked(config, self, lock, options);
  } catch (error) {
    // The process may live on, and try again.
    lock.release();
    throw error;
  }
}

async function startLocked(
  config: NodeConfig,
  self: NodeSpec,
  lock: DirectoryLock,
  options: StartOptions,
): Promise<RunningNode> {
  const onFatal = options.onFatal ?? rethrow;
  const registry = new Registry();
  const clock = hostClock();
  const ports = {
    clock,
    disk: openHostDisk(options.dataDirectory),
    network: webSocketNetwork({ maxMessageBytes: MAX_PACKET_BYTES, registry }),
    random: hostRandom(),
    openState: () =>
      openLmdb({
        path: join(options.dataDirectory, "state"),
        registry,
        groups: config.topology.databases.map(({ name }) => dataGroup(name, 0)),
      }),
    registry,
  };
  const core = await NodeCore.start(config, ports, onFatal);
  const api = createApi({
    service: core,
    registry,
    limits: {
      bodyBytes: config.limits.bodyBytes,
      inflight: config.limits.inflight,
      requestTimeoutMs: config.limits.requestTimeoutMs,
    },
    version: VERSION,
    clockMs: () => clock.monotonicMs(),
    onFault: onFatal,
  });
  const { hostname, port } = hostAndPort(self.api);
  await new Promise<void>((resolve, reject) => {
    api.server.once("error", reject);
    api.server.listen(port, hostname, resolve);
  });
  return {
    api: self.api,
    clusterAddress: self.cluster,
    async close({ drainMs = 0 } = {}) {
      if (drainMs > 0) await core.drain(drainMs);
      await api.close();
      await core.close();
      lock.release();
    },
  };
}

/** Asks for an address and lets it go: a taken one is said before anything else is done. */
function checkFree(address: string): Promise<void> {
  const { hostname, port } = hostAndPort(address);
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once("error", (cause: NodeJS.ErrnoException) => {
      const code = cause.code === "EADDRINUSE" ? "address_in_use" : "address_unavailable";
      const why =
        cause.code === "EADDRINUSE" ? "is in use by another process" : `cannot be used (${cause.code})`;
      reject(new IsthmusError(code, `${address} ${why}`, { facts: { address }, cause }));
    });
    probe.listen(port, hostname, () => probe.close(() => resolve()));
  });
}

function hostAndPort(address: string): { hostname: string; port: number } {
  const { host, port } = must(parseAddress(address), "a topology's addresses are well formed");
  // The brackets belong to the URL, not to the address.
  return { hostname: host.replace(/^\[|\]$/g, ""), port };
}

function rethrow(error: unknown): void {
  throw error;
}
