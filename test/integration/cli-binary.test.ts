import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "lifeboat-cli-"));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program in a folder of its own. */
const start = (program: string, args: readonly string[]): Ran => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
};

const bin = path("packages/cli/bin.mjs");
const main = path("packages/cli/main.ts");

/** A Node on this machine that is too old for TypeScript, where there is one. */
const olderNode = ["/usr/bin/node", "/usr/local/bin/node"].find((node) => {
  if (!existsSync(node)) return false;
  const version = start(node, ["--version"]).out;
  return Number.parseInt(version.slice(1), 10) < 24;
});

describe("the program lifeboat", () => {
  it("validates the example from another folder", () => {
    const { code, out, err } = start(process.execPath, [
      bin,
      "validate",
      path("examples/spacelift.plan.yaml"),
    ]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("is a valid plan");
    expect(out).not.toContain("\u001B");
  });

  it("writes a plan, refuses to write it twice, and validates it", () => {
    expect(start(process.execPath, [main, "init", "new.plan.yaml"])).toMatchObject({ code: 0, err: "" });
    const text = readFileSync(join(folder, "new.plan.yaml"), "utf8");
    expect(start(process.execPath, [main, "init", "new.plan.yaml"])).toMatchObject({ code: 2, out: "" });
    expect(readFileSync(join(folder, "new.plan.yaml"), "utf8")).toBe(text);
    expect(start(process.execPath, [main, "validate", "new.plan.yaml"])).toMatchObject({ code: 0, err: "" });
  });

  it("exits with 2 for bad input, and says why on stderr", () => {
    writeFileSync(join(folder, "bad.yaml"), "version: 1\n");
    writeFileSync(join(folder, "binary.yaml"), Buffer.from([0xff, 0xfe, 0x00]));
    for (const [args, message] of [
      [["validate", "bad.yaml"], /bad\.yaml:1:1 {2}workload {2}is missing/],
      [["validate", "none.yaml"], /cannot read none\.yaml: there is no such file or folder/],
      [["validate", "binary.yaml"], /cannot read binary\.yaml: it is not text in UTF-8/],
      [["validate", "bad.yaml/x.yaml"], /cannot read bad\.yaml\/x\.yaml: a part of its path is no folder/],
      [["init", "no/folder.yaml"], /cannot write no\/folder\.yaml: there is no such file or folder/],
      [["init", "."], /cannot write \.: /],
    ] as const) {
      const { code, out, err } = start(process.execPath, [main, ...args]);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toMatch(message);
    }
  });

  it("does not mind a reader that stops reading", async () => {
    const code = await new Promise((resolve) => {
      const child = execFile(process.execPath, [main, "schema"], { cwd: folder });
      child.stdout?.destroy();
      child.on("exit", resolve);
    });
    expect(code).toBe(0);
  });

  it.skipIf(olderNode === undefined)("runs with an older Node, by the one that is installed with it", () => {
    const example = path("examples/spacelift.plan.yaml");
    const node = olderNode ?? "";
    expect(start(node, [bin, "validate", example])).toEqual(
      start(process.execPath, [bin, "validate", example]),
    );
    expect(start(node, [bin, "valdate"])).toMatchObject({ code: 2, out: "" });
  });
});
