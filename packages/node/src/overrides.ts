import { nearestName } from "./nearest-name.ts";
import type { Limits } from "./node-config.ts";
import { type Fault, shownValue } from "./topology-fault.ts";
import { addressFault } from "./topology-rules.ts";
import { parseDuration, parseSize } from "./units.ts";

/**
 * What may differ from node to node without touching what all agree on. Flags go over the environment, which goes over
 * the file.
 */
export interface Overrides {
  readonly dataDirectory?: string;
  readonly limits?: Partial<Limits>;
  readonly listen?: ListenAddresses;
}

export interface ListenAddresses {
  readonly api?: string;
  readonly cluster?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export const OVERRIDE_PREFIX = "ISTHMUS__";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Draft {
  dataDirectory?: string;
  readonly limits: Mutable<Partial<Limits>>;
  readonly listen: Mutable<ListenAddresses>;
}

interface Variable {
  readonly allowed: string;
  /** Takes the text into the draft; false where it does not fit. */
  take(text: string, draft: Draft): boolean;
}

const VARIABLES: Readonly<Record<string, Variable>> = {
  ISTHMUS__DATA: {
    allowed: "a directory",
    take: (text, draft) => {
      draft.dataDirectory = text;
      return text !== "";
    },
  },
  ISTHMUS__LISTEN__API: listenVariable("api", "http://HOST:PORT"),
  ISTHMUS__LISTEN__CLUSTER: listenVariable("cluster", "ws://HOST:PORT"),
  ISTHMUS__LIMITS__BODY: limitVariable("bodyBytes", "a size such as 4MiB", parseSize),
  ISTHMUS__LIMITS__INFLIGHT: limitVariable("inflight", "a whole number from 1", parseCount),
  ISTHMUS__LIMITS__LOG_KEEP: limitVariable("logKeepBytes", "a size such as 64MiB", parseSize),
  ISTHMUS__LIMITS__REQUEST_TIMEOUT: limitVariable("requestTimeoutMs", "a time such as 500ms", parseDuration),
};

/**
 * Reads `ISTHMUS__SECTION__KEY`. A name with the prefix that is none of ours is a fault, not ignored: a setting
 * misspelt would otherwise be a setting without effect.
 */
export function overridesFromEnvironment(
  environment: Environment,
  options: { insecure: boolean },
): { overrides: Overrides; faults: Fault[] } {
  const draft: Draft = { limits: {}, listen: {} };
  const faults: Fault[] = [];
  const names = Object.keys(environment).filter((name) => name.startsWith(OVERRIDE_PREFIX));
  for (const name of names.sort()) {
    const text = environment[name];
    if (text === undefined) continue;
    const variable = VARIABLES[name];
    if (!variable) {
      const known = Object.keys(VARIABLES);
      const problem = "is no setting of a node";
      faults.push(environmentFault(name, text, problem, known.join(", "), nearestName(name, known)));
    } else if (!variable.take(text, draft))
      faults.push(environmentFault(name, text, "does not fit", variable.allowed, null));
  }
  for (const face of ["api", "cluster"] as const) {
    const address = draft.listen[face];
    const fault = address === undefined ? null : addressFault(address, face, options.insecure);
    const name = `ISTHMUS__LISTEN__${face.toUpperCase()}`;
    if (fault) faults.push(environmentFault(name, address, fault.problem, fault.allowed, null));
  }
  return { overrides: draft, faults };
}

function environmentFault(
  name: string,
  value: unknown,
  problem: string,
  allowed: string | null,
  nearest: string | null,
): Fault {
  return { path: name, line: null, column: null, value: shownValue(value), problem, allowed, nearest };
}

function listenVariable(face: "api" | "cluster", allowed: string): Variable {
  return {
    allowed,
    take: (text, draft) => {
      draft.listen[face] = text;
      return true;
    },
  };
}

function limitVariable(
  limit: keyof Limits,
  allowed: string,
  parse: (text: string) => number | null,
): Variable {
  return {
    allowed,
    take: (text, draft) => {
      const amount = parse(text);
      if (amount === null || amount < 1) return false;
      draft.limits[limit] = amount;
      return true;
    },
  };
}

function parseCount(text: string): number | null {
  return /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : null;
}
