import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Command } from "commander";
import { type Batch, batchesOf, fileStart, type ReadingPoint } from "../bulk/import-lines.ts";
import {
  hashBefore,
  type ImportState,
  readState,
  removeState,
  statePath,
  writeState,
} from "../bulk/import-state.ts";
import { ImportWindow } from "../bulk/import-window.ts";
import { callPatiently } from "../bulk/patience.ts";
import { type ClusterClient, RefusedByNode } from "../cluster-client.ts";
import type { CommandResult, Context, Run } from "../context.ts";
import { CommandFailure, EXIT, systemCode, usage } from "../failure.ts";
import { print } from "../output.ts";
import { Progress, peakMemoryBytes } from "../progress.ts";

export function importCommand(run: Run): Command {
  return new Command("import")
    .description(
      "write the nodes and edges of a file, one JSON object a line; goes on where it was broken off",
    )
    .argument("<file>", "the file, or - for stdin (which cannot be gone on with)")
    .option("--restart", "begin anew, whatever was imported before")
    .action((file: string, options: { restart?: boolean }, command: Command) =>
      run(command, (context) => importFile(file, options.restart ?? false, context)),
    );
}

interface Source {
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Null for a pipe. */
  readonly totalBytes: number | null;
  readonly from: ReadingPoint;
  readonly state: ImportState;
  /** Keeps how far it has come. */
  save(state: ImportState): Promise<void>;
  done(): Promise<void>;
}

async function importFile(file: string, restart: boolean, context: Context): CommandResult {
  const { terminal, format, db } = context;
  const source = file === "-" ? pipeSource(context) : await fileSource(file, db, restart);
  const client = await context.client();
  const resumed = source.state.records;
  if (resumed > 0) terminal.err(`going on after line ${source.state.line} (${resumed} records)\n`);
  // Before the first batch: if we die over it, the next run must use the same keys.
  await source.save(source.state);

  const progress = new Progress(terminal, { verb: "imported", totalBytes: source.totalBytes });
  let state = source.state;
  const window = new ImportWindow({
    send: (batch) => send(client, batch, source),
    landed: async (batch) => {
      const records = state.records + batch.operations.length;
      state = { ...state, offset: batch.end, line: batch.lastLine, records, hash: batch.hashThrough };
      await source.save(state);
      progress.show({ records, bytes: state.offset }, records - resumed);
    },
  });
  try {
    await feed(window, batchesOf(source.bytes, source.from, source.name));
  } finally {
    progress.end();
  }
  await source.done();

  const seconds = progress.seconds;
  const records = state.records - resumed;
  const summary = {
    lines: state.line,
    records: state.records,
    resumed,
    seconds: Number(seconds.toFixed(3)),
    rate: Math.round(records / Math.max(seconds, 0.001)),
    memory_bytes: peakMemoryBytes(),
  };
  await print(terminal, format, summary, () => {
    const before = resumed === 0 ? "" : ` (${resumed} of them before)`;
    const mebibytes = Math.round(summary.memory_bytes / 2 ** 20);
    const time = `${seconds.toFixed(1)} s, ${summary.rate} records/s, ${mebibytes} MiB of memory`;
    return `imported ${summary.records} records${before} of ${summary.lines} lines in ${time}\n`;
  });
  return EXIT.done;
}

/** What was read before a line that is no record is still written: then the message's "run again" is true. */
async function feed(window: ImportWindow, batches: AsyncIterable<Batch>): Promise<void> {
  try {
    for await (const batch of batches) await window.add(batch);
  } catch (error) {
    await window.settle();
    throw error;
  }
  await window.settle();
}

async function send(client: ClusterClient, batch: Batch, { name, state }: Source): Promise<void> {
  if (batch.operations.length === 0) return;
  const key = `import-${state.run}-${batch.start}-${batch.hashThrough.slice(0, 32)}`;
  try {
    await callPatiently(client, {
      method: "POST",
      path: `/v1/${encodeURIComponent(state.db)}/batch`,
      headers: { "idempotency-key": key },
      body: JSON.stringify({ operations: batch.operations }),
    });
  } catch (cause) {
    if (!(cause instanceof RefusedByNode)) throw cause;
    const message = `${name}: lines ${batch.firstLine}-${batch.lastLine}: ${cause.message}`;
    throw new CommandFailure(cause.exitStatus, cause.code, message, { cause });
  }
}

async function fileSource(file: string, db: string, restart: boolean): Promise<Source> {
  const totalBytes = await sizeOf(file);
  const before = restart ? null : await readState(file);
  if (before !== null && before.db !== db)
    throw usage(`${statePath(file)} is of an import into ${before.db}; use --db ${before.db}, or --restart`);
  const from =
    before === null
      ? fileStart()
      : { offset: before.offset, line: before.line, hash: await hashBefore(file, before) };
  return {
    name: file,
    bytes: createReadStream(file, { start: from.offset, highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>,
    totalBytes,
    from,
    state: before ?? freshState(db, from),
    save: (state) => writeState(file, state),
    done: () => removeState(file),
  };
}

function pipeSource({ terminal, db }: Context): Source {
  const from = fileStart();
  const nothing = async (): Promise<void> => undefined;
  const state = freshState(db, from);
  return {
    name: "stdin",
    bytes: terminal.input,
    totalBytes: null,
    from,
    state,
    save: nothing,
    done: nothing,
  };
}

function freshState(db: string, { hash }: ReadingPoint): ImportState {
  return {
    version: 1,
    run: randomUUID(),
    db,
    offset: 0,
    line: 0,
    records: 0,
    hash: hash.copy().digest("hex"),
  };
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (found.isFile()) return found.size;
    throw usage(`${file} is not a file; name one, or - for stdin`);
  } catch (cause) {
    if (systemCode(cause) !== "ENOENT") throw cause;
    throw usage(`${file}: there is no such file`);
  }
}
