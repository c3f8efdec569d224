/** What a command may touch of the world. Tests run the real commands with their own. */
export interface Io {
  /** The answer to what was asked. */
  readonly out: Output;
  /** What went wrong, and what goes on in between. */
  readonly err: Output;
  /** Paths are relative to the working directory. */
  readonly files: Files;
}

export interface Output {
  readonly write: (text: string) => void;
  /** A terminal that wants colours: not a pipe or a file, and NO_COLOR is not set (https://no-color.org). */
  readonly colours: boolean;
}

export type ReadFile =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

export type WriteFile = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface Files {
  /** The text of a file; the reason is the end of the sentence "cannot read FILE: ". */
  readonly read: (path: string) => Promise<ReadFile>;
  /** Writes a file, or the reason why not. `create` refuses to overwrite. */
  readonly write: (path: string, text: string, mode: "create" | "replace") => Promise<WriteFile>;
}

/** A command of `lifeboat`: what follows its name, and the world; answers the exit code. */
export type RunCommand = (args: string[], io: Io) => Promise<number>;

/** The exit codes of every command. */
export const exitCode = {
  done: 0,
  /** The command did what it was asked for, and the answer is no: a workload that did not recover. */
  negative: 1,
  /** What was asked for makes no sense; nothing was changed. */
  badInput: 2,
  /** Lifeboat itself failed: please report it. */
  broken: 3,
} as const;

/** One sentence on stderr: what, where, what was expected, what to do. */
export const refuse = (io: Io, message: string): number => {
  io.err.write(`lifeboat: ${message}\n`);
  return exitCode.badInput;
};
