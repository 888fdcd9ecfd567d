import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SHOWN = 25;

/** What the process's main thread spent the most time on in itself, in microseconds a write. */
export function topCosts(directory: string, pid: number, writes: number): string[] {
  const file = readdirSync(directory).find((name) => name.endsWith(".cpuprofile") && isMainThread(name, pid));
  if (file === undefined) throw new Error(`there is no profile of process ${pid} in ${directory}`);
  const profile = JSON.parse(readFileSync(path.join(directory, file), "utf8")) as Profile;
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const spent = new Map<string, number>();
  for (const [index, id] of profile.samples.entries()) {
    const name = names.get(id) ?? "?";
    spent.set(name, (spent.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  const all = [...spent].filter(([name]) => name !== "(idle)");
  const total = all.reduce((sum, [, microseconds]) => sum + microseconds, 0);
  const shown = all.sort(([, a], [, b]) => b - a).slice(0, SHOWN);
  return [
    `${perWrite(total, writes)} us a write in all`,
    ...shown.map(
      ([name, microseconds]) =>
        `${perWrite(microseconds, writes)} us  ${((100 * microseconds) / total).toFixed(1).padStart(4)}%  ${name}`,
    ),
  ];
}

/** `CPU.DATE.TIME.PID.THREAD.SEQUENCE.cpuprofile`; the main thread is 0. */
function isMainThread(name: string, pid: number): boolean {
  const parts = name.split(".");
  return parts[3] === String(pid) && parts[4] === "0";
}

function nameOf(frame: Profile["nodes"][number]["callFrame"]): string {
  const file = frame.url.replace(/^.*\/(packages|node_modules)\//, "").replace("/dist/", "/");
  const where = file === "" ? "" : ` (${file}:${frame.lineNumber + 1})`;
  return `${frame.functionName === "" ? "anonymous" : frame.functionName}${where}`;
}

function perWrite(microseconds: number, writes: number): string {
  return (microseconds / writes).toFixed(2).padStart(7);
}
