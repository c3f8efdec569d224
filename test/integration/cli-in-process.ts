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

/** Whatever is read is this text, or is not there; nothing is written. */
export const onlyFile = (text?: string): Files => ({
  read: async () => (text === undefined ? { ok: false, reason: "no file is read" } : { ok: true, text }),
  write: async () => ({ ok: false, reason: "nothing is written" }),
});

export interface Said {
  out: string;
  err: string;
}

/** What a command is given, and what it has said so far. */
export const recordedIo = (files: Files, colours = false): { readonly io: Io; readonly said: Said } => {
  const said: Said = { out: "", err: "" };
  const output = (name: keyof Said): Io["out"] => ({
    colours,
    write: (text) => {
      said[name] += text;
    },
  });
  return { io: { out: output("out"), err: output("err"), files }, said };
};

/** Runs the real command in this process. */
export const lifeboat = async (
  args: readonly string[],
  { files = {}, colours = false }: { files?: Readonly<Record<string, string>>; colours?: boolean } = {},
): Promise<Ran> => {
  const disk = new Map(Object.entries(files));
  const { io, said } = recordedIo(memoryFiles(disk), colours);
  const code = await run([...args], io);
  return { code, ...said, files: disk };
};
