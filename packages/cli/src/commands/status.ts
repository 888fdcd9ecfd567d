import { Command } from "commander";
import { type ClusterView, clusterView, type LinkView, troubles } from "../cluster-view.ts";
import type { CommandResult, Context, Run } from "../context.ts";
import { EXIT } from "../failure.ts";
import { type Paint, print, type Table, tableText } from "../output.ts";

export function statusCommand(run: Run): Command {
  return new Command("status")
    .description("show regions, nodes, groups and links; exit 1 if a group has no leader or a region is down")
    .action((_options: object, command: Command) => run(command, status));
}

async function status(context: Context): CommandResult {
  const client = await context.client();
  const answer = await client.json({ method: "GET", path: "/admin/v1/cluster" });
  const view = clusterView(answer);
  const found = troubles(view);
  await print(context.terminal, context.format, answer, (paint) => statusText(view, found, paint));
  for (const trouble of found) context.terminal.err(`isthmus: status: ${trouble}\n`);
  return found.length === 0 ? EXIT.done : EXIT.failed;
}

function statusText(view: ClusterView, found: readonly string[], paint: Paint): string {
  const databases = view.databases.map(({ name, policy }) => `${name} (${policy})`).join(", ");
  const state = found.length === 0 ? paint("green", "every group is led") : paint("red", found.join("; "));
  const links = view.links.length === 0 ? "" : `\n${tableText(linkTable(view.links), paint)}`;
  const head = `cluster    ${view.cluster}\ndatabases  ${databases}\nstate      ${state}\nkeys       ${keysText(view)}\n`;
  return `${head}\n${tableText(groupTable(view, paint), paint)}${links}`;
}

/** How many idempotency keys each region remembers, and since when, as its leaders tell. */
function keysText(view: ClusterView): string {
  const told = view.regions.flatMap((region) =>
    region.nodes
      .flatMap(({ groups }) => groups.filter(({ role }) => role === "leader"))
      .flatMap(({ group, idempotency }) => {
        if (!idempotency) return [];
        const { keys, since } = idempotency;
        return [`${region.id} ${group}: ${keys}${since === null ? "" : ` since ${since}`}`];
      }),
  );
  return told.length === 0 ? "not known now" : told.join(", ");
}

const DIGEST_SHOWN = 12;

function groupTable(view: ClusterView, paint: Paint): Table {
  const rows = view.regions.flatMap((region) =>
    region.nodes.flatMap((node) => {
      const place = [region.id, node.id, node.up ? paint("green", "up") : paint("red", "down")];
      if (node.groups.length === 0) return [place];
      return node.groups.map(({ group, role, term, leader, commit, applied, digest }) => [
        ...place,
        group,
        role === "leader" ? paint("bold", role) : role,
        ...[term, leader, commit, applied, digest?.slice(0, DIGEST_SHOWN)].map(known),
      ]);
    }),
  );
  return {
    head: ["REGION", "NODE", "UP", "GROUP", "ROLE", "TERM", "LEADER", "COMMIT", "APPLIED", "DIGEST"],
    rows,
  };
}

export function linkTable(links: readonly LinkView[]): Table {
  return {
    head: ["FROM", "TO", "STATE", "MODE", "LAG OPS", "LAG BYTES", "LAG MS", "RTT MS"],
    rows: links.map((link) => [
      link.from,
      link.to,
      link.state,
      ...[link.mode, link.lag_ops, link.lag_bytes, link.lag_ms, link.rtt_ms].map(known),
    ]),
  };
}

/** A dash for what is not known now: a zero would be a claim. */
function known(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "number" ? String(Math.round(value * 10) / 10) : value;
}
