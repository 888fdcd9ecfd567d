#!/usr/bin/env node
/*
 * Starts `isthmus`, whatever Node a machine has: this file is plain JavaScript that any Node since 12 parses. On a Node
 * that is new enough it goes on by itself; on an older one it finds the pinned Node and starts again on it.
 */
"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const url = require("node:url");

const OLDEST = [22, 18];
const main = path.join(__dirname, "..", "dist", "main.js");

function newEnough(version) {
  const parts = version.split(".").map(Number);
  return parts[0] > OLDEST[0] || (parts[0] === OLDEST[0] && parts[1] >= OLDEST[1]);
}

/** The pinned Node of this platform in the nearest node_modules upward from here, or null. */
function pinnedNode() {
  const name = process.platform === "win32" ? "node-win" : `node-${process.platform}`;
  const binary = process.platform === "win32" ? "node.exe" : "node";
  const tail = path.join("node_modules", `${name}-${process.arch}`, "bin", binary);
  for (let directory = __dirname; ; directory = path.dirname(directory)) {
    const candidate = path.join(directory, tail);
    if (fs.existsSync(candidate)) return candidate;
    if (directory === path.dirname(directory)) return null;
  }
}

function fail(sentence) {
  process.stderr.write(`isthmus: ${sentence}\n`);
  process.exit(1);
}

/**
 * The child ends when this process does, also by kill -9: it holds the other end of a pipe and watches for its end.
 */
function startAgainOn(node) {
  const child = spawn(node, [main].concat(process.argv.slice(2)), {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: Object.assign({}, process.env, { ISTHMUS_PARENT_FD: "3" }),
  });
  // The child may end before this side of the pipe does: that is told by its exit, not here.
  child.stdio[3].on("error", () => {});
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  child.on("error", (error) => fail(`the Node at ${node} cannot be started (${error.message})`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    for (const name of signals) process.removeListener(name, forward);
    process.kill(process.pid, signal);
  });
}

if (!fs.existsSync(main)) {
  fail(
    "it is not built: " +
      main +
      " is missing; run `npm ci` (or `npm run build`) in the directory of the project",
  );
} else if (newEnough(process.versions.node)) {
  import(url.pathToFileURL(main).href).catch((error) => fail(`it cannot start: ${error.message}`));
} else {
  const node = pinnedNode();
  if (node !== null) startAgainOn(node);
  else
    fail(
      "it needs Node " +
        OLDEST.join(".") +
        " or newer, this is " +
        process.versions.node +
        ", and the pinned one is not installed; run `npm ci` in the directory of the project or update Node",
    );
}
