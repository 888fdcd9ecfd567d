import { setTimeout as pause } from "node:timers/promises";
import { Command } from "commander";
import { type ConfirmOptions, confirm } from "../confirm.ts";
import type { CommandResult, Context, Run } from "../context.ts";
import { CommandFailure, EXIT, usage } from "../failure.ts";
import { print, type Table, tableText } from "../output.ts";

/** A node as `GET /admin/v1/nodes` tells of it. */
interface NodeView {
  readonly id: string;
  readonly region: string;
  readonly number: number;
  readonly api: string;
  readonly cluster: string;
  readonly up: boolean;
  readonly state: string;
  readonly leads: readonly string[];
}

interface Change {
  readonly dry_run: true;
  readonly node: NodeView;
  readonly changes: readonly string[];
}

const NODES = "/admin/v1/nodes";
/** How long a command looks on while the groups follow. */
const FOLLOW_MS = 60_000;
const LOOK_EVERY_MS = 200;

/** The members of the cluster: who takes part, who comes, who goes, who rests. */
export function nodeCommand(run: Run): Command {
  const list = new Command("list")
    .description("show every node, and how far it is in or out")
    .action((_options: object, command: Command) => run(command, listNodes));
  const add = new Command("add")
    .description("take a new node into a region; then start it with `serve --node ID --join ENDPOINT`")
    .argument("<id>", "its name; one that was used before is refused")
    .requiredOption("--region <region>", "the region that it belongs to")
    .requiredOption("--api <url>", "where clients reach it, http://HOST:PORT")
    .requiredOption("--cluster <url>", "where other nodes reach it, ws://HOST:PORT")
    .option("--dry-run", "only say what would be done")
    .action((id: string, options: AddOptions, command: Command) =>
      run(command, (context) => addNode(context, id, options)),
    );
  const remove = new Command("remove")
    .description("remove a node for good; waits until it is out of all groups and may be switched off")
    .argument("<id>", "its name")
    .option("-y, --yes", "do not ask")
    .option("--dry-run", "only say what would be done")
    .action((id: string, options: ConfirmOptions, command: Command) =>
      run(command, (context) => removeNode(context, id, options)),
    );
  const drain = new Command("drain")
    .description("hand on what a node leads and let it lead nothing; it keeps its data and its votes")
    .argument("<id>", "its name")
    .option("--undo", "let it lead again")
    .option("--dry-run", "only say what would be done")
    .action((id: string, options: DrainOptions, command: Command) =>
      run(command, (context) => drainNode(context, id, options)),
    );
  return new Command("node")
    .description("the nodes of the cluster")
    .addCommand(list)
    .addCommand(add)
    .addCommand(remove)
    .addCommand(drain);
}

/** Leadership of single groups. */
export function groupCommand(run: Run): Command {
  const transfer = new Command("transfer")
    .description("hand the leadership of a group to a node")
    .argument("<group>", "such as main/0, or _control")
    .requiredOption("--to <id>", "the node that should lead")
    .action((group: string, { to }: { to: string }, command: Command) =>
      run(command, (context) => transferGroup(context, group, to)),
    );
  return new Command("group").description("the Raft groups of the cluster").addCommand(transfer);
}

interface AddOptions {
  readonly region: string;
  readonly api: string;
  readonly cluster: string;
  readonly dryRun?: boolean;
}

interface DrainOptions {
  readonly undo?: boolean;
  readonly dryRun?: boolean;
}

async function nodesOf(context: Context): Promise<readonly NodeView[]> {
  const answer = await (await context.client()).json({ method: "GET", path: NODES });
  const { nodes } = answer as { nodes?: readonly NodeView[] };
  if (!Array.isArray(nodes))
    throw new CommandFailure(EXIT.failed, "invalid_answer", "node: the answer names no nodes");
  return nodes;
}

async function listNodes(context: Context): CommandResult {
  const nodes = await nodesOf(context);
  await print(context.terminal, context.format, { nodes }, (paint) => tableText(nodeTable(nodes), paint));
  return EXIT.done;
}

function nodeTable(nodes: readonly NodeView[]): Table {
  return {
    head: ["REGION", "NODE", "NUMBER", "UP", "STATE", "LEADS", "API", "CLUSTER"],
    rows: nodes.map(({ region, id, number, up, state, leads, api, cluster }) => [
      region,
      id,
      String(number),
      up ? "up" : "down",
      state,
      leads.length === 0 ? "-" : leads.join(","),
      api,
      cluster,
    ]),
  };
}

async function addNode(context: Context, id: string, options: AddOptions): CommandResult {
  const { region, api, cluster, dryRun = false } = options;
  const body = JSON.stringify({ id, region, api, cluster });
  const client = await context.client();
  const answer = await client.json({ method: "POST", path: `${NODES}${query(dryRun)}`, body });
  await print(context.terminal, context.format, answer, () =>
    dryRun ? planText(answer) : `${id} is node ${(answer as NodeView).number} of ${region}\n`,
  );
  if (!dryRun)
    context.terminal.err(`start it on its machine: isthmus serve --node ${id} --data DIR --join ENDPOINT\n`);
  return EXIT.done;
}

async function removeNode(context: Context, id: string, options: ConfirmOptions): CommandResult {
  const client = await context.client();
  const path = `${NODES}/${encodeURIComponent(id)}`;
  const plan = (await client.json({ method: "DELETE", path: `${path}${query(true)}` })) as Change;
  if (!(await confirm(context, plan.changes, options))) {
    await print(context.terminal, context.format, plan, () => "");
    return EXIT.done;
  }
  const node = await client.json({ method: "DELETE", path });
  await follow(context, id, (nodes) => !nodes.some((each) => each.id === id), "is not out of all groups yet");
  await print(context.terminal, context.format, node, () => `${id} is out: it may be switched off\n`);
  return EXIT.done;
}

async function drainNode(context: Context, id: string, options: DrainOptions): CommandResult {
  const { undo = false, dryRun = false } = options;
  const client = await context.client();
  const path = `${NODES}/${encodeURIComponent(id)}${query(dryRun)}`;
  const body = JSON.stringify({ draining: !undo });
  const answer = await client.json({ method: "PATCH", path, body });
  if (!dryRun && !undo)
    await follow(
      context,
      id,
      (nodes) => nodes.every((each) => each.id !== id || each.leads.length === 0),
      "still leads a group",
    );
  const word = undo ? "may lead again" : "leads nothing";
  await print(context.terminal, context.format, answer, () =>
    dryRun ? planText(answer) : `${id} ${word}\n`,
  );
  return EXIT.done;
}

async function transferGroup(context: Context, group: string, to: string): CommandResult {
  if (group === "") throw usage("group transfer: name a group, such as main/0");
  const client = await context.client();
  const path = `/admin/v1/groups/${encodeURIComponent(group)}/transfer`;
  const answer = await client.json({ method: "POST", path, body: JSON.stringify({ to }) });
  await print(context.terminal, context.format, answer, () => `${to} leads ${group}\n`);
  return EXIT.done;
}

/** The change is agreed; the groups follow it by themselves, one step at a time. */
async function follow(
  context: Context,
  id: string,
  done: (nodes: readonly NodeView[]) => boolean,
  otherwise: string,
): Promise<void> {
  const deadlineMs = performance.now() + FOLLOW_MS;
  while (!done(await nodesOf(context))) {
    if (performance.now() > deadlineMs)
      throw new CommandFailure(
        EXIT.failed,
        "not_followed",
        `node: ${id} ${otherwise}; the change is agreed and goes on, see \`isthmus node list\``,
      );
    await pause(LOOK_EVERY_MS);
  }
}

function query(dryRun: boolean): string {
  return dryRun ? "?dry_run=true" : "";
}

function planText(answer: unknown): string {
  return (answer as Change).changes.map((line) => `${line}\n`).join("");
}
