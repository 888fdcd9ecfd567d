import { Command } from "commander";
import type { Run } from "../program.ts";

export function importCommand(_run: Run, _program?: () => Command): Command {
  return new Command("import");
}
