import type { Claim } from "@lifeboat/recovery/ledger";
import type { Lab } from "./create-lab.ts";

/** What the ledger says now. Throws before bootstrap. */
export const claimOf = ({ plan, cloud }: Lab): Claim => {
  const text = cloud.s3.read(plan.ledger.witnessBucket, `${plan.workload}/claim`);
  if (text === undefined) throw new Error(`the ledger of "${plan.workload}" has no claim yet`);
  return JSON.parse(text) as Claim;
};
