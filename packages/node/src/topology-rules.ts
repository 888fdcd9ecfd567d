import { isLoopback, parseAddress } from "./address.ts";
import type { Path } from "./topology-fault.ts";

/** A fault before it has been given its place. */
export interface BrokenRule {
  readonly path: Path;
  readonly value: unknown;
  readonly problem: string;
  readonly allowed: string | null;
}

const SCHEMES = {
  api: { now: "http", later: "https" },
  cluster: { now: "ws", later: "wss" },
} as const;

/**
 * What the shape of single fields cannot tell: names and addresses that meet twice, addresses that are none, and
 * addresses off loopback. It takes whatever was parsed, however wrong, so that these faults come together with the rest.
 */
export function brokenRules(document: unknown, options: { insecure: boolean }): BrokenRule[] {
  const broken: BrokenRule[] = [];
  const unique = new Uniqueness(broken);
  for (const [index, database] of items(field(document, "databases")))
    unique.claim("database", field(database, "name"), ["databases", index, "name"]);
  for (const [r, region] of items(field(document, "regions"))) {
    unique.claim("region", field(region, "id"), ["regions", r, "id"]);
    for (const [n, node] of items(field(region, "nodes"))) {
      const path = ["regions", r, "nodes", n];
      unique.claim("node", field(node, "id"), [...path, "id"]);
      for (const face of ["api", "cluster"] as const) {
        const text = field(node, face);
        if (typeof text !== "string") continue;
        const fault = addressFault(text, face, options.insecure);
        if (fault) broken.push({ path: [...path, face], value: text, ...fault });
        else unique.claim("address", text, [...path, face], { key: text.slice(text.indexOf("//")) });
      }
      claimDirectory(unique, node, path);
    }
  }
  return broken;
}

/** Why an address cannot be taken, or null if it can. */
export function addressFault(
  text: string,
  face: "api" | "cluster",
  insecure: boolean,
): { problem: string; allowed: string | null } | null {
  const { now, later } = SCHEMES[face];
  const address = parseAddress(text);
  if (address?.scheme === later)
    return { problem: "needs certificates, which are not available yet", allowed: `${now}://HOST:PORT` };
  if (address?.scheme !== now) return { problem: "is not an address", allowed: `${now}://HOST:PORT` };
  if (!insecure && !isLoopback(address.host)) {
    const allowed = "127.0.0.1, [::1], localhost (or --insecure, which takes any address)";
    return { problem: "is not loopback, and nothing on the wire is encrypted or asked who it is", allowed };
  }
  return null;
}

/** Nodes of one host must not share a directory; nodes of different hosts usually name the same one. */
function claimDirectory(unique: Uniqueness, node: unknown, path: Path): void {
  const directory = field(node, "data");
  const api = field(node, "api");
  const address = typeof api === "string" ? parseAddress(api) : null;
  if (typeof directory !== "string" || !address) return;
  const host = isLoopback(address.host) ? "127.0.0.1" : address.host;
  unique.claim("data directory of one host", directory, [...path, "data"], { key: `${host} ${directory}` });
}

class Uniqueness {
  readonly #seen = new Set<string>();
  readonly #broken: BrokenRule[];

  constructor(broken: BrokenRule[]) {
    this.#broken = broken;
  }

  claim(kind: string, value: unknown, path: Path, options: { key?: string } = {}): void {
    if (typeof value !== "string") return;
    const key = `${kind} ${options.key ?? value}`;
    if (this.#seen.has(key))
      this.#broken.push({ path, value, problem: `names the same ${kind} a second time`, allowed: null });
    this.#seen.add(key);
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function items(value: unknown): [number, unknown][] {
  return Array.isArray(value) ? [...value.entries()] : [];
}
