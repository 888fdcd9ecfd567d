import { Command } from "commander";
import type { Run } from "../program.ts";

export function linkCommand(_run: Run, _program?: () => Command): Command {
  return new Command("link");
}
