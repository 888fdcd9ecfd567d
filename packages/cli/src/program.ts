import { Command, CommanderError, Option } from "commander";
import { completionCommand } from "./commands/completion.ts";
import { devCommand } from "./commands/dev.ts";
import { exportCommand } from "./commands/export.ts";
import { importCommand } from "./commands/import.ts";
import { linkCommand } from "./commands/link.ts";
import { groupCommand, nodeCommand } from "./commands/node.ts";
import { recordCommands } from "./commands/records.ts";
import { serveCommand } from "./commands/serve.ts";
import { statusCommand } from "./commands/status.ts";
import { ownVersion, versionCommand } from "./commands/version.ts";
import { type Run, runInContext, type Surroundings } from "./context.ts";
import { EXIT, type ExitStatus, exitStatusOf, failureText } from "./failure.ts";
import { FORMATS } from "./output.ts";

/** Runs one command line and resolves with its exit status. It never throws: what went wrong is one line on stderr. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.done;
  const program = buildProgram(surroundings, (command, body) =>
    runInContext(command, surroundings, (settled) => (status = settled), body),
  );
  try {
    await program.parseAsync(argv, { from: "user" });
    return status;
  } catch (error) {
    // Help and wrong usage were printed where they were found.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    surroundings.terminal.err(`${failureText(error)}\n`);
    return exitStatusOf(error);
  }
}

function buildProgram({ terminal }: Surroundings, run: Run): Command {
  const program = new Command("isthmus")
    .description("Isthmus: a geo-replicated graph memory.")
    .version(ownVersion(), "-V, --version", "print the version")
    .addOption(
      new Option(
        "--endpoint <urls>",
        "nodes to talk to, commas between; the next is tried when one cannot be reached " +
          "(else ISTHMUS_ENDPOINT, the running `dev` platform, 127.0.0.1:7411,7421,7431)",
      ),
    )
    .addOption(
      new Option("-o, --output <format>", "how results are printed").choices(FORMATS).default("table"),
    )
    .option("--db <name>", "database", "main")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: (text, write) => write(`${usageLine(text)}\n`),
    })
    .addHelpText("after", HELP_TAIL)
    .exitOverride();
  const commands = [
    devCommand(run),
    serveCommand(run),
    statusCommand(run),
    ...recordCommands(run),
    importCommand(run),
    exportCommand(run),
    nodeCommand(run),
    groupCommand(run),
    linkCommand(run),
    versionCommand(run),
    completionCommand(run, () => program),
  ];
  for (const command of commands) {
    for (const each of [command, ...command.commands]) each.copyInheritedSettings(program);
    program.addCommand(command);
  }
  return program;
}

const HELP_TAIL = `
Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused by a safety rule, 4 nobody reachable.`;

/** Commander's sentence in one line, with what to do. */
function usageLine(text: string): string {
  const sentence = text
    .trim()
    .replace(/^error: /, "")
    .replaceAll(/\s*\n\s*/g, " ");
  return `isthmus: ${sentence}; see \`isthmus help\``;
}
