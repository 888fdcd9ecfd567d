import type { IncomingMessage, ServerResponse } from "node:http";
import { IsthmusError } from "@isthmus/kernel";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import { readJson, refuseBody } from "./body.ts";
import { fieldsOf } from "./fields.ts";
import type { ApiLimits } from "./limits.ts";
import { deleteMember, getMembers, getTopology, patchMember, postMember, postTransfer } from "./members.ts";
import { openapiDocument } from "./openapi.ts";
import { invalid, methodNotAllowed, notAvailable } from "./problem.ts";
import { PROMETHEUS_TYPE, prometheusText } from "./prometheus.ts";
import { allowParameters, choiceParameter, flagParameter, parseQuery, type Query } from "./request-target.ts";
import { send, sendJson } from "./respond.ts";
import { ADMIN_ROUTES, type AdminOperation } from "./routes.ts";
import type { LinkStatus, NodeService, ReadinessQuestion } from "./service.ts";
import { postSnapshot } from "./snapshots.ts";

export interface AdminContext {
  readonly service: NodeService;
  readonly limits: ApiLimits;
  readonly version: string;
}

type Fail = (request: IncomingMessage, response: ServerResponse, error: unknown) => void;
type Handler = (call: AdminCall) => void | Promise<void>;

interface AdminCall {
  readonly context: AdminContext;
  readonly request: Request;
  readonly response: Response;
  readonly query: Query;
}

const HANDLERS: Record<AdminOperation, Handler> = {
  getHealth({ response, query }) {
    allowParameters(query, []);
    sendJson(response, 200, { ok: true });
  },
  getReadiness({ context, response, query }) {
    allowParameters(query, ["role", "db", "group"]);
    const { ready, checks } = context.service.readiness(questionOf(query));
    sendJson(response, ready ? 200 : 503, { ready, checks }, ready ? [] : ["Retry-After", "1"]);
  },
  getMetrics({ context, response, query }) {
    allowParameters(query, []);
    send(response, 200, PROMETHEUS_TYPE, prometheusText(context.service.samples()));
  },
  async getCluster({ context, response, query }) {
    allowParameters(query, []);
    sendJson(response, 200, await context.service.cluster());
  },
  async getLinks({ context, response, query }) {
    allowParameters(query, []);
    const { links } = await context.service.cluster();
    sendJson(response, 200, { links });
  },
  patchLink,
  getMembers,
  postMember,
  patchMember,
  deleteMember,
  postTransfer,
  postSnapshot,
  getTopology,
  getOpenapi({ context, response, query }) {
    allowParameters(query, []);
    sendJson(response, 200, openapiDocument(context.version));
  },
};

/** Everything but the data path. `fail` answers what a route throws. */
export function createAdmin(context: AdminContext, fail: Fail): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", false);
  app.enable("case sensitive routing");
  app.use((request: Request, _response: Response, next: NextFunction) => {
    request.url = withWholeGroup(request.url);
    next();
  });
  for (const [path, routes] of Map.groupBy(ADMIN_ROUTES, (each) => each.path)) {
    const route = app.route(path.replaceAll(/\{(\w+)\}/g, ":$1"));
    for (const { method, operation } of routes)
      route[method](async (request: Request, response: Response) => {
        if (method === "get" || method === "delete") refuseBody(request);
        await HANDLERS[operation]({ context, request, response, query: queryOf(request) });
      });
    const allowed = routes.map(({ method }) => (method === "get" ? "GET, HEAD" : method.toUpperCase()));
    route.all((request: Request) => {
      throw methodNotAllowed(request.method, allowed.join(", "));
    });
  }
  app.use((request: Request) => {
    const feature = UNBUILT.exec(request.path)?.[0];
    if (feature !== undefined) throw notAvailable(feature);
    throw new IsthmusError("not_found", "there is nothing under this path");
  });
  // Express knows the handler of errors by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    fail(
      request,
      response,
      error instanceof URIError ? invalid("path", "malformed percent-encoding", error) : error,
    );
  });
  return app;
}

/** What the contract has and this version does not. */
const UNBUILT =
  /^\/(?:dashboard|admin\/v1\/(?:databases|regions|groups|resolvers|failover|conflicts|verify|events|jobs))(?=\/|$)/;

/** A data group's name has a slash, which people write as it is: it stands for one part of the path all the same. */
function withWholeGroup(url: string): string {
  return url.replace(/^(\/admin\/v1\/groups\/[a-z0-9-]+)\/(\d+)(?=\/)/, "$1%2F$2");
}

function queryOf(request: Request): Query {
  const mark = request.url.indexOf("?");
  return parseQuery(mark < 0 ? "" : request.url.slice(mark + 1));
}

function questionOf(query: Query): ReadinessQuestion {
  const role = choiceParameter(query, "role", ["primary", "leader"]);
  const database = query.get("db");
  const group = query.get("group");
  return {
    ...(role === undefined ? {} : { role }),
    ...(database === undefined ? {} : { database }),
    ...(group === undefined ? {} : { group }),
  };
}

async function patchLink({ context, request, response, query }: AdminCall): Promise<void> {
  allowParameters(query, ["dry_run"]);
  const dryRun = flagParameter(query, "dry_run");
  const body = await readJson(request, response, context.limits);
  const { paused } = fieldsOf(body, "", ["paused"], ["compression", "bandwidth"]);
  if (typeof paused !== "boolean") throw invalid("paused", "takes true or false");
  const { from, to } = request.params;
  if (typeof from !== "string" || typeof to !== "string")
    throw invalid("path", "names a link by two regions");
  if (!dryRun) {
    sendJson(response, 200, await context.service.setLink(from, to, { paused }));
    return;
  }
  const { links } = await context.service.cluster();
  const link = links.find((known) => known.from === from && known.to === to);
  if (link === undefined)
    throw new IsthmusError("not_found", "there is no link between these regions", {
      facts: { kind: "link", from, to },
    });
  sendJson(response, 200, { dry_run: true, link, changes: changesOf(link, paused) });
}

function changesOf(link: LinkStatus, paused: boolean): Record<string, { from: boolean; to: boolean }> {
  const now = link.state === "paused";
  return now === paused ? {} : { paused: { from: now, to: paused } };
}
