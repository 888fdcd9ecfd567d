import type { Edit, Mutant } from "./mutant.ts";

/** What of a mutant is planted: the bug with its lens, or the lens alone, as in a control run. */
export type Part = "bug" | "lens";

/** A planting that no longer fits the code: the code has moved on, and the edit has to follow. */
export class PlantingError extends Error {
  override readonly name = "PlantingError";
}

export function editsOf({ edits, lens }: Mutant, part: Part): readonly Edit[] {
  return [...(lens?.edits ?? []), ...(part === "bug" ? edits : [])];
}

/** The address of the compiled file that an edit changes, as the module loader knows it. */
export function addressOf(edit: Edit): string {
  return new URL(edit.file, import.meta.resolve(edit.package)).href;
}

/** A file's source with its edits. Throws PlantingError where one does not stand there exactly once. */
export function plantedSource(source: string, edits: readonly Edit[]): string {
  return edits.reduce((text, { package: name, file, find, replace }) => {
    const count = text.split(find).length - 1;
    if (count !== 1)
      throw new PlantingError(
        `the planting no longer fits: ${name}/dist/${file} has ${count} of ${JSON.stringify(find)}`,
      );
    // Not String.replace: `$` would have a meaning there.
    return text.split(find).join(replace);
  }, source);
}
