import { eventJsonSchemas, type JsonSchema } from "./event-schema.ts";

/*
 * The reference of the events for people, made from the schemas, so that neither can say something else than what is told.
 */

const preamble = `# Recovery events

What happens to a workload is told on a bus of EventBridge in each site, \`lifeboat-<workload>\`, for whoever hooks in: a
status page, a chat, a ticket, an automation of your own. People who only want to know subscribe to the topic \`notices\`
instead.

- \`source\` is \`lifeboat\`; \`detail-type\` is the name of the event; \`detail\` follows a schema of a version.
  \`npx lifeboat schema --events\` prints the JSON Schemas.
- **The site that acts tells.** A recovery to the standby is told in the standby's region; a site that fences itself tells in
  its own. Put your rules on the buses of both sites.
- **Nothing depends on it.** A bus that cannot be reached delays a step by less than a second and stops nothing. What must
  not be missed is in the record (\`<workload>/records/\` in the ledger's bucket of the site).
- **An event may come twice**: from EventBridge, or because a step ran again. \`id\` is the same each time; drop one that you
  know.
- **Order** is by \`at\`, not by arrival.
- **Versions**: a field more does not change \`version\`; what could break a consumer does.
- A dry run tells nothing. No event holds a secret, or the token with which a question is answered.

A rule that starts a function of yours when a recovery has ended:

\`\`\`sh
aws events put-rule --region eu-west-3 --event-bus-name lifeboat-spacelift --name recovery-ended \\
  --event-pattern '{"source": ["lifeboat"], "detail-type": ["lifeboat.recovery.ended"]}'
\`\`\`

This page is made from the schemas: \`npx lifeboat schema --events --markdown > docs/events.md\` writes it anew.
`;

const isSchema = (value: unknown): value is JsonSchema => typeof value === "object" && value !== null;

const kindOf = (schema: JsonSchema): string => {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(" or ");
  if (schema.anyOf !== undefined) return schema.anyOf.filter(isSchema).map(kindOf).join(" or ");
  if (schema.type === "array") return "list of texts";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "null") return "`null`";
  return schema.format === "date-time" ? "time, ISO 8601" : "text";
};

const common = ["type", "version", "id", "workload", "site", "at"];

const fields = (schema: JsonSchema, wanted: (name: string) => boolean): string =>
  Object.entries(schema.properties ?? {})
    .filter(([name, field]) => wanted(name) && isSchema(field))
    .map(([name, field]) => {
      const { const: constant, description } = field as JsonSchema;
      const kind = constant === undefined ? kindOf(field as JsonSchema) : `\`${String(constant)}\``;
      return `- \`${name}\` (${name === "type" ? "text" : kind}): ${description ?? ""}`;
    })
    .join("\n");

/** The whole page `docs/events.md`, as the formatter leaves it. */
export const eventReference = (): string => {
  const schemas = Object.entries(eventJsonSchemas());
  const [, first] = schemas[0] ?? [];
  const shared = first === undefined ? "" : fields(first, (name) => common.includes(name));
  return [
    preamble,
    `## What every event has\n\n${shared}\n`,
    ...schemas.map(
      ([name, schema]) =>
        `## \`${name}\`\n\n${schema.description ?? ""}\n\n${fields(schema, (field) => !common.includes(field))}\n`,
    ),
  ].join("\n");
};
