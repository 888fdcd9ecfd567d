import { equal } from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { parseStory, Stage, writeStory } from "./story.ts";

const STORIES = join(import.meta.dirname, "testdata");
/** Set to write down what happens now instead of comparing with it: then read the difference. */
const REWRITE = process.env.ISTHMUS_REWRITE === "1";

for (const file of readdirSync(STORIES).filter((name) => name.endsWith(".txt"))) {
  test(`the story ${basename(file, ".txt")} goes as it is written`, () => {
    const path = join(STORIES, file);
    const scenes = parseStory(readFileSync(path, "utf8"));
    const stage = new Stage();
    for (const scene of scenes) {
      const told = stage.play(scene.command);
      if (REWRITE) scene.expected = told;
      else equal(told, scene.expected, `${file}: ${scene.command}`);
    }
    equal(
      writeStory(parseStory(writeStory(scenes))),
      writeStory(scenes),
      "a story written down reads the same",
    );
    if (REWRITE) writeFileSync(path, writeStory(scenes));
  });
}
