#!/usr/bin/env node
// The command `lifeboat` for any Node from 20 on. Its sources are TypeScript, which Node 24 runs as it is; an older Node hands
// over to the one that is installed as the package `node`.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The binary of the package `node`; undefined when it is not installed. */
const installedNode = () => {
  try {
    const manifest = createRequire(import.meta.url).resolve("node/package.json");
    return join(dirname(manifest), JSON.parse(readFileSync(manifest, "utf8")).bin.node);
  } catch {
    return undefined;
  }
};

const handOver = (node) => {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal sends its interrupt to both; whoever kills only this process means the other one.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`lifeboat: cannot start ${node}: ${error.message}; run npm install again\n`);
    process.exitCode = 2;
  });
  child.on("exit", (code, signal) => {
    process.removeAllListeners();
    if (signal === null) process.exitCode = code ?? 2;
    else process.kill(process.pid, signal);
  });
};

if (Number.parseInt(process.versions.node, 10) >= 24) {
  await import("./main.ts");
} else {
  const node = installedNode();
  if (node === undefined) {
    process.stderr.write(
      `lifeboat: Node 24 or newer is needed, this is ${process.versions.node}, and the package node is not installed; run npm install\n`,
    );
    process.exitCode = 2;
  } else {
    handOver(node);
  }
}
