import { parseArgs } from "node:util";
import { nearestName } from "@lifeboat/plan/nearest-name";

export type OptionTable = Readonly<Record<string, { readonly type: "string" | "boolean" }>>;

export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]?: Table[Name]["type"] extends "boolean" ? true : string;
};

export type ParsedOptions<Table extends OptionTable> =
  | { readonly ok: true; readonly values: OptionValues<Table>; readonly positionals: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** What a command takes: its options by their long names, and how many other words, called `operand` in messages: one name, or one for each. */
export interface Syntax<Table extends OptionTable> {
  readonly command: string;
  readonly options: Table;
  readonly operand?: string;
  readonly least: number;
  readonly most: number;
}

/** Options anywhere, `--name value` or `--name=value`, each at most once; `--` ends them. Unknown ones are refused. */
export const parseOptions = <const Table extends OptionTable>(
  args: readonly string[],
  { command, options, operand = "argument", least, most }: Syntax<Table>,
): ParsedOptions<Table> => {
  const refuse = (what: string): ParsedOptions<Table> => ({
    ok: false,
    message: `${what}${what.endsWith("?") ? "" : ";"} "lifeboat help ${command}" tells what "lifeboat ${command}" takes`,
  });
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const values: Record<string, string | true> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined || !rawName.startsWith("--")) {
      const meant = nearestName(name, Object.keys(options));
      return refuse(`unknown option ${rawName}${meant === undefined ? "" : `, did you mean --${meant}?`}`);
    }
    if (Object.hasOwn(values, name)) return refuse(`the option ${rawName} is given twice`);
    if (option.type === "boolean") {
      if (value !== undefined)
        return refuse(`the option ${rawName} takes no value, but got ${JSON.stringify(value)}`);
      values[name] = true;
    } else {
      if (value === undefined || value === "") return refuse(`the option ${rawName} needs a value`);
      values[name] = value;
    }
  }
  const operands = operand.split(" ");
  if (positionals.length < least) return refuse(`${operands.slice(positionals.length).join(" ")} is missing`);
  const extra = positionals[most];
  if (extra !== undefined)
    return refuse(`${JSON.stringify(extra)} is one ${operands.length > 1 ? "argument" : operand} too many`);
  // Every name is of the table and every value of its type.
  return { ok: true, values: values as OptionValues<Table>, positionals };
};
