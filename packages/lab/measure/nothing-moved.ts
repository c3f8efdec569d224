import type { Claim } from "@lifeboat/recovery/ledger";
import type { Lab } from "../create-lab.ts";
import type { Measured } from "./measure-run.ts";

/** The result of a run in which no execution was started: nothing was asked for, and nothing moved. */
export const nothingMoved = ({ plan, cloud }: Lab): Measured => {
  const claim = JSON.parse(
    cloud.s3.read(plan.ledger.witnessBucket, `${plan.workload}/claim`) ?? "{}",
  ) as Partial<Claim>;
  return {
    execution: "",
    outcome: "not-needed",
    reason: "no execution was started, and nothing was moved",
    epoch: claim.epoch ?? 0,
    rtoMs: null,
    rpoMs: null,
    lost: { writes: 0, spanMs: { min: 0, max: 0 } },
    phases: [],
    apiCalls: 0,
    mutatingCalls: 0,
    transitions: 0,
    detectionMs: null,
    safetyWaitMs: 0,
    humanWaitMs: 0,
    awsMs: 0,
    overheadMs: 0,
  };
};
