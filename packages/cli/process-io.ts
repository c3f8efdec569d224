import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Files, Io, Output } from "./io.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of its path is no folder",
  EISDIR: "it is a folder",
  EEXIST: "it exists already, and is not overwritten",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the disk",
};

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  return (
    (code === undefined ? undefined : reasons[code]) ??
    (error instanceof Error ? error.message : String(error))
  );
};

/** The files below a working directory. */
export const diskFiles = (cwd: string): Files => ({
  async read(path) {
    try {
      const bytes = await readFile(resolve(cwd, path));
      return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
    } catch (error) {
      return { ok: false, reason: error instanceof TypeError ? "it is not text in UTF-8" : reasonOf(error) };
    }
  },
  async write(path, text, mode) {
    try {
      await writeFile(resolve(cwd, path), text, { flag: mode === "create" ? "wx" : "w" });
      return { ok: true };
    } catch (error) {
      return { ok: false, reason: reasonOf(error) };
    }
  },
});

const streamOutput = (stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Output => ({
  write: (text) => {
    stream.write(text);
  },
  colours: stream.isTTY && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb",
});

/** The world of the running process. */
export const processIo = (): Io => ({
  out: streamOutput(process.stdout, process.env),
  err: streamOutput(process.stderr, process.env),
  files: diskFiles(process.cwd()),
});
