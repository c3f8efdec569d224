import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SynthesisResult } from "./graph.ts";
import { root } from "./platform.ts";

const program = fileURLToPath(new URL("program.ts", import.meta.url));

/**
 * Runs the real sst.config.ts of one stage under Pulumi mocks, in a process of its own: a Pulumi program has ended when its
 * event loop has drained, and only a process shows that. `plan`: the file, from the root of the repository. SST's platform
 * has to be installed. Never reaches AWS.
 */
export const synthesize = async (
  stage: string,
  plan: string,
  /** A file in the place of `packages/control-plane/site-machines.ts`. */
  plant?: string,
): Promise<SynthesisResult> => {
  const scratch = await mkdtemp(join(tmpdir(), "lifeboat-synth-"));
  try {
    const out = join(scratch, "result.json");
    const said: Buffer[] = [];
    const code = await new Promise<number>((resolve, reject) => {
      const child = spawn(process.execPath, [program, stage, out, scratch], {
        cwd: root,
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          ...process.env,
          LIFEBOAT_PLAN: plan,
          NODE_NO_WARNINGS: "1",
          ...(plant === undefined ? {} : { LIFEBOAT_SYNTH_PLANT: plant }),
        },
      });
      child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
      child.on("error", reject);
      child.on("exit", (exitCode) => resolve(exitCode ?? 1));
    });
    const text = await readFile(out, "utf8").catch(() => undefined);
    if (text === undefined) {
      const output = Buffer.concat(said).toString("utf8").trim();
      return { ok: false, errors: [`the synthesis of ${stage} ended with exit code ${code}: ${output}`] };
    }
    return JSON.parse(text) as SynthesisResult;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};
