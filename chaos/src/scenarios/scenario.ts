import { unrest } from "../at-rest.ts";
import type { Shape } from "../topology.ts";
import type { WorldOptions } from "../world.ts";
import { Stage } from "./stage.ts";

/** A story with a name: what happens in a world step by step, and what must be seen. All checkers look on. */
export interface Scenario {
  readonly name: string;
  /** Of the ways to break the design (T) or the consensus below it (R) the one that it is about; null for none. */
  readonly trap: string | null;
  /** What holds, in a sentence. */
  readonly story: string;
  readonly shape: Shape;
  readonly options?: Partial<WorldOptions>;
  /** Tells it on a stage on which all nodes run and all groups are led. Throws what does not hold. */
  run(stage: Stage): Promise<void>;
}

/** Plays a story. `read` is told each line of its trace. Throws what does not hold, an assertion or a Violation. */
export async function playScenario(scenario: Scenario, read?: (line: string) => void): Promise<void> {
  const { regions, nodes } = scenario.shape;
  const stage = await Stage.open(regions, nodes, { ...scenario.options, ...(read ? { read } : {}) });
  try {
    await scenario.run(stage);
  } catch (error) {
    read?.(unrest(stage.world));
    throw error;
  }
}
