import { type Checker, type HistoryItem, type NodeAtRest, Violation } from "../evidence.ts";
import { formatEntry } from "../history.ts";
import { registerHistory } from "../register-history.ts";
import { checkLinearizability } from "./linearizability.ts";

/** For each key: where more is unknown than can be looked through, nothing is said of the key. */
const CONFIGURATIONS_MAX = 20_000;
const WINDOW_MAX_LINES = 40;

/**
 * In a world of one region every node of the graph is a linearizable register to those who write it and read it at
 * `leader`, whatever became of the calls whose outcome nobody was told.
 *
 * With several regions other regions' batches come in between, which no client of this one has asked for: there the
 * other checkers stand.
 */
export class LinearizableKeys implements Checker {
  readonly name = "linearizable keys";
  readonly #items: HistoryItem[] = [];
  #judged = 0;
  #undecided = 0;

  /** Keys that were judged, and those for which the search was given up. */
  get counts(): { readonly judged: number; readonly undecided: number } {
    return { judged: this.#judged, undecided: this.#undecided };
  }

  returned(item: HistoryItem): void {
    this.#items.push(item);
  }

  finished(nodes: readonly NodeAtRest[]): void {
    if (new Set(nodes.map(({ region }) => region)).size !== 1) return;
    for (const history of Map.groupBy(registerHistory(this.#items), ({ key }) => key).values()) {
      const verdict = checkLinearizability(history, { configurationsMax: CONFIGURATIONS_MAX });
      if (verdict.kind === "linearizable") this.#judged += 1;
      else if (verdict.kind === "undecided") this.#undecided += 1;
      else {
        const window = verdict.window
          .slice(0, WINDOW_MAX_LINES)
          .map((entry) => `\n    ${formatEntry(entry)}`);
        throw new Violation(this.name, `${verdict.key}: ${verdict.why}:${window.join("")}`);
      }
    }
  }
}
