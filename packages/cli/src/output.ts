import { stringify } from "yaml";
import type { Terminal } from "./terminal.ts";

export const FORMATS = ["table", "json", "yaml"] as const;
export type Format = (typeof FORMATS)[number];

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Prints `data` as it is to programs, and what `text` makes of it to people. */
export async function print(
  terminal: Terminal,
  format: Format,
  data: unknown,
  text: (paint: Paint) => string,
): Promise<void> {
  switch (format) {
    case "json":
      return terminal.out(`${JSON.stringify(data, null, terminal.outIsTerminal ? 2 : 0)}\n`);
    case "yaml":
      return terminal.out(stringify(data));
    case "table":
      return terminal.out(text(painter(terminal)));
  }
}

export type Colour = "red" | "green" | "yellow" | "bold" | "dim";
export type Paint = (colour: Colour, text: string) => string;

const CODES: Readonly<Record<Colour, number>> = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 };

/** Colour only where a person looks and has not asked for none (no-color.org: any non-empty value). */
export function painter({ outIsTerminal, env }: Pick<Terminal, "outIsTerminal" | "env">): Paint {
  const colours = outIsTerminal && !env.NO_COLOR && env.TERM !== "dumb";
  return (colour, text) => (colours ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text);
}

const GAP = "  ";

/** Columns as wide as their widest cell; no lines are drawn, so that `cut` and `awk` read it too. */
export function tableText({ head, rows }: Table, paint: Paint): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => visibleLength(row[column] ?? ""))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - visibleLength(cell))))
      .join(GAP)
      .trimEnd();
  return [paint("bold", line(head)), ...rows.map(line)].map((text) => `${text}\n`).join("");
}

function visibleLength(cell: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
  return [...cell.replaceAll(/\u001b\[[0-9]+m/g, "")].length;
}
