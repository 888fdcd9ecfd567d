/** Sizes such as `4MiB` and times such as `500ms`, as a topology file writes them. */
export const SIZE_PATTERN = /^([1-9][0-9]{0,14})(B|KiB|MiB|GiB|TiB)$/;
export const DURATION_PATTERN = /^([1-9][0-9]{0,11})(ms|s|m|h)$/;

const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** The size in bytes, or null if the text is none. */
export function parseSize(text: string): number | null {
  return parseAmount(text, SIZE_PATTERN, BYTES);
}

/** The time in milliseconds, or null if the text is none. */
export function parseDuration(text: string): number | null {
  return parseAmount(text, DURATION_PATTERN, MILLISECONDS);
}

function parseAmount(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | null {
  const match = pattern.exec(text);
  const unit = match && units[match[2] ?? ""];
  if (!match || !unit) return null;
  const amount = Number(match[1]) * unit;
  return Number.isSafeInteger(amount) ? amount : null;
}
