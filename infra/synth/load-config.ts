import { readFileSync, unlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { platform, root } from "./platform.ts";
import type { Esbuild } from "./pulumi.ts";

const CONFIG = "sst.config.ts";
const config = JSON.stringify(join(root, CONFIG));

const banner = [
  `import { createRequire as __createRequire } from "node:module";`,
  `import { fileURLToPath as __toPath } from "node:url";`,
  `const require = __createRequire(import.meta.url);`,
  `const __filename = __toPath(import.meta.url);`,
  `const __dirname = __toPath(new URL(".", import.meta.url));`,
].join("\n");

interface Recipe {
  /** Put before every module that is not SST's own: what SST makes global. */
  readonly globals?: string;
  readonly banner?: string;
  readonly define?: Readonly<Record<string, string>>;
  readonly inject?: readonly string[];
}

/** Bundles and imports code the way SST's program does it with sst.config.ts. */
const load = async (
  esbuild: Esbuild,
  name: string,
  code: string,
  recipe: Recipe,
): Promise<Record<string, unknown>> => {
  // Inside the platform, so that @pulumi/* is found there.
  const outfile = join(platform, `synth-${process.pid}-${name}.mjs`);
  await esbuild.build({
    stdin: { contents: code, resolveDir: root, sourcefile: "eval.ts", loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    nodePaths: [join(platform, "node_modules")],
    sourcemap: "inline",
    logLevel: "silent",
    external: [
      "@pulumi/*",
      "@pulumiverse/*",
      "@sst-provider/*",
      "undici",
      "@aws-sdk/*",
      "esbuild",
      "archiver",
      "glob",
      "vite",
    ],
    banner: { js: banner + (recipe.banner ?? "") },
    define: recipe.define,
    inject: recipe.inject,
    plugins: [{ name: "sst", setup: (build: Plugin) => plugIn(build, recipe.globals) }],
  });
  try {
    return (await import(pathToFileURL(outfile).href)) as Record<string, unknown>;
  } finally {
    unlinkSync(outfile);
  }
};

interface Plugin {
  onResolve(
    options: { filter: RegExp },
    callback: (args: { importer: string; kind: string }) => unknown,
  ): void;
  onLoad(options: { filter: RegExp }, callback: (args: { path: string }) => unknown): void;
}

/** A test may put another file in the place of the sites' machines and schedules, to see what one entry more becomes. */
const planted = (path: string): string | undefined =>
  path.endsWith("/packages/control-plane/site-machines.ts") ? process.env["LIFEBOAT_SYNTH_PLANT"] : undefined;

const plugIn = (build: Plugin, globals: string | undefined): void => {
  build.onResolve({ filter: /.*/ }, ({ importer, kind }) =>
    globals === undefined && basename(importer) === CONFIG && kind === "import-statement"
      ? { errors: [{ text: `${CONFIG} must not have imports at its top` }] }
      : undefined,
  );
  build.onLoad({ filter: /\.(js|ts|jsx|tsx)$/ }, ({ path }) => {
    const source = planted(path) ?? path;
    if (globals !== undefined && !path.includes(".sst"))
      return { contents: `${globals}\n${readFileSync(source, "utf8")}`, loader: "default" };
    return source === path ? undefined : { contents: readFileSync(source, "utf8"), loader: "default" };
  });
};

/** The app of a stage, as sst.config.ts's `app()` gives it. */
export const loadApp = async (esbuild: Esbuild, stage: string): Promise<Record<string, unknown>> => {
  const code = `import config from ${config}; export const app = await config.app({ stage: ${JSON.stringify(stage)} });`;
  const { app } = await load(esbuild, "app", code, { banner: "\nfunction $config(input) { return input }" });
  return app as Record<string, unknown>;
};

/** sst.config.ts's `run()`, inside SST's own: what it answers are the stack's outputs. */
export const loadProgram = async (
  esbuild: Esbuild,
  app: Readonly<Record<string, unknown>>,
  scratch: string,
): Promise<() => Promise<unknown>> => {
  const lock = JSON.parse(readFileSync(join(root, ".sst", "provider-lock.json"), "utf8")) as readonly {
    readonly alias: string;
    readonly package: string;
  }[];
  const globals = [
    ...lock.map((entry) => `import * as ${entry.alias} from "${entry.package}";`),
    `import * as sst from ${JSON.stringify(join(platform, "src", "components"))};`,
  ].join("");
  const run = JSON.stringify(join(platform, "src", "auto", "run.ts"));
  const { program } = await load(
    esbuild,
    "program",
    `import { run } from ${run}; import config from ${config}; export const program = () => run(config.run);`,
    {
      globals,
      inject: [join(platform, "src", "shim", "run.js")],
      define: {
        $app: JSON.stringify(app),
        $dev: "false",
        $cli: JSON.stringify({
          command: "deploy",
          dev: false,
          state: { version: {} },
          paths: { home: scratch, root, work: scratch, platform },
        }),
      },
    },
  );
  return program as () => Promise<unknown>;
};
