import {
  assert,
  DecodeError,
  type Disk,
  type DiskFile,
  type GroupId,
  IsthmusError,
  type Registry,
} from "@isthmus/kernel";
import {
  decodeSnapshotChunk,
  decodeSnapshotFooter,
  decodeSnapshotHeader,
  SNAPSHOT_CHUNK_HEAD_BYTES,
  SNAPSHOT_PREFIX_BYTES,
  SNAPSHOT_TAIL_BYTES,
  type SnapshotChunk,
  type SnapshotFooter,
  type SnapshotHeader,
  type SnapshotOffer,
  snapshotFooterBytes,
  snapshotHeaderBytes,
} from "@isthmus/wire";

/** Ends the name of a snapshot that is being cut; whatever is found of one at the start is removed. */
export const CUTTING = ".new";
const FINISHED = ".snap";

/** A finished snapshot, open for reading. */
interface ShelvedFile {
  readonly offer: SnapshotOffer;
  readonly path: string;
  readonly file: DiskFile;
  /** Where each chunk begins, and its bytes with head. */
  readonly places: readonly { readonly offset: number; readonly bytes: number }[];
}

/**
 * One group's snapshot files: at most one finished one that is offered, and those before it only as long as somebody is
 * being fed from them. They survive the node; what a crash leaves of an unfinished one is removed.
 */
export class SnapshotShelf {
  readonly directory: string;
  readonly #disk: Disk;
  readonly #cluster: string;
  readonly #group: GroupId;
  readonly #registry: Registry;
  readonly #files = new Map<string, ShelvedFile>();
  #newest: ShelvedFile | null = null;

  constructor(options: { disk: Disk; cluster: string; group: GroupId; registry: Registry }) {
    this.#disk = options.disk;
    this.#cluster = options.cluster;
    this.#group = options.group;
    this.#registry = options.registry;
    this.directory = `snap/${options.group}`;
  }

  get newest(): SnapshotOffer | null {
    return this.#newest?.offer ?? null;
  }

  offer(id: string): SnapshotOffer | null {
    return this.#files.get(id)?.offer ?? null;
  }

  /** Takes up what an earlier life left. A file that is not whole, or not this group's, is counted and removed. */
  async open(): Promise<void> {
    let found = false;
    for (const name of await this.#disk.list(this.directory)) {
      found = true;
      const path = `${this.directory}/${name}`;
      const shelved = name.endsWith(FINISHED) ? await this.#openFile(path) : null;
      if (shelved === null) await this.#disk.remove(path);
      else await this.#shelve(shelved);
    }
    if (found) await this.#disk.syncDirectory(this.directory);
  }

  /** Puts a file that was cut under its temporary name on the shelf. Order: it is durable before its name is. */
  async finish(id: string): Promise<SnapshotOffer> {
    const path = `${this.directory}/${id}${FINISHED}`;
    await this.#disk.rename(`${this.directory}/${id}${CUTTING}`, path);
    await this.#disk.syncDirectory(this.directory);
    const shelved = await this.#openFile(path);
    if (shelved === null)
      throw new IsthmusError("disk_failed", "a snapshot that was just written is not whole");
    await this.#shelve(shelved);
    return shelved.offer;
  }

  /** A chunk as it lies there; null when there is no such file or it is damaged, and then it is gone. */
  async read(id: string, number: number): Promise<SnapshotChunk | null> {
    const shelved = this.#files.get(id);
    const place = shelved?.places[number];
    if (!shelved || !place) return null;
    try {
      const chunk = decodeSnapshotChunk(await shelved.file.read(place.offset, place.bytes));
      if (chunk.number === number) return chunk;
    } catch (error) {
      if (!(error instanceof IsthmusError)) throw error;
    }
    this.#registry.refuse("snapshot", "damaged_file");
    await this.#remove(shelved);
    return null;
  }

  /** Removes all but the newest, and but those that `isNeeded`. */
  async tidy(isNeeded: (id: string) => boolean): Promise<void> {
    for (const shelved of [...this.#files.values()])
      if (shelved !== this.#newest && !isNeeded(shelved.offer.header.id)) await this.#remove(shelved);
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    this.#newest = null;
    for (const { file } of files) await file.close();
  }

  async #shelve(shelved: ShelvedFile): Promise<void> {
    const { id, index } = shelved.offer.header;
    assert(!this.#files.has(id), "each snapshot has an id of its own");
    this.#files.set(id, shelved);
    if (this.#newest === null || index >= this.#newest.offer.header.index) this.#newest = shelved;
  }

  async #remove(shelved: ShelvedFile): Promise<void> {
    const { id } = shelved.offer.header;
    // A second reader may have found the same damage.
    if (!this.#files.delete(id)) return;
    if (this.#newest === shelved) this.#newest = null;
    await shelved.file.close();
    await this.#disk.remove(shelved.path);
    await this.#disk.syncDirectory(this.directory);
  }

  async #openFile(path: string): Promise<ShelvedFile | null> {
    const file = await this.#disk.open(path, { create: false, durable: false });
    try {
      const shelved = await this.#readEnds(path, file);
      if (shelved !== null) return shelved;
    } catch (error) {
      if (!(error instanceof DecodeError)) {
        await file.close();
        throw error;
      }
    }
    await file.close();
    this.#registry.refuse("snapshot", "damaged_file");
    return null;
  }

  /** Header and footer; the chunks between are verified as they are read. */
  async #readEnds(path: string, file: DiskFile): Promise<ShelvedFile | null> {
    const size = await file.size();
    const headerBytes = snapshotHeaderBytes(await file.read(0, SNAPSHOT_PREFIX_BYTES));
    const header = decodeSnapshotHeader(await file.read(0, headerBytes));
    const footerBytes = snapshotFooterBytes(
      await file.read(Math.max(0, size - SNAPSHOT_TAIL_BYTES), SNAPSHOT_TAIL_BYTES),
    );
    const footerAt = size - SNAPSHOT_TAIL_BYTES - footerBytes;
    if (footerAt < headerBytes) throw new DecodeError("a snapshot's footer is longer than the file");
    const footer = decodeSnapshotFooter(await file.read(footerAt, footerBytes + SNAPSHOT_TAIL_BYTES));
    if (header.group !== this.#group || header.cluster !== this.#cluster) return null;
    const places = placesOf(footer, headerBytes);
    const last = places.at(-1);
    if ((last ? last.offset + last.bytes : headerBytes) !== footerAt)
      throw new DecodeError("a snapshot's chunks do not fill it");
    return { offer: offerOf(header, footer), path, file, places };
  }
}

export function offerOf(header: SnapshotHeader, footer: SnapshotFooter): SnapshotOffer {
  const bytes = footer.lengths.reduce((sum, length) => sum + length, 0);
  return { header, chunks: footer.lengths.length, bytes, chain: footer.chain };
}

function placesOf(footer: SnapshotFooter, headerBytes: number): { offset: number; bytes: number }[] {
  let offset = headerBytes;
  return footer.lengths.map((length) => {
    const place = { offset, bytes: SNAPSHOT_CHUNK_HEAD_BYTES + length };
    offset += place.bytes;
    return place;
  });
}
