import { limitProblems } from "@lifeboat/control-plane/check-limits";
import { sitesOf } from "@lifeboat/recovery/plan";
import { exitCode, type Io, refuse, type RunCommand } from "./io.ts";
import { loadPlan } from "./load-plan.ts";
import { paint } from "./paint.ts";
import { parseOptions } from "./parse-options.ts";
import { tally } from "./print-problems.ts";

interface Validator {
  /** Asked in order: a longer ending stands before the shorter one that it ends with. */
  readonly endings: readonly string[];
  /** Prints its verdict, and answers the exit code. */
  readonly validate: (path: string, io: Io) => Promise<number>;
}

const validatePlan = async (path: string, io: Io): Promise<number> => {
  const reading = await loadPlan(path, io);
  if (reading === undefined) return exitCode.badInput;
  const { plan, hash, warnings } = reading;
  const tooLong = limitProblems(plan);
  if (tooLong.length > 0) {
    for (const problem of tooLong) refuse(io, `${path} cannot be deployed: ${problem}`);
    return exitCode.badInput;
  }
  const [primary, standby] = sitesOf(plan).map((site) => `${site.name} (${site.region})`);
  const verdict = paint(io.out, "green", `${path} is a valid plan`);
  io.out.write(`${verdict}${warnings.length === 0 ? "" : ` with ${tally(warnings)}`}\n`);
  io.out.write(`  workload  ${plan.workload}\n`);
  io.out.write(`  sites     ${primary ?? ""} → ${standby ?? ""}, witness in ${plan.witness.region}\n`);
  io.out.write(`  hash      ${hash}\n`);
  return exitCode.done;
};

/** Which file is read as what. Another kind of file is another row. */
const validators: readonly Validator[] = [
  {
    endings: [".asl.json"],
    validate: async (path, io) => (await import("./validate-machine.ts")).validateMachine(path, io),
  },
  { endings: [".yaml", ".yml", ".plan.json"], validate: validatePlan },
];

/** `lifeboat validate FILE…`: says of each file whether it can be used, and if not, everything that is wrong with it. */
export const runValidate: RunCommand = async (args, io) => {
  const parsed = parseOptions(args, {
    command: "validate",
    options: {},
    operand: "FILE",
    least: 1,
    most: Number.POSITIVE_INFINITY,
  });
  if (!parsed.ok) return refuse(io, parsed.message);
  let worst: number = exitCode.done;
  for (const path of parsed.positionals) {
    const validator = validators.find(({ endings }) => endings.some((ending) => path.endsWith(ending)));
    const code =
      validator === undefined
        ? refuse(
            io,
            `cannot tell what ${path} is by its name; expected a file that ends in ${validators.flatMap(({ endings }) => endings).join(", ")}`,
          )
        : await validator.validate(path, io);
    worst = Math.max(worst, code);
  }
  return worst;
};
