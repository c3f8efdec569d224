import { eventReference } from "@lifeboat/plan/event-reference";
import { eventJsonSchemas } from "@lifeboat/plan/event-schema";
import { jsonText, planJsonSchemaText } from "@lifeboat/plan/json-schema";
import { planReference } from "@lifeboat/plan/reference";
import { exitCode, refuse, type RunCommand } from "./io.ts";
import { parseOptions } from "./parse-options.ts";

/**
 * `lifeboat schema`: the JSON Schema of a plan for editors, or with `--events` those of recovery events; with `--markdown`,
 * the reference for people.
 */
export const runSchema: RunCommand = async (args, io) => {
  const parsed = parseOptions(args, {
    command: "schema",
    options: { events: { type: "boolean" }, markdown: { type: "boolean" } },
    least: 0,
    most: 0,
  });
  if (!parsed.ok) return refuse(io, parsed.message);
  const { events, markdown } = parsed.values;
  if (events === true) io.out.write(markdown === true ? eventReference() : jsonText(eventJsonSchemas()));
  else io.out.write(markdown === true ? planReference() : planJsonSchemaText());
  return exitCode.done;
};
