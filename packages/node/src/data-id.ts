import {
  DecodeError,
  type Disk,
  fromHex,
  fromUtf8,
  hex,
  IsthmusError,
  type Random,
  utf8,
} from "@isthmus/kernel";

/** Beside the log, in the node's data directory: 32 hexadecimal digits. */
const FILE = "data-id";
const BYTES = 16;

/**
 * By which data this node is known to the others. Drawn once, when the directory is empty, and durable before the node
 * says anything to anybody.
 *
 * Invariant: whoever has lost the directory has lost this, too, and comes with another one. So its peers can tell that
 * what it once promised, votes and acknowledgements, is gone (R17). Throws IsthmusError `damaged` for a file that is no
 * data id, and what the disk throws.
 */
export async function readDataId(disk: Disk, random: Random): Promise<Uint8Array> {
  try {
    const id = fromHex(fromUtf8(await disk.read(FILE)).trim());
    if (id.length === BYTES) return id;
    throw new DecodeError("a data id has 16 bytes");
  } catch (error) {
    if (error instanceof DecodeError)
      throw new IsthmusError("damaged", `${FILE} in the data directory is damaged: ${error.message}`);
    if (!(error instanceof IsthmusError && error.code === "disk_missing")) throw error;
  }
  const id = Uint8Array.from({ length: BYTES }, () => random.below(256));
  await disk.replace(FILE, utf8(`${hex(id)}\n`));
  return id;
}
