import type { Connection } from "@lifeboat/aws/connection";
import { functionEnvironment } from "@lifeboat/aws/deployed-workload";
import { readPublishedPlan } from "@lifeboat/aws/s3-ledger";
import { systemClock } from "@lifeboat/aws/system";
import { deployedName } from "@lifeboat/control-plane/names";
import type { Clock } from "@lifeboat/operations/ports";
import { parsePublished } from "@lifeboat/plan/parse-published";
import { RecoveryError } from "@lifeboat/recovery/errors";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { exitCode, refuse, type RunCommand } from "./io.ts";
import { parseOptions } from "./parse-options.ts";
import { printStatus } from "./print-status.ts";
import { readStatus } from "./status-report.ts";

const syntax = {
  command: "status",
  options: { region: { type: "string" }, json: { type: "boolean" } },
  operand: "WORKLOAD",
  least: 1,
  most: 1,
} as const;

export interface StatusWorld {
  /** How the account is reached in a region. A test gives a simulated one. */
  readonly connectTo: (region: string) => Connection;
  /** Where the environment says that commands of AWS go. */
  readonly defaultRegion: string | undefined;
  readonly clock: Pick<Clock, "nowMs">;
}

/** A site's stack has the first, the witness's the second; either knows where the plan is published. */
const FUNCTIONS = ["begin", "probe"] as const;

interface Published {
  readonly plan: RecoveryPlan;
  readonly hash: string;
}

/** The plan of a workload as it is published in a region; a text: why there is none. */
const publishedPlan = async (connection: Connection, workload: string): Promise<Published | string> => {
  const { region } = connection;
  let bucket: string | undefined;
  for (const name of FUNCTIONS) {
    const environment = await functionEnvironment(connection, deployedName(workload, name));
    bucket ??= environment?.["PLANS_BUCKET"];
  }
  if (bucket === undefined)
    return `no workload "${workload}" is deployed in ${region}; give the region of one of its three places with --region`;
  const text = await readPublishedPlan(connection, { region, bucket }, workload, null);
  if (text === null) return `s3://${bucket}/${workload}/plan.json does not exist; deploy the stage again`;
  const published = parsePublished(text);
  return published.ok ? published : `s3://${bucket}/${workload}/plan.json: ${published.reason}`;
};

/** `lifeboat status WORKLOAD` over a given way to the account. */
export const statusOver =
  ({ connectTo, defaultRegion, clock }: StatusWorld): RunCommand =>
  async (args, io) => {
    const parsed = parseOptions(args, syntax);
    if (!parsed.ok) return refuse(io, parsed.message);
    const [workload = ""] = parsed.positionals;
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(workload))
      return refuse(
        io,
        `${JSON.stringify(workload)} is no workload's name; expected the one that its plan gives, such as spacelift`,
      );
    const region = parsed.values.region ?? defaultRegion;
    if (region === undefined)
      return refuse(io, "no region is given; expected --region, or AWS_REGION in the environment");
    let published: Published | string;
    try {
      published = await publishedPlan(connectTo(region), workload);
    } catch (error) {
      if (!(error instanceof RecoveryError)) throw error;
      return refuse(
        io,
        `${region} cannot be asked: ${error.message}; log in to the plan's account, or give another region with --region`,
      );
    }
    if (typeof published === "string") return refuse(io, published);
    const { plan } = published;
    const report = await readStatus(published, connectTo, clock);
    if (parsed.values.json === true) io.out.write(`${JSON.stringify(report, null, 2)}\n`);
    else printStatus(io.out, plan, report);
    return report.concerns.length === 0 ? exitCode.done : exitCode.negative;
  };

/** Looks at a workload in the account that the environment's credentials are for. */
export const runStatus: RunCommand = statusOver({
  connectTo: (region) => ({ region }),
  defaultRegion: process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"],
  clock: systemClock,
});
