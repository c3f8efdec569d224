import { planRules } from "@lifeboat/recovery/check-plan";
import { failoverPhases } from "@lifeboat/recovery/phases";
import { type JsonSchema, planJsonSchema } from "./json-schema.ts";

/*
 * The reference of the plan for people, made from the schema and the rules, so that neither can say something else than what
 * is checked.
 */

const preamble = `# The recovery plan

One YAML file for one workload: where it runs, what it consists of, who decides that it moves, and what must hold
afterwards. \`examples/spacelift.plan.yaml\` is a complete one; \`npx lifeboat init\` writes a commented one to start from;
\`npx lifeboat validate PLAN\` checks it and tells every problem at once, with file, line and column.

For completion in an editor, put the schema beside the plan (\`npx lifeboat schema > recovery-plan.schema.json\`) and begin
the plan with \`# yaml-language-server: $schema=./recovery-plan.schema.json\`.

- **Durations** are whole numbers with units, largest first: \`90s\`, \`15m\`, \`12h\`, \`1h30m\`, \`500ms\`.
- **A value per site** is a map with the names of the two sites as its fields: \`{ ireland: …, paris: … }\`.
- **Order of phases** is no field: it is the same for every workload. The plan says what each phase touches.
- **No secrets**: a plan names secrets and keys, and never holds their values.
- A field that is not listed here is refused. Anchors and aliases of YAML work; merge keys (\`<<\`) do not.
- The plan is published as it was read, with its hash. Spacing, comments and the order of fields do not change the hash, nor does
  another spelling of a value (\`60s\` and \`1m\`) or a default that is written down; every change of what the plan means does.

This page is made from the schema: \`npx lifeboat schema --markdown > docs/recovery-plan.md\` writes it anew.
`;

interface Field {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

const isSchema = (value: unknown): value is JsonSchema => typeof value === "object" && value !== null;

const memberType = (member: JsonSchema): string =>
  String((member.properties?.["type"] as JsonSchema | undefined)?.const);

/** What kind of value it is, in words. */
const kindOf = (schema: JsonSchema): string => {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(" or ");
  if (schema.type === "array") return "list";
  if (schema.type === "object") return isSchema(schema.additionalProperties) ? "a value per site" : "map";
  if (schema.type === "boolean") return "`true` or `false`";
  if (schema.type === "integer") return `whole number from ${schema.minimum ?? 0} to ${schema.maximum ?? 0}`;
  return schema.pattern?.includes("ms)?$") === true ? "duration" : "text";
};

const defaultOf = (schema: JsonSchema): string => {
  const value: unknown = schema.default;
  if (Array.isArray(value)) return "none";
  return isSchema(value) ? "those of its fields" : `\`${String(value)}\``;
};

const bullet = ({ path, schema, required }: Field): string => {
  const presence = required
    ? "required"
    : schema.default === undefined
      ? "optional"
      : `default ${defaultOf(schema)}`;
  return `- \`${path}\` (${kindOf(schema)}; ${presence}): ${schema.description ?? ""}`;
};

/** The bullets of an object's fields, and of what is within them. */
const bullets = (schema: JsonSchema, prefix: string): readonly string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    if (!isSchema(field)) return [];
    const path = `${prefix}${name}`;
    const own = bullet({ path, schema: field, required: schema.required?.includes(name) ?? false });
    const perSite = isSchema(field.additionalProperties) ? field.additionalProperties : undefined;
    const within = perSite === undefined ? bullets(field, `${path}.`) : bullets(perSite, `${path}.<site>.`);
    const items = isSchema(field.items) && !Array.isArray(field.items) ? field.items : undefined;
    return [own, ...within, ...(items === undefined ? [] : itemBullets(items, `${path}[].`))];
  });

const itemBullets = (items: JsonSchema, prefix: string): readonly string[] => {
  if (items.oneOf === undefined) return bullets(items, prefix);
  return items.oneOf.filter(isSchema).flatMap((member) => [
    `- \`${prefix}type: ${memberType(member)}\` (one of the types): ${member.description ?? ""}`,
    ...bullets(member, prefix)
      .slice(1)
      .map((line) => `  ${line}`),
  ]);
};

const section = (name: string, schema: JsonSchema, required: boolean): string => {
  const items = isSchema(schema.items) && !Array.isArray(schema.items) ? schema.items : undefined;
  const fields = items === undefined ? bullets(schema, "") : itemBullets(items, "");
  const optional = schema.default === undefined ? "Optional" : `Optional, default ${defaultOf(schema)}`;
  const presence = required ? "Required" : optional;
  const list = fields.length === 0 ? "" : `\n\n${fields.join("\n")}`;
  return `## \`${name}\`\n\n${schema.description ?? ""} ${presence}; ${kindOf(schema)}.${list}\n`;
};

/** The whole page `docs/recovery-plan.md`, as the formatter leaves it. */
export const planReference = (): string => {
  const schema = planJsonSchema();
  const sections = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    isSchema(field) ? [section(name, field, schema.required?.includes(name) ?? false)] : [],
  );
  const rules = [...new Set(planRules.map(({ rule }) => rule))].map((rule) => `- ${rule}`);
  const phases = failoverPhases.map(({ name, title }) => `- \`${name}\`: ${title}.`);
  return [
    preamble,
    ...sections,
    `## Rules across fields\n\nA rule that begins with "Warning" does not make a plan invalid.\n\n${rules.join("\n")}\n`,
    `## Phases\n\nThe names that notes can give, in their order.\n\n${phases.join("\n")}\n`,
  ].join("\n");
};
