import type { IncomingMessage, ServerResponse } from "node:http";
import { IsthmusError } from "@isthmus/kernel";
import { refuseBody } from "./body.ts";
import { allowParameters, type Query } from "./request-target.ts";
import { sendJson } from "./respond.ts";
import type { NodeService } from "./service.ts";

interface SnapshotCall {
  readonly context: { readonly service: Pick<NodeService, "cutSnapshot"> };
  readonly request: IncomingMessage & { readonly params: Record<string, unknown> };
  readonly response: ServerResponse;
  readonly query: Query;
}

/** Answers when the snapshot is on this node's disk: that takes seconds for millions of records. */
export async function postSnapshot({ context, request, response, query }: SnapshotCall): Promise<void> {
  allowParameters(query, []);
  refuseBody(request);
  const { group } = request.params;
  if (typeof group !== "string") throw new IsthmusError("not_found", "there is nothing under this path");
  sendJson(response, 200, await context.service.cutSnapshot(group));
}
