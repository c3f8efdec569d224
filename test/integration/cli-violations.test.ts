import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const top = fileURLToPath(new URL("../../", import.meta.url));

/** `lifeboat simulate` with production code that is broken on purpose. */
const simulateBroken = (mutant: string, ...options: readonly string[]) =>
  spawnSync(
    process.execPath,
    [
      "--import",
      "./test/simulation/mutants/install-mutant.ts",
      "packages/cli/main.ts",
      "simulate",
      "examples/spacelift.plan.yaml",
      ...options,
    ],
    { cwd: top, encoding: "utf8", env: { ...process.env, LIFEBOAT_MUTANT: mutant } },
  );

describe("lifeboat simulate, where an invariant is broken", () => {
  const options = ["--scenario", "dry-run"] as const;

  it("says which and by what, and exits with 1 although the scenario ends as it is meant to", () => {
    const { status, stdout } = simulateBroken("writes a dry run into the ledger", ...options);
    expect(stdout).toMatch(/\nWhat must never happen, and did\n {2}dry-run-mutates-nothing {2}.*PutObject/);
    expect(status).toBe(1);
  });

  it("lists it in the JSON, its time counted from the start", () => {
    const { status, stdout } = simulateBroken("writes a dry run into the ledger", ...options, "--json");
    const { violations } = JSON.parse(stdout) as {
      violations: readonly { invariant: string; atMs: number }[];
    };
    expect(violations[0]?.invariant).toBe("dry-run-mutates-nothing");
    expect(violations[0]?.atMs).toBeLessThan(3_600_000);
    expect(status).toBe(1);
  });
});
