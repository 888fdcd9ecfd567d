import { readdirSync, readFileSync } from "node:fs";

/** The command line of a process, or null where it is gone. A dead one that nobody has waited for yet has none. */
export function commandLine(pid: number): string | null {
  const text = read(`/proc/${pid}/cmdline`);
  return text === null || text === "" ? null : text.replaceAll("\0", " ");
}

/** Processes whose command line names `text`. */
export function processesNaming(text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && (commandLine(pid)?.includes(text) ?? false));
}

/** Memory that is in use, in bytes; 0 for a process that is gone. */
export function residentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+([0-9]+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** Of that what is not a view of a file, in bytes: a store that is mapped counts with every page that was looked at. */
export function ownBytes(pid: number): number {
  const kibibytes = /^RssAnon:\s+([0-9]+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** Time on a core since it started, in seconds, of all its threads. */
export function cpuSeconds(pid: number): number {
  // The name, in brackets, may hold anything; utime and stime are the 12th and 13th fields after it, in ticks.
  const fields = (read(`/proc/${pid}/stat`) ?? "").replace(/^.*\) /s, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** What Linux tells user programs, whatever the kernel was built with. */
const TICKS_PER_SECOND = 100;

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return null;
    throw error;
  }
}
