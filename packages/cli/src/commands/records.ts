import type { Command } from "commander";
import type { Run } from "../program.ts";

export function recordCommands(_run: Run): Command[] {
  return [];
}
