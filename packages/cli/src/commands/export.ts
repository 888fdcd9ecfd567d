import { Command } from "commander";
import type { Run } from "../program.ts";

export function exportCommand(_run: Run, _program?: () => Command): Command {
  return new Command("export");
}
