import { mkdir } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, extname, join } from "node:path";
import type { FunctionBuild } from "./graph.ts";
import { root } from "./platform.ts";
import type { Esbuild } from "./pulumi.ts";

/** SST puts this before every ESM bundle, so that CommonJS packages find what they expect. */
const banner = [
  `import { createRequire as topLevelCreateRequire } from 'module';`,
  `const require = topLevelCreateRequire(import.meta.url);`,
  `import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"`,
  `const __filename = topLevelFileUrlToPath(import.meta.url)`,
  `const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`,
].join("\n");

export interface Bundle {
  /** The file that Lambda would load. */
  readonly file: string;
  readonly bytes: number;
  /** Bytes by npm package, `own` for ours. */
  readonly packages: Readonly<Record<string, number>>;
  /** What is not in the bundle and not Node's own, but is loaded with it: nothing, or the function does not start. */
  readonly missing: readonly string[];
}

/** What SST leaves outside of every bundle: packages with native code, which those that know them can do without. */
const OPTIONAL: readonly string[] = ["sharp", "pg-native"];

/** Options of esbuild that SST's own BuildOptions take over from `nodejs.esbuild`. */
const HANDED_ON = ["external", "mainFields", "target", "conditions", "define", "treeShaking"] as const;

/**
 * Bundles a function as SST 4 does with these settings (pkg/runtime/node/build.go): one file with everything in it, names
 * kept, for whatever Node is newest. Throws for a setting that is not known here.
 */
export const bundleFunction = async (
  esbuild: Esbuild,
  { component, handler, settings }: FunctionBuild,
  folder: string,
  source = join(root, `${handler.slice(0, -extname(handler).length)}.ts`),
): Promise<Bundle> => {
  const {
    format = "esm",
    minify,
    sourcemap,
    splitting,
    banner: more = "",
    esbuild: given = {},
    ...others
  } = settings;
  const unknown = [
    ...Object.keys(others).filter((name) => !["architecture", "loader", "install"].includes(name)),
    ...Object.keys(given).filter((name) => !(HANDED_ON as readonly string[]).includes(name)),
    ...(format === "esm" ? [] : ["format cjs"]),
    ...(splitting === true ? ["splitting"] : []),
    ...((others.install ?? []).length > 0 || Object.keys(others.loader ?? {}).length > 0
      ? ["install or loader"]
      : []),
  ];
  if (unknown.length > 0)
    throw new Error(`${component}: bundling with ${unknown.join(", ")} is not known here`);
  const file = join(folder, component, "bundle.mjs");
  await mkdir(dirname(file), { recursive: true });
  const { external = [], ...handedOn } = given;
  const built = await esbuild.build({
    entryPoints: [source],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "esnext",
    mainFields: ["module", "main"],
    keepNames: true,
    minify: minify === true,
    sourcemap: sourcemap === true ? "linked" : false,
    banner: { js: `${banner}\n${more}` },
    external: [...OPTIONAL, ...(external as readonly string[])],
    metafile: true,
    logLevel: "silent",
    ...handedOn,
  });
  const [output] = Object.values(built.metafile?.outputs ?? {});
  if (output === undefined) throw new Error(`${handler} was not bundled`);
  const packages: Record<string, number> = {};
  for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
    const [, name = "own"] = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path) ?? [];
    packages[name] = (packages[name] ?? 0) + bytesInOutput;
  }
  const missing = output.imports
    .filter(({ path }) => !OPTIONAL.includes(path))
    .filter(({ external, kind, path }) => external === true && kind !== "dynamic-import" && !isBuiltin(path))
    .map(({ path }) => path);
  return { file, bytes: output.bytes, packages, missing };
};
