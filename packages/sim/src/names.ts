import type { Random } from "@isthmus/kernel";
import type { Inode } from "./inode.ts";

type NameChange =
  | { readonly kind: "create"; readonly path: string; readonly inode: Inode }
  | { readonly kind: "rename"; readonly path: string; readonly from: string }
  | { readonly kind: "remove"; readonly path: string };

/** The directories of a simulated disk: names as programs see them, and as a power cut would leave them. */
export class Names {
  #current = new Map<string, Inode>();
  #synced = new Map<string, Inode>();
  #unsynced: NameChange[] = [];

  get(path: string): Inode | undefined {
    return this.#current.get(path);
  }

  /** Every file that has a name, or may have one again after a power cut. */
  inodes(): Set<Inode> {
    return new Set([...this.#synced.values(), ...this.#current.values()]);
  }

  /** The files that programs see, with their paths, in the order in which they were named. */
  files(): ReadonlyMap<string, Inode> {
    return this.#current;
  }

  get usedBytes(): number {
    let used = 0;
    for (const inode of this.#current.values()) used += inode.size;
    return used;
  }

  /** Names of files and directories right below `directory`, sorted. */
  list(directory: string): string[] {
    const prefix = directory === "." || directory === "" ? "" : `${directory}/`;
    const names = new Set<string>();
    for (const path of this.#current.keys()) {
      if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split("/", 1)[0] as string);
    }
    return [...names].sort();
  }

  apply(change: NameChange): void {
    applyTo(this.#current, change);
    this.#unsynced.push(change);
  }

  sync(directory: string): void {
    const rest: NameChange[] = [];
    for (const change of this.#unsynced) {
      if (directoryOf(change.path) === directory) applyTo(this.#synced, change);
      else rest.push(change);
    }
    this.#unsynced = rest;
  }

  /** As a journal does it: of the changes that were not synced, the first few survive. */
  crash(random: Random): void {
    const kept = random.below(this.#unsynced.length + 1);
    for (const change of this.#unsynced.slice(0, kept)) applyTo(this.#synced, change);
    this.#unsynced = [];
    this.#current = new Map(this.#synced);
  }
}

export function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash);
}

function applyTo(names: Map<string, Inode>, change: NameChange): void {
  switch (change.kind) {
    case "create":
      names.set(change.path, change.inode);
      break;
    case "remove":
      names.delete(change.path);
      break;
    case "rename": {
      const inode = names.get(change.from);
      // The old name may not have reached the platters: then neither does the new one.
      if (inode === undefined) break;
      names.delete(change.from);
      names.set(change.path, inode);
      break;
    }
  }
}
