/**
 * Runs Biome's own binary: `node scripts/biome.ts ci .`. The platform packages are named one by one in package.json, since
 * Biome's umbrella package also wants platforms that not every registry mirror carries.
 */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const name = `@biomejs/cli-${process.platform}-${process.arch}/biome`;
let binary: string;
try {
  binary = createRequire(import.meta.url).resolve(name);
} catch {
  console.error(`lint: there is no Biome for ${process.platform}-${process.arch} in package.json`);
  process.exit(1);
}
const { status } = spawnSync(binary, process.argv.slice(2), { stdio: "inherit" });
process.exitCode = status ?? 1;
