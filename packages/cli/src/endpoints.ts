import { parseAddress } from "@isthmus/node";
import { DEV_FILE, readDevFile } from "./dev/dev-file.ts";
import { usage } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

/** The first node of each region of a platform that `dev` started with its own defaults. */
const DEFAULT_ENDPOINTS = ["http://127.0.0.1:7411", "http://127.0.0.1:7421", "http://127.0.0.1:7431"];

export interface Endpoints {
  readonly urls: readonly string[];
  /** Where they were named: an unreachable list is somebody's to correct. */
  readonly from: string;
}

/** The flag, else the environment, else the platform that `dev` runs from this directory, else the usual ports. */
export async function findEndpoints(flag: string | undefined, terminal: Terminal): Promise<Endpoints> {
  if (flag !== undefined) return { urls: parseEndpoints(flag, "--endpoint"), from: "--endpoint" };
  const variable = terminal.env.ISTHMUS_ENDPOINT;
  if (variable) return { urls: parseEndpoints(variable, "ISTHMUS_ENDPOINT"), from: "ISTHMUS_ENDPOINT" };
  const dev = await readDevFile(terminal.cwd);
  if (dev && dev.nodes.length > 0) return { urls: interleave(dev.nodes), from: DEV_FILE };
  return { urls: DEFAULT_ENDPOINTS, from: "the usual ports" };
}

export function parseEndpoints(text: string, where: string): string[] {
  const urls = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (urls.length === 0) throw usage(`${where} is empty; name one or more like http://127.0.0.1:7411`);
  return urls.map((url) => {
    const bare = url.replace(/\/$/, "");
    if (parseAddress(bare)?.scheme !== "http")
      throw usage(`${where}: ${url} is not an address; write http://HOST:PORT, several with commas between`);
    return bare;
  });
}

/** The first node of each region, then the second of each: a lost region costs one attempt, not three. */
function interleave(nodes: readonly { region: string; api: string }[]): string[] {
  const seen = new Map<string, number>();
  const ranked = nodes.map((node) => {
    const rank = seen.get(node.region) ?? 0;
    seen.set(node.region, rank + 1);
    return { rank, api: node.api };
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ api }) => api);
}
