import assert from "node:assert/strict";
import { test } from "node:test";
import { playScenario, SCENARIOS } from "@isthmus/chaos";

for (const scenario of SCENARIOS) {
  const { name, trap, story } = scenario;
  test(`${name}: ${trap === null ? "" : `${trap}: `}${story}`, () => playScenario(scenario));
}

test("scenarios have names of their own", () => {
  assert.equal(new Set(SCENARIOS.map(({ name }) => name)).size, SCENARIOS.length);
});
