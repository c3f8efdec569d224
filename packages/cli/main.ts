#!/usr/bin/env node
import { exitCode } from "./io.ts";
import { processIo } from "./process-io.ts";
import { run } from "./run.ts";

// A reader that has seen enough (`lifeboat schema | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCode.done);
});

try {
  process.exitCode = await run(process.argv.slice(2), processIo());
} catch (error) {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`lifeboat: this is a fault of Lifeboat, please report it: ${detail}\n`);
  process.exitCode = exitCode.broken;
}
