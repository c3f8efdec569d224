import { validate, type Problem } from "@lifeboat/asl/validate";
import { errorsByPlaceholder } from "@lifeboat/control-plane/function-errors";
import { exitCode, type Io, refuse } from "./io.ts";
import { paint } from "./paint.ts";

/** `invalid`: AWS would not create the machine; `unsound`: it would, and one day it fails or never ends. */
const meaning: Readonly<Record<Problem["kind"], string>> = {
  invalid: "AWS would refuse the machine",
  unsound: "AWS would take the machine, and it would fail or hang one day",
};

/** Says of a state machine's definition whether it can be deployed and ends whatever its functions do. */
export const validateMachine = async (path: string, io: Io): Promise<number> => {
  const file = await io.files.read(path);
  if (!file.ok)
    return refuse(io, `cannot read ${path}: ${file.reason}; give the path of a state machine's definition`);
  const problems = validate(file.text, { errorsOf: errorsByPlaceholder });
  for (const { path: where, line, column, rule, kind, message } of problems) {
    io.err.write(
      `${paint(io.err, "bold", `${path}:${line}:${column}`)}  ${where}  ${message} (${rule}; ${meaning[kind]})\n`,
    );
  }
  if (problems.length === 0) {
    io.out.write(`${paint(io.out, "green", `${path} is a valid state machine`)}\n`);
    return exitCode.done;
  }
  io.err.write(
    `${paint(io.err, "red", `${path} is no valid state machine`)}: ${problems.length} ${problems.length === 1 ? "problem" : "problems"}\n`,
  );
  return exitCode.badInput;
};
