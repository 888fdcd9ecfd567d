/**
 * Makes an import file out of real data that a machine already has: its packages, who maintains them, their sections,
 * what they depend on, and their files. Nodes come before edges, every id once, no edge without both its ends; the same
 * machine gives the same bytes.
 *
 *     node test/graph/packages-to-graph.ts graph.jsonl [--records 120000]
 */
import { execFileSync } from "node:child_process";
import { createWriteStream, type Dirent, existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { finished } from "node:stream/promises";
import { fileURLToPath } from "node:url";

interface Package {
  readonly name: string;
  readonly properties: Readonly<Record<string, string | number>>;
  readonly section: string | null;
  readonly maintainer: string | null;
  readonly depends: readonly string[];
  /** Read only when there are not enough records without them: there are many. */
  readonly files: () => readonly string[];
}

interface GraphNode {
  readonly kind: "node";
  readonly id: string;
  readonly labels: readonly string[];
  readonly properties: Readonly<Record<string, string | number>>;
}

interface GraphEdge {
  readonly kind: "edge";
  readonly id: string;
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly properties: Readonly<Record<string, string | number>>;
}

const RECORDS_DEFAULT = 120_000;
const ID_MAX_BYTES = 256;
const AVAILABLE_MAX_BYTES = 512 * 2 ** 20;
const DPKG = "/var/lib/dpkg";

/** A graph of at least `wanted` records, as far as the machine has them. */
export function packageGraph(wanted: number): { nodes: GraphNode[]; edges: GraphEdge[] } {
  const graph = new Graph();
  const packages = existsSync(`${DPKG}/status`) ? debianPackages() : npmPackages();
  packages.sort((a, b) => compare(a.name, b.name));
  for (const each of packages) {
    if (graph.size >= wanted) break;
    graph.addPackage(each);
  }
  for (const each of packages) {
    if (graph.size >= wanted) break;
    graph.addFiles(each);
  }
  return graph.finish();
}

class Graph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, GraphEdge>();
  /** Edges to a node that may still come, by its id. */
  readonly #waiting = new Map<string, number>();
  #whole = 0;

  /** Records that stand whatever else comes. */
  get size(): number {
    return this.#nodes.size + this.#whole;
  }

  addPackage({ name, properties, section, maintainer, depends }: Package): void {
    const id = this.#node("package", name, { name, ...properties });
    if (section !== null) this.#edge(id, "IN_SECTION", this.#node("section", section, { name: section }));
    if (maintainer !== null) {
      const [, person = maintainer, email = maintainer] = /^(.*?)\s*<([^>]+)>/.exec(maintainer) ?? [];
      this.#edge(id, "MAINTAINED_BY", this.#node("maintainer", email, { name: person, email }));
    }
    for (const other of depends) this.#edge(id, "DEPENDS_ON", `package:${other}`);
  }

  addFiles({ name, files }: Package): void {
    for (const file of files()) {
      const extension = path.extname(file).slice(1);
      this.#edge(`package:${name}`, "INSTALLS", this.#node("file", file, { path: file, extension }));
    }
  }

  /** What points at a package that was left out is left out too. */
  finish(): { nodes: GraphNode[]; edges: GraphEdge[] } {
    const has = (id: string): boolean => this.#nodes.has(id);
    return {
      nodes: [...this.#nodes.values()],
      edges: [...this.#edges.values()].filter(({ from, to }) => has(from) && has(to)),
    };
  }

  #node(kind: string, name: string, properties: GraphNode["properties"]): string {
    const id = `${kind}:${name}`;
    const label = kind.charAt(0).toUpperCase() + kind.slice(1);
    if (!fits(id) || this.#nodes.has(id)) return id;
    this.#nodes.set(id, { kind: "node", id, labels: [label], properties });
    this.#whole += this.#waiting.get(id) ?? 0;
    return id;
  }

  #edge(from: string, type: string, to: string): void {
    const id = `${from}:${type}:${to}`;
    if (!fits(id) || this.#edges.has(id)) return;
    this.#edges.set(id, { kind: "edge", id, type, from, to, properties: {} });
    if (this.#nodes.has(to)) this.#whole += 1;
    else this.#waiting.set(to, (this.#waiting.get(to) ?? 0) + 1);
  }
}

function fits(id: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an id may have none.
  return Buffer.byteLength(id) <= ID_MAX_BYTES && !/[\u0000-\u001f\u007f-\u009f]/.test(id);
}

/** Everything that the machine could install where apt knows it, else what is installed. */
function debianPackages(): Package[] {
  const packages = new Map<string, Package>();
  for (const paragraph of `${readFileSync(`${DPKG}/status`, "utf8")}\n\n${available()}`.split(/\n{2,}/)) {
    const fields = fieldsOf(paragraph);
    const name = fields.get("Package");
    if (name === undefined || packages.has(name)) continue;
    const depends = [fields.get("Depends"), fields.get("Pre-Depends"), fields.get("Recommends")]
      .flatMap((list) => (list ?? "").split(/[,|]/))
      .map((entry) => entry.trim().replace(/[ (:].*$/, ""))
      .filter((entry) => entry !== "");
    packages.set(name, {
      name,
      properties: propertiesOf(fields),
      section: fields.get("Section") ?? null,
      maintainer: fields.get("Maintainer") ?? null,
      depends,
      files: () => installedFiles(name, fields.get("Architecture") ?? ""),
    });
  }
  return [...packages.values()];
}

function available(): string {
  try {
    return execFileSync("apt-cache", ["dumpavail"], {
      encoding: "utf8",
      maxBuffer: AVAILABLE_MAX_BYTES,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    // No apt, or lists that it cannot read: what is installed is real data too.
    return "";
  }
}

function fieldsOf(paragraph: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of paragraph.split("\n")) {
    const match = /^([A-Za-z][A-Za-z0-9-]*): ?(.*)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) fields.set(match[1], match[2]);
  }
  return fields;
}

function propertiesOf(fields: Map<string, string>): Record<string, string | number> {
  const named = {
    version: "Version",
    priority: "Priority",
    architecture: "Architecture",
    homepage: "Homepage",
  };
  const properties: Record<string, string | number> = {};
  for (const [name, field] of Object.entries(named)) {
    const value = fields.get(field);
    if (value !== undefined) properties[name] = value;
  }
  const description = fields.get("Description");
  if (description !== undefined) properties.description = description;
  const kibibytes = Number(fields.get("Installed-Size"));
  if (Number.isSafeInteger(kibibytes)) properties.installed_kib = kibibytes;
  return properties;
}

function installedFiles(name: string, architecture: string): string[] {
  for (const list of [`${DPKG}/info/${name}.list`, `${DPKG}/info/${name}:${architecture}.list`])
    if (existsSync(list))
      return readFileSync(list, "utf8")
        .split("\n")
        .filter((file) => file.startsWith("/") && file !== "/.");
  return [];
}

/** Where there is no Debian: the packages below this project, and their files. */
function npmPackages(): Package[] {
  const root = fileURLToPath(new URL("../../node_modules/", import.meta.url));
  const packages = new Map<string, Package>();
  for (const directory of packageDirectories(root)) {
    const manifest = JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")) as Record<
      string,
      unknown
    >;
    const { name, version, license, description, dependencies } = manifest;
    if (typeof name !== "string" || packages.has(name)) continue;
    const texts = Object.entries({ version, license, description }).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    );
    packages.set(name, {
      name,
      properties: Object.fromEntries(texts),
      section: typeof license === "string" ? license : null,
      maintainer: null,
      depends:
        typeof dependencies === "object" && dependencies !== null ? Object.keys(dependencies).sort() : [],
      files: () => filesBelow(directory).map((file) => path.relative(root, file)),
    });
  }
  return [...packages.values()];
}

function packageDirectories(root: string): string[] {
  const scoped = entriesOf(root).flatMap((entry) =>
    entry.name.startsWith("@")
      ? entriesOf(path.join(root, entry.name)).map(({ name }) => path.join(root, entry.name, name))
      : [path.join(root, entry.name)],
  );
  return scoped.filter((directory) => existsSync(path.join(directory, "package.json")));
}

function filesBelow(directory: string): string[] {
  return entriesOf(directory).flatMap((entry) => {
    const full = path.join(directory, entry.name);
    if (entry.isDirectory()) return filesBelow(full);
    return entry.isFile() ? [full] : [];
  });
}

function entriesOf(directory: string): Dirent[] {
  return readdirSync(directory, { withFileTypes: true }).sort((a, b) => compare(a.name, b.name));
}

/** By code unit: what a machine's language says about order must not change the file. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function main(args: readonly string[]): Promise<void> {
  const [out, flag, count] = args;
  const wanted = flag === "--records" ? Number(count) : RECORDS_DEFAULT;
  if (out === undefined || !Number.isSafeInteger(wanted) || wanted < 1) {
    console.error("packages-to-graph OUT.jsonl [--records COUNT]");
    process.exitCode = 2;
    return;
  }
  const { nodes, edges } = packageGraph(wanted);
  const file = createWriteStream(out);
  const written = finished(file);
  for (const record of [...nodes, ...edges]) file.write(`${JSON.stringify(record)}\n`);
  file.end();
  await written;
  console.log(`${nodes.length} nodes and ${edges.length} edges in ${out}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
