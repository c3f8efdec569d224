import { readdirSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);

/** Where the house keeps code. */
const trees = ["packages", "functions", "infra", "stepfunctions", "test", "bench", "examples"] as const;
const skipped: ReadonlySet<string> = new Set(["node_modules", "dist", ".sst", "coverage"]);

export interface SourceFile {
  /** From the root of the repository, with slashes: `packages/recovery/lease.ts`. */
  readonly path: string;
  readonly text: string;
}

const isSource = (name: string): boolean => /\.(ts|mts|cts|js|mjs|cjs)$/.test(name);

interface Tree {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

const walk = (folder: string): Tree => {
  const entries = readdirSync(new URL(`${folder}/`, root), { withFileTypes: true }).filter(
    (entry) => !skipped.has(entry.name),
  );
  const nested = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${folder}/${entry.name}`)
    .map((path) => ({ path, tree: walk(path) }));
  return {
    files: [
      ...entries
        .filter((entry) => entry.isFile() && isSource(entry.name))
        .map((entry) => `${folder}/${entry.name}`),
      ...nested.flatMap(({ tree }) => tree.files),
    ],
    folders: nested.flatMap(({ path, tree }) => [path, ...tree.folders]),
  };
};

const present = (): readonly string[] => {
  const names = new Set(readdirSync(root));
  return trees.filter((tree) => names.has(tree));
};

/** Every source file of the repository, configurations at the root included. */
export const sourceFiles = (): readonly SourceFile[] => {
  const configurations = readdirSync(root).filter(isSource);
  return [...configurations, ...present().flatMap((tree) => walk(tree).files)].map((path) => ({
    path,
    text: readFileSync(new URL(path, root), "utf8"),
  }));
};

export const folders = (): readonly string[] => present().flatMap((tree) => [tree, ...walk(tree).folders]);

export const readText = (path: string): string => readFileSync(new URL(path, root), "utf8");
