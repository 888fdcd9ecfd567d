import { run } from "@isthmus/chaos";

const t = performance.now();
const c0 = process.cpuUsage();
let sim = 0,
  steps = 0,
  calls = 0;
for (const seed of ["2", "4"]) {
  const r = await run({
    seed,
    seconds: 30,
    shape: { regions: 3, nodes: 3 },
    plan: [],
    workload: { clients: 10, thinkMs: 100, readRate: 0.3, impatientRate: 0 },
  });
  if (r.failure) console.log(r.failure);
  sim += r.simulatedMs / 1000;
  steps += r.steps;
  calls += r.calls;
}
const c = process.cpuUsage(c0);
const dt = (c.user + c.system) / 1e6;
console.log(
  "cpu",
  dt,
  (sim / dt).toFixed(1),
  "sim s per cpu s",
  (steps / dt) | 0,
  "steps per cpu s",
  calls / sim,
);
