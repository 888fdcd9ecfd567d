import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { agreement, type Cluster, MAIN, replicasOf } from "./cluster.ts";
import { Command, EndedEarly, type Finished, isthmus } from "./command.ts";
import { eventually, within } from "./eventually.ts";
import { NodeClient } from "./http.ts";
import { freePortBase } from "./ports.ts";
import { commandLine, processesNaming } from "./processes.ts";

export interface DevFile {
  readonly cluster: string;
  readonly data: string;
  readonly pid: number;
  readonly topology: string;
  readonly nodes: readonly {
    readonly region: string;
    readonly node: string;
    readonly pid: number;
    readonly api: string;
    readonly cluster: string;
    readonly dir: string;
  }[];
  readonly dashboard: string | null;
}

/** A node of the platform: a process that can be killed, stopped and started again. */
export interface PlatformNode {
  readonly id: string;
  readonly region: string;
  readonly client: NodeClient;
  /** The process that runs it now, or ran it last. */
  pid: number;
}

/** From the start of `dev` to its last word; the goal is 20 s on an idle machine. */
const READY_WITHIN_MS = 60_000;
const END_WITHIN_MS = 20_000;
const QUIET_WITHIN_MS = 60_000;
/** Somebody may take a port between our looking and `dev`'s. */
const PORT_ATTEMPTS = 3;

/**
 * Three regions of three nodes as a user starts them: `isthmus dev` in a directory of its own, nine processes on free
 * ports. Register `close` in an `after` hook: it ends everything, also what is stopped, and fails if anything is left.
 */
export class Platform {
  /** Everything that this platform writes is below it; nodes have it in their command lines. */
  readonly root: string;
  readonly nodes: PlatformNode[] = [];
  /** Milliseconds from the start of `dev` to its `ready`. */
  readyMs = 0;
  #dev: Command | null = null;
  #file: DevFile | null = null;
  readonly #port: number | null;
  readonly #served = new Map<string, Command>();
  readonly #stopped = new Set<number>();

  readonly #flags: readonly string[];
  readonly #env: NodeJS.ProcessEnv;

  private constructor(port: number | null, flags: readonly string[], env: NodeJS.ProcessEnv) {
    this.#env = env;
    this.root = mkdtempSync(path.join(tmpdir(), "isthmus-e2e-"));
    this.#port = port;
    this.#flags = flags;
  }

  /** `flags` go to `dev`: other regions, other numbers of nodes. `env` goes to all nodes. */
  static async start(
    options: {
      readonly port?: number;
      readonly flags?: readonly string[];
      readonly env?: NodeJS.ProcessEnv;
    } = {},
  ): Promise<Platform> {
    const platform = new Platform(options.port ?? null, options.flags ?? [], options.env ?? {});
    try {
      await platform.startDev();
    } catch (error) {
      await platform.close();
      throw error;
    }
    return platform;
  }

  get data(): string {
    return path.join(this.root, "data");
  }

  get devFile(): DevFile {
    assert(this.#file, "the platform was started");
    return this.#file;
  }

  get dev(): Command {
    assert(this.#dev, "the platform was started");
    return this.#dev;
  }

  /** Starts `dev`: anew, or again over the data of an earlier one that has ended. */
  async startDev(): Promise<void> {
    const begun = performance.now();
    for (let attempt = 1; ; attempt++) {
      const port = this.#port ?? (existsSync(this.data) ? null : await freePortBase());
      const portFlags = port === null ? [] : ["--port", String(port)];
      this.#dev = new Command(["dev", "--data", this.data, ...portFlags, ...this.#flags], {
        cwd: this.root,
        env: this.#env,
      });
      try {
        await this.#dev.says(/^ready$/m, READY_WITHIN_MS);
        break;
      } catch (error) {
        const portTaken = error instanceof EndedEarly && /port [0-9]+ is taken/.test(this.#dev.stderr);
        if (!portTaken || attempt === PORT_ATTEMPTS) throw error;
      }
    }
    this.readyMs = performance.now() - begun;
    const text = await readFile(path.join(this.root, ".isthmus", "dev.json"), "utf8");
    this.#file = JSON.parse(text) as DevFile;
    for (const { node: id, region, api, pid } of this.#file.nodes) {
      const known = this.nodes.find((node) => node.id === id);
      if (known) known.pid = pid;
      else this.nodes.push({ id, region, client: new NodeClient(api), pid });
    }
  }

  // ---- who is there ----

  get regions(): string[] {
    return [...new Set(this.nodes.map(({ region }) => region))];
  }

  node(id: string): PlatformNode {
    const node = this.nodes.find((each) => each.id === id);
    assert(node, `there is no node ${id}`);
    return node;
  }

  inRegion(region: string): PlatformNode[] {
    return this.nodes.filter((node) => node.region === region);
  }

  /** The first node of each region. */
  get oneOfEach(): PlatformNode[] {
    return this.regions.flatMap((region) => this.inRegion(region).slice(0, 1));
  }

  /** The cluster as this node sees it. */
  async cluster(at: PlatformNode = this.#anyNode()): Promise<Cluster> {
    return (await at.client.json("GET", "/admin/v1/cluster")) as Cluster;
  }

  /** Who leads the region's data group: the one of the highest term, once there is one. */
  async leader(region: string, at?: PlatformNode): Promise<PlatformNode> {
    return await eventually(
      `${region} has a leader`,
      async () => {
        const leaders = replicasOf(await this.cluster(at), MAIN)
          .filter((replica) => replica.region === region && replica.role === "leader")
          .sort((a, b) => b.term - a.term);
        return leaders[0] === undefined ? undefined : this.node(leaders[0].node);
      },
      { withinMs: 20_000 },
    );
  }

  /** Waits until all nine have one vector, and with it one digest; equal vectors with different digests fail at once. */
  async quiet(withinMs = QUIET_WITHIN_MS): Promise<{ readonly vector: string; readonly digest: string }> {
    return await eventually(
      "all nodes have one vector",
      async () => agreement(await this.cluster(), this.nodes.length),
      { withinMs, everyMs: 100 },
    );
  }

  /** A command of a user who stands in the platform's directory. */
  cli(args: readonly string[], options: { timeoutMs?: number } = {}): Promise<Finished> {
    return isthmus(args, { cwd: this.root, ...options });
  }

  /** As `cli`, and fails unless its exit status is 0. */
  async ok(args: readonly string[], options: { timeoutMs?: number } = {}): Promise<Finished> {
    const finished = await this.cli(args, options);
    assert.equal(finished.status, 0, `isthmus ${args.join(" ")}: ${finished.stderr}`);
    return finished;
  }

  // ---- what is done to them ----

  /** kill -9, and waits until the process is gone. */
  async kill(...nodes: readonly PlatformNode[]): Promise<void> {
    for (const { pid } of nodes) process.kill(pid, "SIGKILL");
    for (const { id, pid } of nodes) await this.#gone(id, pid);
  }

  /** kill -9 for `dev`. Its nodes end by themselves. */
  async killDev(): Promise<void> {
    this.dev.child.kill("SIGKILL");
    await this.dev.ended;
  }

  async nodesGone(withinMs: number): Promise<void> {
    await eventually(
      "no node is left",
      () => (this.nodes.every(({ pid }) => !this.#lives(pid)) ? true : undefined),
      { withinMs },
    );
  }

  /** SIGSTOP: it holds its sockets and answers nothing. */
  freeze(node: PlatformNode): void {
    process.kill(node.pid, "SIGSTOP");
    this.#stopped.add(node.pid);
  }

  thaw(node: PlatformNode): void {
    process.kill(node.pid, "SIGCONT");
    this.#stopped.delete(node.pid);
  }

  /** Starts a killed node again, as `dev` advises. Resolves once it listens. */
  async restart(...nodes: readonly PlatformNode[]): Promise<void> {
    await Promise.all(
      nodes.map(async (node) => {
        assert(!this.#lives(node.pid), `${node.id} still runs`);
        const args = ["serve", "--config", this.devFile.topology, "--node", node.id];
        const served = new Command(args, { cwd: this.root, env: this.#env });
        this.#served.set(node.id, served);
        node.pid = served.pid;
        await served.says(/^ready: /m, READY_WITHIN_MS);
      }),
    );
  }

  /** Adds a node to a region and starts it, as a user does on a new machine. Resolves once it listens. */
  async join(id: string, region: string, port: number): Promise<PlatformNode> {
    const [api, cluster] = [`http://127.0.0.1:${port}`, `ws://127.0.0.1:${port + 100}`];
    await this.ok([
      "node",
      "add",
      id,
      "--region",
      region,
      "--api",
      api,
      "--cluster",
      cluster,
      ...this.#there(),
    ]);
    const node = { id, region, client: new NodeClient(api), pid: 0 };
    await this.#serve(node, ["--join", this.#anyNode().client.api]);
    this.nodes.push(node);
    return node;
  }

  /** Removes a node and, when it is out of all groups, ends its process. */
  async remove(node: PlatformNode): Promise<void> {
    const args = ["node", "remove", node.id, "--yes", ...this.#there(node)];
    await this.ok(args, { timeoutMs: 90_000 });
    this.nodes.splice(this.nodes.indexOf(node), 1);
    process.kill(node.pid, "SIGTERM");
    await this.#gone(node.id, node.pid, 15_000);
    node.client.close();
  }

  /** Asks a node to stop, as a service manager does, and waits until it is gone. */
  async stop(node: PlatformNode): Promise<void> {
    process.kill(node.pid, "SIGTERM");
    await this.#gone(node.id, node.pid, 15_000);
  }

  /** Starts a node again that joined after the founding. */
  async rejoin(node: PlatformNode): Promise<void> {
    await this.#serve(node, []);
  }

  async #serve(node: PlatformNode, flags: readonly string[]): Promise<void> {
    const data = path.join(this.root, `joined-${node.id}`);
    const served = new Command(["serve", "--node", node.id, "--data", data, ...flags], {
      cwd: this.root,
      env: this.#env,
    });
    this.#served.set(node.id, served);
    node.pid = served.pid;
    await served.says(/^ready: /m, READY_WITHIN_MS);
  }

  /** Where commands go: the founding nodes that `dev.json` names may be gone. */
  #there(but?: PlatformNode): readonly string[] {
    const urls = this.nodes
      .filter((node) => node !== but && this.#lives(node.pid))
      .map(({ client }) => client.api);
    return ["--endpoint", urls.join(",")];
  }

  /** Everything that is frozen goes on, everything that is dead is started again, and all have one vector. */
  async heal(): Promise<void> {
    for (const node of this.nodes) if (this.#stopped.has(node.pid)) this.thaw(node);
    await this.restart(...this.nodes.filter(({ pid }) => !this.#lives(pid)));
    await this.quiet();
  }

  // ---- the end ----

  /** Ends everything, removes the directory, and fails if a process is left. */
  async close(): Promise<void> {
    for (const pid of this.#stopped) if (this.#lives(pid)) process.kill(pid, "SIGCONT");
    for (const { client } of this.nodes) client.close();
    const commands = [...this.#served.values(), ...(this.#dev ? [this.#dev] : [])];
    for (const command of commands) if (command.running) command.child.kill("SIGTERM");
    try {
      await within(END_WITHIN_MS, "the platform ends", Promise.all(commands.map(({ ended }) => ended)));
      await eventually(
        "no process of the platform is left",
        () => (processesNaming(this.root).length === 0 ? true : undefined),
        { withinMs: 5_000 },
      );
    } finally {
      for (const pid of processesNaming(this.root)) process.kill(pid, "SIGKILL");
      rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
    }
    assert(!existsSync(this.root), "the platform's directory is gone");
  }

  #anyNode(): PlatformNode {
    const node = this.nodes.find(({ pid }) => this.#lives(pid) && !this.#stopped.has(pid));
    assert(node, "a node of the platform runs");
    return node;
  }

  /** Also right after the number was given to another process. */
  #lives(pid: number): boolean {
    return commandLine(pid)?.includes(this.root) ?? false;
  }

  async #gone(id: string, pid: number, withinMs = 5_000): Promise<void> {
    await eventually(`${id} is gone`, () => (this.#lives(pid) ? undefined : true), {
      withinMs,
      everyMs: 5,
    });
  }
}
