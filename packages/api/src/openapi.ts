import { must } from "@isthmus/kernel";
import { ADMIN_ROUTES, DATA_ROUTES, type RouteSpec } from "./routes.ts";
import { HEADERS, PARAMETERS, ref, SCHEMAS } from "./schemas.ts";

/** The OpenAPI 3.1 document of everything that is built, made from the table of routes. */
export function openapiDocument(version: string): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of [...DATA_ROUTES, ...ADMIN_ROUTES]) {
    paths[route.path] ??= {};
    Object.assign(must(paths[route.path], "the path was just set"), { [route.method]: operationOf(route) });
  }
  return {
    openapi: "3.1.0",
    info: { title: "Isthmus", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: { schemas: SCHEMAS },
  };
}

function operationOf(route: RouteSpec): unknown {
  const { operation, summary, body } = route;
  const problem = {
    description: "A problem",
    content: { "application/problem+json": { schema: ref("Problem") } },
  };
  const problems = Object.fromEntries([...route.problems].sort().map((status) => [String(status), problem]));
  const done = { description: "Done", headers: headersOf(route), content: contentOf(route.answer) };
  const notReady =
    route.answer === "Readiness" ? { "503": { description: "Not ready", content: done.content } } : {};
  return {
    operationId: operation,
    summary,
    parameters: parametersOf(route),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: ref(body) } } } }),
    responses: { "200": done, ...problems, ...notReady },
  };
}

function parametersOf(route: RouteSpec): unknown[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => ({
    name: match[1],
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const others = (route.parameters ?? []).map((name) => ({
    name,
    ...must(PARAMETERS[name], "a route's parameters are described"),
  }));
  return [...inPath, ...others];
}

function headersOf(route: RouteSpec): unknown {
  return Object.fromEntries(
    (route.headers ?? []).map((name) => {
      const description = must(HEADERS[name], "a route's headers are described");
      return [name, { description, schema: { type: "string" } }];
    }),
  );
}

function contentOf(answer: string): unknown {
  if (answer === "ndjson") return { "application/x-ndjson": { schema: { type: "string" } } };
  if (answer === "prometheus") return { "text/plain": { schema: { type: "string" } } };
  must(SCHEMAS[answer], "a route's answer is described");
  return { "application/json": { schema: ref(answer) } };
}
