import { randomUUID } from "node:crypto";
import { Command } from "commander";
import type { CommandResult, Context, Run } from "../context.ts";
import { EXIT } from "../failure.ts";
import type { Call } from "../http.ts";
import { print, tableText } from "../output.ts";
import { collected, parseProperties } from "../properties.ts";

interface PutOptions {
  readonly label?: readonly string[];
  readonly set?: readonly string[];
}

interface ConnectOptions {
  readonly id?: string;
  readonly set?: readonly string[];
}

const SET = "a property; JSON where it parses as such, else a text (may be repeated)";

/** Single records, by hand and from scripts. */
export function recordCommands(run: Run): Command[] {
  const put = new Command("put")
    .description("write a node; properties and labels that are not named go")
    .argument("<id>", "the node's id")
    .option("--label <name>", "a label (may be repeated)", collected)
    .option("--set <name=value>", SET, collected)
    .action((id: string, options: PutOptions, command: Command) =>
      run(command, (context) => {
        const body = { labels: options.label ?? [], properties: parseProperties(options.set ?? []) };
        return write(context, "PUT", recordPath(context, "nodes", id), body);
      }),
    );
  const get = new Command("get")
    .description("read a node, as the region's leader has it")
    .argument("<id>", "the node's id")
    .option("--edge", "the id is an edge's")
    .action((id: string, options: { edge?: boolean }, command: Command) =>
      run(command, (context) => read(context, recordPath(context, options.edge ? "edges" : "nodes", id))),
    );
  const del = new Command("del")
    .description("delete a node")
    .argument("<id>", "the node's id")
    .action((id: string, _options: object, command: Command) =>
      run(command, (context) => write(context, "DELETE", recordPath(context, "nodes", id))),
    );
  const connect = new Command("connect")
    .description("write an edge between two nodes")
    .argument("<from>", "the node where it begins")
    .argument("<type>", "its type")
    .argument("<to>", "the node where it ends")
    .option("--id <id>", "the edge's id (default FROM:TYPE:TO)")
    .option("--set <name=value>", SET, collected)
    .action((from: string, type: string, to: string, options: ConnectOptions, command: Command) =>
      run(command, (context) => {
        const id = options.id ?? `${from}:${type}:${to}`;
        const body = { type, from, to, properties: parseProperties(options.set ?? []) };
        return write(context, "PUT", recordPath(context, "edges", id), body);
      }),
    );
  const disconnect = new Command("disconnect")
    .description("delete an edge")
    .argument("<edge>", "the edge's id")
    .action((id: string, _options: object, command: Command) =>
      run(command, (context) => write(context, "DELETE", recordPath(context, "edges", id))),
    );
  return [put, get, del, connect, disconnect];
}

function recordPath({ db }: Context, kind: "nodes" | "edges", id: string): string {
  return `/v1/${encodeURIComponent(db)}/${kind}/${encodeURIComponent(id)}`;
}

async function write(context: Context, method: "PUT" | "DELETE", path: string, body?: object): CommandResult {
  // The key lets the next endpoint be asked after a node has died over the request, without writing twice.
  const call: Call = { method, path, headers: { "idempotency-key": randomUUID() } };
  const client = await context.client();
  const answer = await client.json(body === undefined ? call : { ...call, body: JSON.stringify(body) });
  await print(context.terminal, context.format, answer, () => fieldsText(answer));
  return EXIT.done;
}

async function read(context: Context, path: string): CommandResult {
  const client = await context.client();
  const record = await client.json({ method: "GET", path });
  await print(context.terminal, context.format, record, (paint) => {
    const { properties, ...rest } = asObject(record);
    const rows = Object.entries(asObject(properties)).map(([name, value]) => [name, cell(value)]);
    const table = rows.length === 0 ? "" : `\n${tableText({ head: ["PROPERTY", "VALUE"], rows }, paint)}`;
    return `${fieldsText(rest)}${table}`;
  });
  return EXIT.done;
}

/** One field a line, names in a column. */
function fieldsText(value: unknown): string {
  const fields = Object.entries(asObject(value));
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields.map(([name, field]) => `${name.padEnd(width)}  ${cell(field)}\n`).join("");
}

function cell(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(", ");
  return JSON.stringify(value);
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
