import { readFile } from "node:fs/promises";
import { exitCode, refuse, type RunCommand } from "./io.ts";
import { parseOptions } from "./parse-options.ts";

const usualName = "recovery.plan.yaml";

/** `lifeboat init [FILE]`: writes a commented plan to start from; `-` writes it to stdout. */
export const runInit: RunCommand = async (args, io) => {
  const parsed = parseOptions(args, { command: "init", options: {}, operand: "FILE", least: 0, most: 1 });
  if (!parsed.ok) return refuse(io, parsed.message);
  const path = parsed.positionals[0] ?? usualName;
  const text = await readFile(new URL("starting.plan.yaml", import.meta.url), "utf8");
  if (path === "-") {
    io.out.write(text);
    return exitCode.done;
  }
  const written = await io.files.write(path, text, "create");
  if (!written.ok)
    return refuse(io, `cannot write ${path}: ${written.reason}; give another FILE, or - for stdout`);
  io.out.write(
    `Wrote ${path}. Put in the names of your own resources, then run: npx lifeboat validate ${path}\n`,
  );
  return exitCode.done;
};
