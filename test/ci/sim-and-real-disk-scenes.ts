/**
 * Stories that a disk goes through, told at the port: the same for a simulated disk and, in a process of its own, for the
 * machine's. Whoever tells one makes the fault; the story only says, before the step that is to fail, that it is time.
 *
 *     node sim-and-real-disk-scenes.ts STORY DIRECTORY
 *
 * prints what happened, a line a step.
 */

import { openHostDisk } from "../../packages/host/dist/index.js";
import { type Disk, IsthmusError } from "../../packages/kernel/dist/index.js";

export interface Telling {
  readonly disk: Disk;
  /** The next step is the one that fails. */
  readonly fault: () => void;
  readonly tell: (line: string) => void;
}

export type Story = (telling: Telling) => Promise<void>;

export const ROOM_BYTES = 1024 * 1024;
export const RECORD_BYTES = 512;
const CHUNK_BYTES = 64 * 1024;

export const STORIES = {
  /** A sync of what was written fails, and then no more. */
  async sync({ disk, fault, tell }) {
    const file = await disk.open("f", { create: true, durable: false });
    await step(tell, "write", () => file.write(0, Buffer.from("one")));
    await step(tell, "sync", () => file.sync());
    await step(tell, "write", () => file.write(3, Buffer.from("two")));
    fault();
    await step(tell, "sync", () => file.sync());
    await step(tell, "sync again", () => file.sync());
    await step(tell, "read", async () => text(await file.read(0, 100)));
    await file.close();
  },

  /** A durable write fails, and then no more. What is at its place is not known. */
  async durable_write({ disk, fault, tell }) {
    const file = await disk.open("f", { create: true, durable: true });
    await step(tell, "write", () => file.write(0, Buffer.from("one")));
    fault();
    await step(tell, "write", () => file.write(3, Buffer.from("two")));
    await step(tell, "write again", () => file.write(3, Buffer.from("TWO")));
    await step(tell, "read", async () => text(await file.read(0, 100)));
    await file.close();
  },

  /** The sync inside a replacement fails: the old content stays. */
  async replace({ disk, fault, tell }) {
    await step(tell, "replace", () => disk.replace("r", Buffer.from("old")));
    fault();
    await step(tell, "replace", () => disk.replace("r", Buffer.from("new")));
    await step(tell, "read", async () => text(await disk.read("r")));
    await step(tell, "replace again", () => disk.replace("r", Buffer.from("newer")));
    await step(tell, "read", async () => text(await disk.read("r")));
  },

  async directory({ disk, fault, tell }) {
    const file = await disk.open("d/f", { create: true, durable: true });
    await file.close();
    fault();
    await step(tell, "sync", () => disk.syncDirectory("d"));
    await step(tell, "sync again", () => disk.syncDirectory("d"));
    await step(tell, "list", async () => (await disk.list("d")).join(" "));
  },

  /** A disk with room for `ROOM_BYTES` fills up; what fits in place still goes; room that is made can be used. */
  async full({ disk, tell }) {
    await step(tell, "replace", () => disk.replace("small", Buffer.from("small")));
    const file = await disk.open("big", { create: true, durable: true });
    let refused = "nothing";
    for (let at = 0; refused === "nothing" && at < 2 * ROOM_BYTES; at += CHUNK_BYTES)
      await step(
        (line) => {
          if (line !== "grow: done") refused = line;
        },
        "grow",
        () => file.write(at, Buffer.alloc(CHUNK_BYTES, 1)),
      );
    tell(refused);
    await step(tell, "write in place", () => file.write(0, Buffer.from("in place")));
    await step(tell, "replace", () => disk.replace("small", Buffer.alloc(2 * CHUNK_BYTES)));
    await step(tell, "read", async () => text(await disk.read("small")));
    await step(tell, "read", async () => text(await file.read(0, 8)));
    await step(tell, "truncate", () => file.truncate(CHUNK_BYTES));
    await step(tell, "grow", () => file.write(CHUNK_BYTES, Buffer.alloc(CHUNK_BYTES, 2)));
    await file.close();
  },

  /** Appends durable records one after another until it is killed; tells the number of each that is answered. */
  async append({ disk, tell }) {
    const file = await disk.open("log", { create: true, durable: true });
    await disk.syncDirectory(".");
    for (let number = 0; ; number++) {
      await file.write(number * RECORD_BYTES, Buffer.alloc(RECORD_BYTES, 1 + (number % 250)));
      tell(String(number));
    }
  },

  /** Leaves behind what a power cut may and may not take. */
  async before_power_cut({ disk, tell }) {
    const durable = await disk.open("durable", { create: true, durable: true });
    const synced = await disk.open("synced", { create: true, durable: false });
    const unsynced = await disk.open("unsynced", { create: true, durable: false });
    await unsynced.write(0, Buffer.alloc(20_000, 1));
    await unsynced.sync();
    await disk.syncDirectory(".");
    await durable.write(0, Buffer.alloc(20_000, 2));
    await synced.write(0, Buffer.alloc(20_000, 3));
    await synced.sync();
    await disk.replace("replaced", Buffer.from("new"));
    await unsynced.write(0, Buffer.alloc(20_000, 4));
    await disk.open("unsynced-name", { create: true, durable: false });
    tell("ready");
  },

  async after_power_cut({ disk, tell }) {
    const names = await disk.list(".");
    tell(`durable: ${filledWith(await disk.read("durable"), 2)}`);
    tell(`synced: ${filledWith(await disk.read("synced"), 3)}`);
    tell(`replaced: ${text(await disk.read("replaced"))}`);
    const left = await disk.read("unsynced");
    tell(`unsynced: ${filledWith(left, 4) ? "whole" : filledWith(left, 1) ? "lost" : "torn"}`);
    tell(`unsynced name: ${names.includes("unsynced-name") ? "there" : "lost"}`);
  },
} satisfies Record<string, Story>;

/** How many records a log holds, or why it holds what no sequence of appends leaves behind. */
export function recordsOf(log: Uint8Array): number {
  let whole = 0;
  const isWhole = (record: Uint8Array): boolean =>
    record.length === RECORD_BYTES && record.every((byte) => byte === 1 + (whole % 250));
  while (isWhole(log.subarray(whole * RECORD_BYTES, (whole + 1) * RECORD_BYTES))) whole += 1;
  if (log.length > (whole + 1) * RECORD_BYTES) throw new Error(`bytes behind record ${whole}, which is torn`);
  return whole;
}

async function step(tell: (line: string) => void, name: string, work: () => Promise<unknown>): Promise<void> {
  try {
    const result = await work();
    tell(`${name}: ${typeof result === "string" ? result : "done"}`);
  } catch (error) {
    if (!(error instanceof IsthmusError)) throw error;
    tell(`${name}: ${error.code} ${error.facts.errno}`);
  }
}

function filledWith(bytes: Uint8Array, byte: number): boolean {
  return bytes.length === 20_000 && bytes.every((each) => each === byte);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

if (import.meta.main) {
  const [name, directory] = process.argv.slice(2);
  if (name === undefined || directory === undefined || !Object.hasOwn(STORIES, name))
    throw new Error("usage: STORY DIRECTORY");
  const story: Story = STORIES[name as keyof typeof STORIES];
  await story({
    disk: openHostDisk(directory),
    fault: () => {},
    tell: (line) => void process.stdout.write(`${line}\n`),
  });
}
