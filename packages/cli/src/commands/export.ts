import { open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import { callPatiently } from "../bulk/patience.ts";
import type { CommandResult, Context, Run } from "../context.ts";
import { EXIT, systemCode } from "../failure.ts";
import { print } from "../output.ts";
import { Progress, peakMemoryBytes } from "../progress.ts";

const PAGE_RECORDS = 1_000;

export function exportCommand(run: Run): Command {
  return new Command("export")
    .description("write every node and edge of a database, one JSON object a line, in a fixed order")
    .option("--out <file>", "the file (default: stdout); it appears when it is whole")
    .action((options: { out?: string }, command: Command) =>
      run(command, (context) => exportDatabase(options.out, context)),
    );
}

interface Sink {
  write(page: Buffer): Promise<void>;
  /** Everything was written: makes it last. */
  done(): Promise<void>;
  /** Something went wrong: takes back what can be taken back. */
  abandon(): Promise<void>;
}

async function exportDatabase(out: string | undefined, context: Context): CommandResult {
  const { terminal, format, db } = context;
  const client = await context.client();
  const file = out === undefined || out === "-" ? null : path.resolve(terminal.cwd, out);
  const sink = file === null ? pipeSink(context) : await fileSink(file);
  const progress = new Progress(terminal, { verb: "exported", totalBytes: null });
  let work = { records: 0, bytes: 0 };
  try {
    for (let after = ""; ; ) {
      const query = new URLSearchParams({ limit: String(PAGE_RECORDS), ...(after === "" ? {} : { after }) });
      const { headers, body } = await callPatiently(client, {
        method: "GET",
        path: `/v1/${encodeURIComponent(db)}/export?${query}`,
        headers: { accept: "application/x-ndjson" },
      });
      await sink.write(body);
      work = { records: work.records + linesIn(body), bytes: work.bytes + body.length };
      progress.show(work, work.records);
      const cursor = headers["isthmus-cursor"];
      if (typeof cursor !== "string" || cursor === "" || cursor === after) break;
      after = cursor;
    }
    await sink.done();
  } catch (error) {
    await sink.abandon();
    throw error;
  } finally {
    progress.end();
  }

  const seconds = progress.seconds;
  const rate = Math.round(work.records / Math.max(seconds, 0.001));
  const memory_bytes = peakMemoryBytes();
  const summary = { ...work, seconds: Number(seconds.toFixed(3)), rate, memory_bytes, file };
  const text = `exported ${work.records} records (${work.bytes} bytes) in ${seconds.toFixed(1)} s, ${rate} records/s, ${Math.round(memory_bytes / 2 ** 20)} MiB of memory\n`;
  // Where the records went to stdout, nothing else may go there.
  if (file === null) terminal.err(text);
  else await print(terminal, format, summary, () => text);
  return EXIT.done;
}

function pipeSink({ terminal }: Context): Sink {
  const nothing = async (): Promise<void> => undefined;
  return { write: (page) => terminal.out(page), done: nothing, abandon: nothing };
}

/** A file that appears under its name only when it is whole. What is no file (a terminal, a pipe) is written directly. */
async function fileSink(file: string): Promise<Sink> {
  const draft = (await isSpecial(file)) ? file : `${file}.partial`;
  const handle = await open(draft, "w");
  return {
    write: async (page) => {
      await handle.writeFile(page);
    },
    done: async () => {
      if (draft !== file) await handle.sync();
      await handle.close();
      if (draft !== file) await rename(draft, file);
    },
    abandon: async () => {
      await handle.close();
      if (draft !== file) await rm(draft, { force: true });
    },
  };
}

async function isSpecial(file: string): Promise<boolean> {
  try {
    return !(await stat(file)).isFile();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

function linesIn(page: Buffer): number {
  let lines = 0;
  for (let at = page.indexOf(10); at >= 0; at = page.indexOf(10, at + 1)) lines += 1;
  return page.length > 0 && page.at(-1) !== 10 ? lines + 1 : lines;
}
