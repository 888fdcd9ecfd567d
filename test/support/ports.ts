import { createServer } from "node:net";

/** Below the ports that the system gives to outgoing connections. */
const FIRST = 12_000;
const LAST = 31_000;
/** More than `dev` takes from its base: 133. */
const STEP = 200;

/** A base for `dev --port` at which every port of this many regions and nodes is free now. */
export async function freePortBase(regions = 3, nodes = 3): Promise<number> {
  const slots = (LAST - FIRST) / STEP;
  // Runs at the same time begin at different places.
  const begin = process.pid % slots;
  for (let turn = 0; turn < slots; turn++) {
    const base = FIRST + ((begin + turn) % slots) * STEP;
    if (await allFree(portsOf(base, regions, nodes))) return base;
  }
  throw new Error("there are no free ports");
}

/** Node n of region r, both from 1: api at base + 10r + n, cluster 100 above. */
export function portsOf(base: number, regions: number, nodes: number): number[] {
  const apis = Array.from({ length: regions * nodes }, (_, index) => {
    const region = Math.floor(index / nodes) + 1;
    return base + 10 * region + (index % nodes) + 1;
  });
  return [...apis, ...apis.map((port) => port + 100)];
}

async function allFree(ports: readonly number[]): Promise<boolean> {
  for (const port of ports) if (!(await isFree(port))) return false;
  return true;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
