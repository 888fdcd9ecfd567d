import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

/** The floors of the architecture (ARCHITECTURE.md): a package imports only from floors below its own. */
const FLOORS: Record<string, number> = {
  kernel: 0,
  raft: 1,
  causality: 1,
  control: 1,
  conflict: 2,
  failover: 2,
  wire: 2,
  graph: 3,
  wal: 4,
  store: 4,
  link: 4,
  replica: 4,
  relay: 4,
  host: 4,
  sim: 4,
  api: 5,
  client: 5,
  node: 6,
  cli: 7,
  chaos: 7,
};

/** Who owns a third-party dependency: nobody else imports it. */
const OWNERS: Record<string, string[]> = {
  protobufjs: ["wire"],
  lmdb: ["store"],
  "sorted-btree": ["store"],
  ws: ["link"],
  express: ["api"],
  zod: ["node"],
  yaml: ["node", "cli"],
  commander: ["cli"],
};

interface Package {
  readonly name: string;
  readonly folder: string;
  readonly imports: ReadonlySet<string>;
  readonly declared: Readonly<Record<string, string>>;
  readonly references: readonly string[];
}

const packages = globSync(["packages/*/package.json", "chaos/package.json"]).sort().map(readPackage);

function readPackage(manifest: string): Package {
  const folder = dirname(manifest);
  const { name, dependencies = {} } = JSON.parse(readFileSync(manifest, "utf8"));
  const imports = new Set<string>();
  for (const file of globSync(join(folder, "src/**/*.ts")))
    for (const specifier of importsOf(readFileSync(file, "utf8")))
      if (!specifier.startsWith(".") && !specifier.startsWith("node:")) imports.add(specifier);
  const config = join(folder, "tsconfig.json");
  const references = existsSync(config)
    ? (JSON.parse(readFileSync(config, "utf8")).references ?? []).map(({ path }: { path: string }) =>
        path.replace(/^.*\//, ""),
      )
    : [];
  return { name: name.replace("@isthmus/", ""), folder, imports, declared: dependencies, references };
}

/** Static imports and re-exports, side-effect imports, and imports of a literal at run time. */
function importsOf(source: string): string[] {
  const forms = [
    /^(?:import|export)\b[^;"]*?\bfrom "([^"]+)"/gm,
    /^import "([^"]+)"/gm,
    /\bimport\("([^"]+)"\)/g,
  ];
  return forms.flatMap((form) => [...source.matchAll(form)].map(([, specifier]) => specifier as string));
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] as string);
}

test("the check has packages to look at", () => {
  assert.ok(packages.length >= 15, `${packages.length} packages were found`);
  assert.ok(packages.every((each) => each.imports.size > 0 || each.name === "kernel"));
});

for (const { name, folder, imports, declared, references } of packages) {
  const floor = FLOORS[name];

  test(`${folder} imports only from floors below its own`, () => {
    assert.notEqual(floor, undefined, `${name} has no floor`);
    for (const specifier of imports) {
      if (!specifier.startsWith("@isthmus/")) continue;
      const other = packageOf(specifier).replace("@isthmus/", "");
      const below = FLOORS[other];
      assert.ok(
        below !== undefined && below < (floor as number),
        `${name} (floor ${floor}) imports ${other} (floor ${below})`,
      );
    }
  });

  test(`${folder} declares what it imports, and imports what it declares`, () => {
    const used = new Set([...imports].map(packageOf));
    for (const specifier of used)
      assert.ok(specifier in declared, `${specifier} is imported and not declared`);
    for (const dependency of Object.keys(declared))
      assert.ok(used.has(dependency), `${dependency} is declared and not imported`);
    const workspace = [...used].filter((each) => each.startsWith("@isthmus/")).map((each) => each.slice(9));
    assert.deepEqual([...references].sort(), workspace.sort(), "tsconfig.json references what is imported");
  });

  test(`${folder} uses third-party packages that it owns`, () => {
    for (const specifier of imports) {
      const dependency = packageOf(specifier);
      if (dependency.startsWith("@isthmus/")) continue;
      assert.ok(OWNERS[dependency]?.includes(name), `${dependency} is not ${name}'s`);
    }
  });
}
