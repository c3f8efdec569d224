import type { Files, Io } from "@lifeboat/cli/io";
import { run } from "@lifeboat/cli/run";

/** What a run of `lifeboat` left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly files: ReadonlyMap<string, string>;
}

/** Files in memory; a path that ends in a slash is a folder. */
const memoryFiles = (files: Map<string, string>): Files => ({
  read: async (path) => {
    const text = files.get(path);
    return text === undefined ? { ok: false, reason: "there is no such file or folder" } : { ok: true, text };
  },
  write: async (path, text, mode) => {
    if (mode === "create" && files.has(path))
      return { ok: false, reason: "it exists already, and is not overwritten" };
    files.set(path, text);
    return { ok: true };
  },
});

/** Runs the real command in this process. */
export const lifeboat = async (
  args: readonly string[],
  { files = {}, colours = false }: { files?: Readonly<Record<string, string>>; colours?: boolean } = {},
): Promise<Ran> => {
  const disk = new Map(Object.entries(files));
  const written = { out: "", err: "" };
  const output = (name: "out" | "err"): Io["out"] => ({
    colours,
    write: (text) => {
      written[name] += text;
    },
  });
  const code = await run([...args], { out: output("out"), err: output("err"), files: memoryFiles(disk) });
  return { code, ...written, files: disk };
};
