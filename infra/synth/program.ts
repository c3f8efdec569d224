import { writeFileSync } from "node:fs";
import { createAccount } from "./account.ts";
import { startBuildServer } from "./build-server.ts";
import type { FunctionBuild, Graph, SynthesisResult } from "./graph.ts";
import { loadApp, loadProgram } from "./load-config.ts";
import { loadEsbuild, loadPulumi } from "./pulumi.ts";

/*
 * The child process of a synthesis: STAGE, the file for the result, a folder for what is built. The result is written when
 * the event loop has drained, as a Pulumi program ends: what was created in nested callbacks is in it, and a rejection that
 * nobody handled is an error.
 */
const [stage = "", resultFile = "", scratch = ""] = process.argv.slice(2);

const errors: string[] = [];
const fail = (error: unknown): void => {
  const message = error instanceof Error ? error.message : String(error);
  if (!errors.includes(message)) errors.push(message);
};
process.on("unhandledRejection", fail);
process.on("uncaughtException", fail);

const byTypeAndName = (
  left: { type: string; name: string },
  right: { type: string; name: string },
): number => {
  const [a, b] = [`${left.type} ${left.name}`, `${right.type} ${right.name}`];
  return a < b ? -1 : a > b ? 1 : 0;
};

const synthesize = async (): Promise<() => SynthesisResult> => {
  const esbuild = loadEsbuild();
  const builds: FunctionBuild[] = [];
  const server = await startBuildServer(esbuild, scratch, builds);
  server.unref();
  process.env["SST_SERVER"] = server.url;

  const app = await loadApp(esbuild, stage);
  const providers = app["providers"] as Graph["app"]["providers"];
  const account = createAccount(providers.aws.allowedAccountIds[0] ?? "", providers.aws.region);
  const pulumi = loadPulumi();
  account.overhear(pulumi, fail);
  await pulumi.runtime.setMocks(account.mocks, String(app["name"]), stage, false);
  const started = await loadProgram(esbuild, { protect: false, removal: "retain", ...app, stage }, scratch);
  let outputs: unknown;
  pulumi.runtime.runInPulumiStack(started).then((value) => {
    outputs = value;
  }, fail);

  return () => ({
    ok: true,
    graph: {
      stage,
      app: app as unknown as Graph["app"],
      outputs,
      resources: account.resources.toSorted(byTypeAndName),
      builds: builds.toSorted((left, right) => (left.component < right.component ? -1 : 1)),
      lookups: account.lookups,
    },
  });
};

let finish: () => SynthesisResult = () => ({ ok: false, errors });
synthesize().then((finished) => {
  finish = finished;
}, fail);

process.once("beforeExit", () => {
  const result: SynthesisResult = errors.length > 0 ? { ok: false, errors } : finish();
  writeFileSync(resultFile, JSON.stringify(result));
  process.exitCode = result.ok ? 0 : 1;
});
