import { type Node, parseSync, Visitor } from "oxc-parser";

/** One import, re-export or `import()` of a module. */
export interface ImportFact {
  /** Null: an `import()` whose specifier is only known at run time. */
  readonly specifier: string | null;
  /** Erased before the code runs: `import type`, `export type … from`, `import("…")` in a type. */
  readonly typeOnly: boolean;
  readonly line: number;
}

/** Something the rules may forbid, with where it stands. */
export interface UseFact {
  readonly name: string;
  readonly line: number;
}

/** What the rules ask about one file, read from its syntax tree: comments and strings cannot confuse it. */
export interface ModuleFacts {
  readonly imports: readonly ImportFact[];
  /** Reads of the machine's clock, chance and timers. */
  readonly ambient: readonly UseFact[];
  readonly enums: readonly UseFact[];
  readonly defaultExports: readonly UseFact[];
  /** Every string literal of the file. */
  readonly strings: readonly string[];
}

/** Names that are ambient wherever they occur, as a variable or as a property of `globalThis`. */
const ambientNames: ReadonlySet<string> = new Set([
  "setTimeout",
  "setInterval",
  "setImmediate",
  "randomUUID",
  "randomBytes",
  "randomInt",
  "getRandomValues",
  "hrtime",
]);

/** Members that are ambient: `Date.now`, also as `globalThis.Date.now`. */
const ambientMembers: Readonly<Record<string, string>> = {
  now: "Date",
  random: "Math",
};

const nameOf = (node: Node): string | undefined => {
  if (node.type === "Identifier") return node.name;
  if (node.type === "MemberExpression") {
    if (node.property.type === "Identifier" && !node.computed) return node.property.name;
    if (node.property.type === "Literal" && typeof node.property.value === "string")
      return node.property.value;
  }
  return undefined;
};

/**
 * Reads a TypeScript module with a real parser. Throws SyntaxError for a file that does not parse: a rule that cannot read
 * a file must not pass it.
 */
export const readModule = (file: string, text: string): ModuleFacts => {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors.map((error) => error.message).join("; ")}`);
  const lineAt = (offset: number): number => text.slice(0, offset).split("\n").length;
  const imports: ImportFact[] = [];
  const ambient: UseFact[] = [];
  const enums: UseFact[] = [];
  const defaultExports: UseFact[] = [];
  const strings: string[] = [];
  const addImport = (node: Node & { start: number }, specifier: string | null, typeOnly: boolean): void =>
    void imports.push({ specifier, typeOnly, line: lineAt(node.start) });
  const use = (list: UseFact[], name: string, node: { start: number }): void =>
    void list.push({ name, line: lineAt(node.start) });

  new Visitor({
    ImportDeclaration(node) {
      const named = node.specifiers.filter((specifier) => specifier.type === "ImportSpecifier");
      const allTypes =
        named.length > 0 &&
        named.length === node.specifiers.length &&
        named.every((specifier) => specifier.importKind === "type");
      addImport(node, node.source.value, node.importKind === "type" || allTypes);
    },
    ExportAllDeclaration: (node) => addImport(node, node.source.value, node.exportKind === "type"),
    ExportNamedDeclaration(node) {
      if (node.source !== null) addImport(node, node.source.value, node.exportKind === "type");
    },
    ImportExpression(node) {
      const { source } = node;
      const literal = source.type === "Literal" && typeof source.value === "string" ? source.value : null;
      addImport(node, literal, false);
    },
    ExportDefaultDeclaration: (node) => use(defaultExports, "default", node),
    ExportSpecifier(node) {
      if (nameOf(node.exported) === "default") use(defaultExports, "default", node);
    },
    TSImportType: (node) => addImport(node, node.source.value, true),
    TSEnumDeclaration: (node) => use(enums, node.id.name, node),
    Literal(node) {
      if (typeof node.value === "string") strings.push(node.value);
    },
    Identifier(node) {
      if (ambientNames.has(node.name)) use(ambient, node.name, node);
    },
    MemberExpression(node) {
      const member = nameOf(node);
      const owner = member === undefined ? undefined : ambientMembers[member];
      if (owner !== undefined && nameOf(node.object) === owner) use(ambient, `${owner}.${member}`, node);
      if (nameOf(node.object) === "performance" && member === "now") use(ambient, "performance.now", node);
    },
    NewExpression(node) {
      if (nameOf(node.callee) === "Date" && node.arguments.length === 0) use(ambient, "new Date()", node);
    },
    CallExpression(node) {
      // Called without `new`, Date ignores its arguments and answers the present moment.
      if (nameOf(node.callee) === "Date") use(ambient, "Date()", node);
    },
    VariableDeclarator(node) {
      // `const { now } = Date` is the same read in another dress.
      const owner = node.init === null ? undefined : nameOf(node.init);
      if (owner === undefined || node.id.type !== "ObjectPattern") return;
      for (const property of node.id.properties) {
        const key = property.type === "Property" ? nameOf(property.key) : undefined;
        if (key !== undefined && ambientMembers[key] === owner) use(ambient, `${owner}.${key}`, node);
      }
    },
  }).visit(program);

  return { imports, ambient, enums, defaultExports, strings };
};
