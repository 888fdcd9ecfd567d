import assert from "node:assert/strict";
import { test } from "node:test";
import { start } from "./harness.ts";

interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Record<string, Record<string, { readonly operationId: string }>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

test("the document names every reference that it uses, and its operations once", async (t) => {
  const { call } = await start(t, { version: "9.8.7" });
  const { text } = await call("GET /admin/v1/openapi.json");
  const document: Document = JSON.parse(text);
  assert.deepEqual([document.openapi, document.info.version], ["3.1.0", "9.8.7"]);
  for (const [, schema = ""] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
    assert(schema in document.components.schemas, schema);
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(ids.length, 25);
});

test("every route of the document is served", async (t) => {
  const { call } = await start(t);
  const { text } = await call("GET /admin/v1/openapi.json");
  const document: Document = JSON.parse(text);
  for (const [path, methods] of Object.entries(document.paths))
    for (const method of Object.keys(methods)) {
      const filled = path.replace("{db}", "main").replaceAll(/\{\w+\}/g, "x");
      const { status, json } = await call(
        `${method.toUpperCase()} ${filled}`,
        method === "get" ? {} : { body: "x" },
      );
      const served = [200, 400].includes(status) || (status === 404 && json.kind !== undefined);
      assert(served, `${method} ${path}: ${status}`);
    }
});
