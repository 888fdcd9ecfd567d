import { Argument, Command } from "commander";
import type { Run } from "../context.ts";
import { EXIT } from "../failure.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** Prints a script for the shell. It is made from the commands as they are, so it knows no other ones. */
export function completionCommand(run: Run, program: () => Command): Command {
  return new Command("completion")
    .description("print a completion script: source <(isthmus completion bash)")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .action((shell: Shell, _options: object, command: Command) =>
      run(command, async ({ terminal }) => {
        await terminal.out(SCRIPTS[shell](wordsOf(program())));
        return EXIT.done;
      }),
    );
}

interface Words {
  readonly path: string;
  readonly about: string;
  readonly commands: readonly Words[];
  readonly flags: readonly string[];
}

function wordsOf(command: Command, path = ""): Words {
  return {
    path,
    about: command.description(),
    commands: command.commands.map((each) => wordsOf(each, `${path} ${each.name()}`.trim())),
    flags: command.options.flatMap(({ long }) => (long ? [long] : [])),
  };
}

function allOf(words: Words): Words[] {
  return [words, ...words.commands.flatMap(allOf)];
}

function lastWord({ path }: Words): string {
  return path.slice(path.lastIndexOf(" ") + 1);
}

const SCRIPTS: Readonly<Record<Shell, (root: Words) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

function bashScript(root: Words): string {
  const cases = allOf(root)
    .map((words) => {
      const offered = [
        ...words.commands.map(lastWord),
        ...words.flags,
        ...(words === root ? [] : root.flags),
        "--help",
      ];
      return `    "${words.path}") words="${offered.join(" ")}" ;;`;
    })
    .join("\n");
  return `_isthmus() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) case "$path $word" in ${nested(root)}) path="$path $word" ;; *) [ -z "$path" ] && path="$word" ;; esac ;; esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _isthmus isthmus
`;
}

/** Commands that have a command before them, as patterns of a shell's case. */
function nested(root: Words): string {
  const paths = allOf(root).filter(({ path }) => path.includes(" "));
  return paths.map(({ path }) => `"${path}"`).join("|") || '"-"';
}

function zshScript(root: Words): string {
  return `#compdef isthmus\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(root)}`;
}

function fishScript(root: Words): string {
  const lines = root.commands.flatMap((command) => {
    const name = lastWord(command);
    const about = command.about.replaceAll("'", "\\'");
    const seen = `__fish_seen_subcommand_from ${name}`;
    return [
      `complete -c isthmus -n __fish_use_subcommand -a ${name} -d '${about}'`,
      ...command.commands.map((each) => `complete -c isthmus -n '${seen}' -a ${lastWord(each)}`),
      ...command.flags.map((flag) => `complete -c isthmus -n '${seen}' -l ${flag.slice(2)}`),
    ];
  });
  const global = root.flags.map((flag) => `complete -c isthmus -l ${flag.slice(2)}`);
  return `${[...global, ...lines].join("\n")}\n`;
}
