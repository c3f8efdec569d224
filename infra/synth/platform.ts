import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@lifeboat/aws/system";

/** The root of the repository. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Where `sst install` puts SST's components and Pulumi. */
export const platform = join(root, ".sst", "platform");

/** The plan that tools and tests synthesise when none is given. */
export const EXAMPLE_PLAN = join("examples", "spacelift.plan.yaml");

const quiet = { SST_SKIP_DEPENDENCY_CHECK: "1", SST_NO_BUN: "1", SST_TELEMETRY_DISABLED: "1" };

const isInstalled = (): boolean =>
  existsSync(join(root, ".sst", "provider-lock.json")) &&
  existsSync(join(platform, "node_modules", "@pulumi", "aws", "package.json"));

/**
 * Runs a program in the repository, with its output on ours. Rejects when it cannot be started; answers its exit code.
 */
export const runProgram = (
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, ...environment },
    });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });

/**
 * Installs SST's platform (about 320 MB from npm) where it is missing, and says so. Throws when that fails: without a way
 * to the registry there are no types and no synthesis.
 */
export const installPlatform = async (say: (line: string) => void): Promise<void> => {
  if (isInstalled()) return;
  say("SST's platform is not installed yet; running `sst install` (about 320 MB from npm, once)");
  const startedAtMs = systemClock.nowMs();
  // Any stage of any valid plan: only the providers are asked for.
  const code = await runProgram(
    join(root, "node_modules", ".bin", "sst"),
    ["install", "--stage", "install-witness"],
    { ...quiet, LIFEBOAT_PLAN: EXAMPLE_PLAN },
  );
  if (code !== 0 || !isInstalled()) throw new Error(`sst install ended with exit code ${code}`);
  say(`SST's platform was installed in ${((systemClock.nowMs() - startedAtMs) / 1000).toFixed(1)} s`);
};
