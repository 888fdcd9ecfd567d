import { Command } from "commander";
import { clusterView } from "../cluster-view.ts";
import type { CommandResult, Context, Run } from "../context.ts";
import { EXIT } from "../failure.ts";
import { print, tableText } from "../output.ts";
import { linkTable } from "./status.ts";

/** The links between regions, one for each direction. */
export function linkCommand(run: Run): Command {
  const list = new Command("list")
    .description("show every link and how far it is behind")
    .action((_options: object, command: Command) => run(command, listLinks));
  const pause = new Command("pause")
    .description("hold back what FROM wrote from TO, until resumed; nothing is lost")
    .argument("<from>", "the region that wrote")
    .argument("<to>", "the region that receives")
    .action((from: string, to: string, _options: object, command: Command) =>
      run(command, (context) => setPaused(context, from, to, true)),
    );
  const resume = new Command("resume")
    .description("let TO catch up with what FROM wrote")
    .argument("<from>", "the region that wrote")
    .argument("<to>", "the region that receives")
    .action((from: string, to: string, _options: object, command: Command) =>
      run(command, (context) => setPaused(context, from, to, false)),
    );
  return new Command("link")
    .description("the links between regions")
    .addCommand(list)
    .addCommand(pause)
    .addCommand(resume);
}

async function listLinks({ client, terminal, format }: Context): CommandResult {
  const { links } = clusterView(await (await client()).json({ method: "GET", path: "/admin/v1/cluster" }));
  await print(terminal, format, links, (paint) => tableText(linkTable(links), paint));
  return EXIT.done;
}

async function setPaused(context: Context, from: string, to: string, paused: boolean): CommandResult {
  const client = await context.client();
  const path = `/admin/v1/links/${encodeURIComponent(from)}/${encodeURIComponent(to)}`;
  await client.call({ method: "PATCH", path, body: JSON.stringify({ paused }) });
  const word = paused ? "paused" : "resumed";
  await print(context.terminal, context.format, { from, to, paused }, () => `${from} -> ${to}: ${word}\n`);
  return EXIT.done;
}
