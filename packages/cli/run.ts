import { nearestName } from "@lifeboat/plan/nearest-name";
import { runInit } from "./init.ts";
import { exitCode, type Io, refuse, type RunCommand } from "./io.ts";
import about from "./package.json" with { type: "json" };
import { runSchema } from "./print-schema.ts";
import { runValidate } from "./validate.ts";

interface Command {
  readonly usage: string;
  readonly summary: string;
  /** Further lines of `lifeboat help COMMAND`. */
  readonly details: readonly string[];
  readonly run: RunCommand;
}

const commands: Readonly<Record<string, Command>> = {
  simulate: {
    usage:
      "simulate PLAN [--scenario NAME | --faults [--seeds N] [--shrink]] [--seed N] [--json] [--history FILE]",
    summary: "lose a region of a simulated AWS, and watch the plan's workload recover",
    details: [
      "--scenario NAME  what happens: region-loss is the default; list names all, without a PLAN",
      "--seed N         the seed of all chance; the same seed gives the same run",
      "--json           print the outcome as JSON instead of a timeline; not with --faults",
      "--history FILE   write the history of the state machine's executions to FILE; not with --faults",
      "--faults         let seeded faults happen instead of a scenario, and check that nothing happens that must never",
      "--seeds N        with --faults: so many schedules, from --seed on, each run twice",
      "--shrink         with --faults: take away the faults that a failing seed does not need",
      "Exit code 1: it ended otherwise than the scenario is meant to, or an invariant was broken. With --faults also where,",
      "of 200 seeds or more, too few recovered or a kind of fault never struck in a phase.",
    ],
    // Only this command needs the interpreter and the simulated cloud.
    run: async (args, io) => (await import("./simulate.ts")).simulate(args, io),
  },
  validate: {
    usage: "validate FILE...",
    summary:
      "say whether a recovery plan or a state machine can be used, and if not, everything that is wrong with it",
    details: [
      "FILE ends in .yaml, .yml or .plan.json: a recovery plan; in .asl.json: a state machine.",
      "Exit code 2: at least one file is not valid. Warnings do not count.",
    ],
    run: runValidate,
  },
  init: {
    usage: "init [FILE]",
    summary: "write a commented recovery plan to start from (recovery.plan.yaml)",
    details: ["FILE -: write it to stdout. A file that exists is not overwritten."],
    run: runInit,
  },
  bootstrap: {
    usage: "bootstrap PLAN --active SITE",
    summary: "create the ledger of a plan's workload in its account, once, after the stages are deployed",
    details: [
      "--active SITE  the site that serves the workload now",
      "Works with the credentials of the environment. What exists already is left as it is, so it can be run again.",
      "Exit code 1: the ledger is there already and names another site. 2: nothing was changed.",
    ],
    run: async (args, io) => (await import("./bootstrap.ts")).runBootstrap(args, io),
  },
  status: {
    usage: "status WORKLOAD [--region REGION] [--json]",
    summary:
      "say which site of a deployed workload is active, whether it could move now, and how it went before",
    details: [
      "--region REGION  one of the workload's three places, from which its plan is read (AWS_REGION where left out)",
      "--json           print all that was read as JSON",
      "Works with the credentials of the environment, and changes nothing.",
      "Exit code 1: something has to be looked at, or could not be read. 2: the workload was not found.",
    ],
    run: async (args, io) => (await import("./status.ts")).runStatus(args, io),
  },
  "kill-switch": {
    usage: "kill-switch PLAN on|off --by NAME --why TEXT",
    summary: "stop all automation of a plan's workload at once, or let it go on",
    details: [
      "--by NAME   who takes the responsibility",
      "--why TEXT  why; both stay in the ledger",
      "Works with the credentials of the environment: s3:GetObject and s3:PutObject of <workload>/switch at the witness.",
      "Exit code 1: whether it was changed is not known, or the ledger is not there. 2: nothing was changed.",
    ],
    run: async (args, io) => (await import("./kill-switch.ts")).runKillSwitch(args, io),
  },
  access: {
    usage: "access PLAN [--out DIR]",
    summary: "print what lets Lifeboat into the account of a plan's workload, where that is another one",
    details: [
      "--out DIR  write the documents into DIR, and print the commands of the AWS CLI that take them",
      "The role's trust policy names the functions that need it; its permissions hold for each of them alone.",
      "Asks no account. Exit code 2: the plan has no `access`, or the documents are longer than IAM allows.",
    ],
    run: async (args, io) => (await import("./print-access.ts")).runAccess(args, io),
  },
  cost: {
    usage: "cost PLAN",
    summary: "count what a plan's control plane costs in an idle month, and what one failover costs",
    details: ["At AWS's list prices, free tiers not counted. Asks no account."],
    run: async (args, io) => (await import("./print-cost.ts")).runCost(args, io),
  },
  schema: {
    usage: "schema [--events] [--markdown]",
    summary: "print the JSON Schema of recovery plans, for editors, or those of recovery events",
    details: [
      "--events    print the schemas of the events that are told on the workload's bus instead",
      "--markdown  print the reference of all fields for people instead",
    ],
    run: runSchema,
  },
  help: {
    usage: "help [COMMAND]",
    summary: "print this, or what a command takes",
    details: [],
    run: (args, io) => printHelp(args, io),
  },
};

const overview = (): string => {
  const rows = Object.values(commands).map(({ usage, summary }) => `  lifeboat ${usage}\n      ${summary}\n`);
  return [
    "Moves a workload on AWS from the site that failed to the one that stands by.\n",
    ...rows,
    [
      "Exit codes: 0 done; 1 done, and the answer is no; 2 bad input, nothing was changed; 3 Lifeboat itself failed.",
      "Documentation: docs/recovery-plan.md for plans, README.md for everything else.\n",
    ].join("\n"),
  ].join("\n");
};

const unknownCommand = (name: string, io: Io): number => {
  const meant = nearestName(name, Object.keys(commands));
  const hint = meant === undefined ? ";" : `, did you mean "${meant}"?`;
  return refuse(io, `unknown command ${JSON.stringify(name)}${hint} "lifeboat help" lists the commands`);
};

const commandNamed = (name: string): Command | undefined =>
  Object.hasOwn(commands, name) ? commands[name] : undefined;

const printHelp: RunCommand = async ([name], io) => {
  if (name === undefined) {
    io.out.write(overview());
    return exitCode.done;
  }
  const command = commandNamed(name);
  if (command === undefined) return unknownCommand(name, io);
  const lines = [
    `lifeboat ${command.usage}`,
    `    ${command.summary}`,
    ...command.details.map((line) => `    ${line}`),
  ];
  io.out.write(`${lines.join("\n")}\n`);
  return exitCode.done;
};

/** Runs `lifeboat` with what follows the program's name, and answers the exit code. */
export const run: RunCommand = async ([name, ...args], io) => {
  if (name === undefined) {
    io.err.write(overview());
    return exitCode.badInput;
  }
  if (name === "--version" || name === "-v") {
    io.out.write(`${about.version}\n`);
    return exitCode.done;
  }
  if (name === "--help" || name === "-h") return printHelp([], io);
  if (name.startsWith("-")) {
    return refuse(io, `unknown option ${name}; expected a command first, "lifeboat help" lists them`);
  }
  const command = commandNamed(name);
  if (command === undefined) return unknownCommand(name, io);
  const options = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (options.includes("--help") || options.includes("-h")) return printHelp([name], io);
  return command.run(args, io);
};
