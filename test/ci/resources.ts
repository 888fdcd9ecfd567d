import { lstatSync, readdirSync } from "node:fs";
import path from "node:path";
import type { PlatformNode } from "../support/platform.ts";
import { residentBytes } from "../support/processes.ts";

export const MIB = 2 ** 20;

/** What a directory takes on disk, in bytes: blocks, not lengths. Files that go away meanwhile count as nothing. */
export function diskBytes(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const stat = lstatSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false });
    bytes += (stat?.blocks ?? 0) * 512;
  }
  return bytes;
}

/** Looks at the memory of nodes again and again, until it is closed. */
export class MemoryWatch {
  readonly #nodes: readonly PlatformNode[];
  readonly #timer: NodeJS.Timeout;
  readonly #peaks = new Map<string, number>();
  readonly #measure: (pid: number) => number;

  constructor(nodes: readonly PlatformNode[], everyMs = 500, measure = residentBytes) {
    this.#nodes = nodes;
    this.#measure = measure;
    this.#timer = setInterval(() => this.#look(), everyMs);
    this.#look();
  }

  /** The most that a node has had since the last call of `reset`, in bytes. */
  peak(node: PlatformNode): number {
    this.#look();
    return this.#peaks.get(node.id) ?? 0;
  }

  /** Forgets what was before. */
  reset(): void {
    this.#peaks.clear();
    this.#look();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const { id, pid } of this.#nodes)
      this.#peaks.set(id, Math.max(this.#peaks.get(id) ?? 0, this.#measure(pid)));
  }
}

export function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
