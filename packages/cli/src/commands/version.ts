import { createRequire } from "node:module";
import { Command } from "commander";
import type { Run } from "../context.ts";
import { EXIT } from "../failure.ts";
import { print } from "../output.ts";

export function versionCommand(run: Run): Command {
  return new Command("version")
    .description("print the versions of isthmus and of its Node")
    .action((_, command: Command) =>
      run(command, async ({ terminal, format }) => {
        const data = { isthmus: ownVersion(), node: process.versions.node };
        await print(terminal, format, data, () => `isthmus ${data.isthmus} (Node ${data.node})\n`);
        return EXIT.done;
      }),
    );
}

export function ownVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)("../../package.json");
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "?";
}
