import { planJsonSchemaText } from "@lifeboat/plan/json-schema";
import { planReference } from "@lifeboat/plan/reference";
import { exitCode, refuse, type RunCommand } from "./io.ts";
import { parseOptions } from "./parse-options.ts";

/** `lifeboat schema`: the JSON Schema of a plan for editors; with `--markdown`, the reference for people. */
export const runSchema: RunCommand = async (args, io) => {
  const parsed = parseOptions(args, {
    command: "schema",
    options: { markdown: { type: "boolean" } },
    least: 0,
    most: 0,
  });
  if (!parsed.ok) return refuse(io, parsed.message);
  io.out.write(parsed.values.markdown === true ? planReference() : planJsonSchemaText());
  return exitCode.done;
};
