import { type Checker, type NodeAtRest, Violation } from "../evidence.ts";

/** When all is quiet, all nodes of all regions show the same records, at one vector, with one digest. */
export class Convergence implements Checker {
  readonly name = "convergence";

  finished(nodes: readonly NodeAtRest[]): void {
    const [first, ...others] = nodes;
    if (first === undefined) return;
    for (const other of others) {
      const [a, b] = [first, other].map(({ vector, digest }) => `[${vector}] ${digest}`);
      if (a !== b) throw new Violation(this.name, `${first.node} ends at ${a} and ${other.node} at ${b}`);
      const length = Math.max(first.records.length, other.records.length);
      for (let line = 0; line < length; line++)
        if (first.records[line] !== other.records[line])
          throw new Violation(
            this.name,
            `${first.node} shows ${first.records[line] ?? "nothing"} where ${other.node} shows ${other.records[line] ?? "nothing"}`,
          );
    }
  }
}
