import { IsthmusError } from "@isthmus/kernel";
import { readJson } from "./body.ts";
import { fieldsOf, nameOf } from "./fields.ts";
import type { ApiLimits } from "./limits.ts";
import { invalid } from "./problem.ts";
import { allowParameters, flagParameter, type Query } from "./request-target.ts";
import { sendJson } from "./respond.ts";
import type { MembershipService, NodeChange } from "./service.ts";

/** What a handler of these routes is given; a part of every admin call. */
export interface MemberCall {
  readonly context: {
    readonly service: { readonly membership: MembershipService };
    readonly limits: ApiLimits;
  };
  readonly request: Parameters<typeof readJson>[0] & { readonly params: Record<string, unknown> };
  readonly response: Parameters<typeof readJson>[1];
  readonly query: Query;
}

export async function getMembers({ context, response, query }: MemberCall): Promise<void> {
  allowParameters(query, []);
  sendJson(response, 200, { nodes: await context.service.membership.nodes() });
}

export function getTopology({ context, response, query }: MemberCall): void {
  allowParameters(query, []);
  sendJson(response, 200, context.service.membership.topology());
}

export async function postMember(call: MemberCall): Promise<void> {
  const dryRun = dryRunOf(call);
  const body = await bodyOf(call);
  const fields = fieldsOf(body, "", ["id", "region", "api", "cluster"]);
  const text = (name: string): string => nameOf(fields[name], name, `a node's ${name}`);
  const node = { id: text("id"), region: text("region"), api: text("api"), cluster: text("cluster") };
  answer(call, dryRun, await call.context.service.membership.add(node, { dryRun }));
}

export async function deleteMember(call: MemberCall): Promise<void> {
  const dryRun = dryRunOf(call);
  answer(call, dryRun, await call.context.service.membership.remove(inPath(call, "id"), { dryRun }));
}

export async function patchMember(call: MemberCall): Promise<void> {
  const dryRun = dryRunOf(call);
  const { draining } = fieldsOf(await bodyOf(call), "", ["draining"]);
  if (typeof draining !== "boolean") throw invalid("draining", "takes true or false");
  answer(call, dryRun, await call.context.service.membership.drain(inPath(call, "id"), draining, { dryRun }));
}

export async function postTransfer(call: MemberCall): Promise<void> {
  const dryRun = dryRunOf(call);
  const { to } = fieldsOf(await bodyOf(call), "", ["to"]);
  const group = inPath(call, "group");
  const target = nameOf(to, "to", "a node's id");
  const told = await call.context.service.membership.transfer(group, target, { dryRun });
  sendJson(call.response, 200, dryRun ? { dry_run: true, ...told } : told);
}

function answer({ response }: MemberCall, dryRun: boolean, { node, changes }: NodeChange): void {
  sendJson(response, 200, dryRun ? { dry_run: true, node, changes } : node);
}

function dryRunOf({ query }: MemberCall): boolean {
  allowParameters(query, ["dry_run"]);
  return flagParameter(query, "dry_run");
}

function bodyOf({ context, request, response }: MemberCall): Promise<unknown> {
  return readJson(request, response, context.limits);
}

function inPath({ request }: MemberCall, name: string): string {
  const value = request.params[name];
  if (typeof value !== "string") throw new IsthmusError("not_found", "there is nothing under this path");
  return value;
}
