import assert from "node:assert/strict";
import type { NodeAtRest } from "../evidence.ts";
import type { Scenario } from "./scenario.ts";
import { putNode } from "./stage.ts";

/** How far each region's own batches go: what the control group has agreed meanwhile is not among them. */
function numbersOf([first]: readonly NodeAtRest[]): Record<string, number> {
  const { _control, ...regions } = first?.vector.toJSON() ?? {};
  return regions;
}

export const t08Numbers: readonly Scenario[] = [
  {
    name: "t08-dropped-numbers",
    trap: "T8",
    story: "a proposal that is dropped by a change of leader takes no number",
    shape: { regions: 2, nodes: 3 },
    async run(stage) {
      const old = stage.leaderOf("us");
      const peers = stage.nodes("us").filter((id) => id !== old);
      await stage.put(old, "before", { p: 0 });
      stage.world.cut([old], peers, "both");
      // It is in the old leader's log alone, which the next leader will overwrite.
      const dropped = stage.write(old, [putNode("dropped", { p: 1 })], { timeoutMs: 400 });
      await stage.world.run(500);
      assert.equal(dropped.error?.code, "timeout");
      await stage.until(() => stage.leaderOf("us") !== old);
      await stage.put(stage.leaderOf("us"), "after", { p: 2 });
      assert.equal(stage.book.get("us", 2)?.content[0]?.request.operations[0]?.id, "after");
      stage.world.heal([old], peers);
      await stage.put(old, "last", { p: 3 });
      const state = await stage.end();
      assert.deepEqual(
        numbersOf(state),
        { us: 3 },
        "numbers are dense, in the region that gave them and in the other one",
      );
    },
  },
  {
    name: "t08-no-op-numbers",
    trap: "T8",
    story: "a remote batch that turns out a no-op takes no number, and what follows it has a true context",
    shape: { regions: 2, nodes: 3 },
    async run(stage) {
      await stage.put(stage.leaderOf("eu"), "e1", {});
      await stage.quiet();
      const old = stage.leaderOf("us");
      const peers = stage.nodes("us").filter((id) => id !== old);
      // The old leader proposes eu's next batch and cannot commit it; the next one proposes it again.
      stage.world.cut([old], peers, "both");
      await stage.put(stage.leaderOf("eu"), "e2", {});
      await stage.until(() => stage.leaderOf("us") !== old);
      await stage.put(stage.leaderOf("us"), "u1", {});
      stage.world.heal([old], peers);
      // Leadership returns to the old one's side of the story: it must not count what it once proposed.
      stage.world.pause(stage.leaderOf("us"), 3000);
      await stage.world.run(2500);
      await stage.put(stage.leaderOf("us"), "u2", {});
      const state = await stage.end();
      assert.deepEqual(numbersOf(state), { eu: 2, us: 2 });
    },
  },
];
