import { readModule, type ModuleFacts } from "./read-module.ts";
import type { SourceFile } from "./source-files.ts";

export interface Violation {
  readonly rule:
    | "one-way"
    | "sdk-home"
    | "ambient"
    | "enums"
    | "default-export"
    | "folder-name"
    | "empty-scan";
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** A part of the house: a workspace package, or `functions`. */
const parts = {
  // Pure: not even Node's own modules.
  recovery: { siblings: [], externals: [] },
  plan: { siblings: ["recovery"], externals: ["zod", "yaml", "node:crypto"] },
  operations: { siblings: ["recovery"], externals: [] },
  "control-plane": { siblings: ["recovery"], externals: [] },
  aws: { siblings: ["operations", "recovery"], externals: "any" },
  functions: { siblings: ["aws", "operations", "recovery", "plan"], externals: "any" },
  // Know no sibling: what they simulate or interpret is AWS, not Lifeboat.
  asl: { siblings: [], externals: "any" },
  cloud: { siblings: [], externals: "any" },
  report: { siblings: ["recovery", "plan"], externals: "any" },
  lab: {
    siblings: [
      "recovery",
      "plan",
      "operations",
      "aws",
      "functions",
      "control-plane",
      "asl",
      "cloud",
      "report",
    ],
    externals: "any",
  },
  cli: {
    siblings: [
      "recovery",
      "plan",
      "operations",
      "aws",
      "functions",
      "control-plane",
      "asl",
      "cloud",
      "report",
      "lab",
    ],
    externals: "any",
  },
} as const satisfies Record<string, { siblings: readonly string[]; externals: readonly string[] | "any" }>;

export type Part = keyof typeof parts;
export const partNames = Object.keys(parts) as readonly Part[];

export const partOf = (path: string): Part | undefined => {
  const [top, name] = path.split("/");
  const part = top === "packages" ? name : top;
  return partNames.find((candidate) => candidate === part);
};

/** `@aws-sdk/client-s3/x` → `@aws-sdk/client-s3`; `node:crypto` and `yaml` as they are. */
const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

const isRelative = (specifier: string): boolean => /^\.{1,2}\//.test(specifier);

/** Does a relative import from `path` end up outside the folder of its part? */
const leavesPart = (path: string, specifier: string): boolean => {
  const own = path.startsWith("packages/") ? 2 : 1;
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1).split("/");
  return path.split("/").slice(0, own).join("/") !== target.slice(0, own).join("/");
};

type FileRule = (path: string, facts: ModuleFacts) => readonly Violation[];

const oneWay: FileRule = (path, { imports }) => {
  const name = partOf(path);
  if (name === undefined) return [];
  const siblings: readonly string[] = parts[name].siblings;
  const externals: readonly string[] | "any" = parts[name].externals;
  const violation = (line: number, message: string): Violation => ({ rule: "one-way", path, line, message });
  return imports.flatMap(({ specifier, line }) => {
    if (specifier === null) {
      // Only the top of the house finds out at run time what it loads.
      return name === "lab" || name === "cli" ? [] : [violation(line, `${name} imports what only runs tell`)];
    }
    if (isRelative(specifier)) {
      return leavesPart(path, specifier) ? [violation(line, `"${specifier}" leaves ${name}`)] : [];
    }
    const [, sibling] = /^@lifeboat\/([^/]+)/.exec(specifier) ?? [];
    if (sibling !== undefined) {
      return sibling === name || !siblings.includes(sibling)
        ? [violation(line, `${name} must not import ${sibling}`)]
        : [];
    }
    return externals === "any" || externals.includes(packageOf(specifier))
      ? []
      : [violation(line, `${name} must not import "${specifier}"`)];
  });
};

const sdkHome: FileRule = (path, { imports }) => {
  const isSdk = (specifier: string | null): boolean => /^@(aws-sdk|smithy)\//.test(specifier ?? "");
  const mayHold = (typeOnly: boolean): boolean => {
    if (path.startsWith("packages/aws/") || path.startsWith("packages/cloud/wire/")) return true;
    // Real SDK clients are what the contract tests speak to the simulated cloud with.
    if (path.startsWith("test/")) return true;
    return typeOnly && (path.startsWith("packages/cloud/") || path.startsWith("packages/lab/"));
  };
  return imports
    .filter(({ specifier, typeOnly }) => isSdk(specifier) && !mayHold(typeOnly))
    .map(({ specifier, typeOnly, line }) => ({
      rule: "sdk-home" as const,
      path,
      line,
      message: `"${specifier}"${typeOnly ? " (types)" : ""} has no home here`,
    }));
};

/** The three places that may read the machine's clock and chance, or replace them. */
const ambientHomes: ReadonlySet<string> = new Set([
  "packages/aws/system.ts",
  "packages/cloud/kernel/clock.ts",
  "packages/lab/virtual-globals.ts",
]);

const ambient: FileRule = (path, { ambient: uses, imports }) => {
  if (ambientHomes.has(path) || path.startsWith("test/") || path.startsWith("bench/")) return [];
  const timers = imports
    .filter(({ specifier }) => /^(node:)?timers(\/|$)/.test(specifier ?? ""))
    .map(({ line }) => ({ name: "node:timers", line }));
  return [...uses, ...timers].map(({ name, line }) => ({
    rule: "ambient" as const,
    path,
    line,
    message: `${name}: time and chance come from ports`,
  }));
};

const noEnums: FileRule = (path, { enums }) =>
  enums.map(({ name, line }) => ({
    rule: "enums",
    path,
    line,
    message: `enum ${name}: use a union of literals`,
  }));

/** Tools ask their configurations for a default export; a declaration file describes somebody else's module. */
const mayHaveDefault = (path: string): boolean =>
  /^[\w.-]+\.config\.ts$/.test(path) || path.endsWith(".d.ts");

const namedExports: FileRule = (path, { defaultExports }) =>
  mayHaveDefault(path)
    ? []
    : defaultExports.map(({ line }) => ({
        rule: "default-export",
        path,
        line,
        message: "exports are named, so that one thing has one name everywhere",
      }));

const fileRules: readonly FileRule[] = [oneWay, sdkHome, ambient, noEnums, namedExports];

/** Every violation of the rules about single files. */
export const checkFile = ({ path, text }: SourceFile): readonly Violation[] => {
  const facts = readModule(path, text);
  return fileRules.flatMap((rule) => rule(path, facts));
};

const bannedFolders: ReadonlySet<string> = new Set([
  "utils",
  "util",
  "helpers",
  "helper",
  "common",
  "types",
  "misc",
]);

/** A folder is named for what is in it; these names only say that somebody did not know. */
export const checkFolders = (folders: readonly string[]): readonly Violation[] =>
  folders
    .filter((folder) => bannedFolders.has(folder.split("/").at(-1) ?? ""))
    .map((path) => ({ rule: "folder-name", path, line: 0, message: "name the folder for what is in it" }));

/** Files per part. */
export const countFiles = (files: readonly Pick<SourceFile, "path">[]): ReadonlyMap<string, number> =>
  files.reduce((counts, { path }) => {
    const part = partOf(path) ?? path.split("/")[0] ?? "";
    return counts.set(part, (counts.get(part) ?? 0) + 1);
  }, new Map<string, number>());

/** A scan that found nothing proves nothing: `least` files are expected of each part. */
export const checkCounts = (
  counts: ReadonlyMap<string, number>,
  least: Readonly<Record<string, number>>,
): readonly Violation[] =>
  Object.entries(least)
    .filter(([part, number]) => (counts.get(part) ?? 0) < number)
    .map(([path, number]) => ({
      rule: "empty-scan",
      path,
      line: 0,
      message: `${counts.get(path) ?? 0} files were scanned, at least ${number} were expected`,
    }));
