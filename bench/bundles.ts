import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { EXAMPLE_PLAN, installPlatform, root } from "../infra/synth/platform.ts";
import { bundleFunction } from "../infra/synth/bundle.ts";
import type { FunctionBuild } from "../infra/synth/graph.ts";
import { loadEsbuild } from "../infra/synth/pulumi.ts";
import { synthesize } from "../infra/synth/synthesize.ts";

/*
 * What a cold start pays for: the size of each function's bundle as it is deployed, and how long a fresh process takes to
 * import it, beside a bare function with one SDK client, all in one run and in turns.
 */

/** What a bundle may weigh, and how much longer than the bare function its import may take. None has EC2's client, which is larger. */
const MOST_BYTES = 700_000;
const MOST_TIMES_BARE = 1.8;

/** Enough for a median that is the same in two runs on a quiet machine, to a few hundredths of the bare function's. */
const ROUNDS = 25;

/** A function with nothing but one client of the SDK. */
const bare = `import { S3Client, GetObjectCommand } from "@aws-sdk/client-s3";
let client;
export const handler = async (event) => (client ??= new S3Client({})).send(new GetObjectCommand(event));
`;

const timeImport = async (file: string): Promise<number> => {
  const code = `const t=performance.now();await import(${JSON.stringify(pathToFileURL(file).href)});process.stdout.write(String(performance.now()-t))`;
  const said: Buffer[] = [];
  const exit = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      env: { ...process.env, AWS_REGION: "eu-west-3", NODE_COMPILE_CACHE: "" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
    child.on("error", reject);
    child.on("exit", resolve);
  });
  if (exit !== 0) throw new Error(`${file} cannot be imported`);
  return Number(Buffer.concat(said).toString("utf8"));
};

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;

const buildsOf = async (): Promise<readonly FunctionBuild[]> => {
  const builds = new Map<string, FunctionBuild>();
  for (const stage of ["production-paris", "production-witness"]) {
    const result = await synthesize(stage, EXAMPLE_PLAN);
    if (!result.ok) throw new Error(result.errors.join("\n"));
    for (const build of result.graph.builds) builds.set(build.component, build);
  }
  return [...builds.values()];
};

const print = (line: string): void => void process.stdout.write(`${line}\n`);

await installPlatform(print);
const folder = await mkdtemp(join(tmpdir(), "lifeboat-bundles-"));
// Inside the repository, where the client is found.
const bareSource = join(root, "bench", `.bare-${process.pid}.mjs`);
try {
  const esbuild = loadEsbuild();
  const builds = await buildsOf();
  const [first] = builds;
  if (first === undefined) throw new Error("the stack bundles nothing");
  await writeFile(bareSource, bare);
  const bareBundle = await bundleFunction(
    esbuild,
    { ...first, component: "bare", handler: `bench/.bare-${process.pid}.handler` },
    folder,
    bareSource,
  );
  const bundles = [
    { name: "bare, one client", ...bareBundle },
    ...(await Promise.all(
      builds.map(async (build) => ({
        name: build.component,
        ...(await bundleFunction(esbuild, build, folder)),
      })),
    )),
  ];
  const times = new Map<string, number[]>(bundles.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const { name, file } of bundles) times.get(name)?.push(await timeImport(file));
  const bareMs = median(times.get("bare, one client") ?? []);
  print(`Bundles: size, and import in a fresh process (median of ${ROUNDS}, in turns)`);
  const over: string[] = [];
  for (const { name, bytes } of bundles) {
    const ms = median(times.get(name) ?? []);
    if (bytes > MOST_BYTES || ms > bareMs * MOST_TIMES_BARE) over.push(name);
    const columns = [
      name.padEnd(18),
      `${(bytes / 1000).toFixed(0)} kB`.padStart(8),
      `${ms.toFixed(0)} ms`.padStart(8),
      `${(ms / bareMs).toFixed(2)} x`.padStart(8),
    ];
    print(`  ${columns.join(" ")}`);
  }
  print(
    `  ${over.length === 0 ? "All" : `Not all (${over.join(", ")})`} within ${MOST_BYTES / 1000} kB and ${MOST_TIMES_BARE} times the bare function`,
  );
} finally {
  await rm(bareSource, { force: true });
  await rm(folder, { recursive: true, force: true });
}
