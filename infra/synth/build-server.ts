import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import { existsSync } from "node:fs";
import { extname, join } from "node:path";
import { text } from "node:stream/consumers";
import { root } from "./platform.ts";
import type { BundleSettings, FunctionBuild } from "./graph.ts";
import type { Esbuild } from "./pulumi.ts";

interface Call {
  readonly method: string;
  readonly params: readonly [
    {
      readonly handler?: string;
      readonly functionID?: string;
      readonly region?: string;
      readonly properties?: BundleSettings;
    },
  ];
}

/** Bundles one handler as far as that tells whether it is there: our modules and the export, npm's left outside. */
const buildHandler = async (esbuild: Esbuild, scratch: string, handler: string, id: string) => {
  const exported = extname(handler).slice(1);
  const source = join(root, `${handler.slice(0, -exported.length - 1)}.ts`);
  const out = join(scratch, id);
  await mkdir(out, { recursive: true });
  const refuse = (reason: string) => ({ handler: "", out, errors: [reason], sourcemaps: [] });
  if (!existsSync(source)) return refuse(`there is no handler ${handler}`);
  try {
    const built = await esbuild.build({
      entryPoints: [source],
      outfile: join(out, "bundle.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node24",
      external: ["@aws-sdk/*", "@smithy/*", "@aws-lambda-powertools/*", "@middy/*", "zod", "pg", "yaml"],
      metafile: true,
      logLevel: "silent",
    });
    const exports = Object.values(built.metafile?.outputs ?? {}).flatMap((output) => output.exports);
    if (!exports.includes(exported))
      return refuse(`${handler}: the module exports ${exports.join(", ")}, not "${exported}"`);
    return { handler: `bundle.${exported}`, out, errors: [], sourcemaps: [] };
  } catch (error) {
    return refuse(`${handler}: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** Stands in for the part of SST's program that its components ask by HTTP: to bundle code, and for its own buckets. */
export const startBuildServer = async (
  esbuild: Esbuild,
  scratch: string,
  /** What was asked to be built is added here. */
  builds: FunctionBuild[],
): Promise<{ readonly url: string; readonly unref: () => void }> => {
  const answer = async ({ method, params: [args] }: Call): Promise<unknown> => {
    switch (method) {
      case "Provider.Aws.Bootstrap":
        return { asset: `sst-asset-${args.region ?? ""}`, state: `sst-state-${args.region ?? ""}` };
      case "Runtime.Build": {
        const { handler = "", functionID: component = "", properties: settings = {} } = args;
        builds.push({ component, handler, settings });
        return buildHandler(esbuild, scratch, handler, component);
      }
      default:
        return {};
    }
  };
  const server = createServer((request, response) => {
    void text(request)
      .then(async (body) => answer(JSON.parse(body) as Call))
      .then(
        (result) => {
          // A connection that is kept alive would keep the process from ending.
          response.setHeader("Connection", "close");
          response.end(JSON.stringify({ result }));
        },
        (error: unknown) => {
          response.statusCode = 500;
          response.end(String(error));
        },
      );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the build server has no port");
  return { url: `http://127.0.0.1:${address.port}`, unref: () => void server.unref() };
};
