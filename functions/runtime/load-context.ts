import { readPublishedPlan } from "@lifeboat/aws/s3-ledger";
import type { Context, SiteContext } from "@lifeboat/operations/context";
import { parsePublishedOnce } from "@lifeboat/plan/parse-published";
import { RecoveryError } from "@lifeboat/recovery/errors";
import { siteInRegion } from "@lifeboat/recovery/plan";
import { portsOf, variable, type Runtime } from "./runtime.ts";

/**
 * Reads the plan that is published in this function's own region. Throws `PlanMissing`, `PlanInvalid`, and `PlanChanged`
 * when it is another one than the execution began with.
 */
export const loadContext = async (
  runtime: Runtime,
  workload: string,
  planHash: string | null,
): Promise<Context> => {
  const place = { region: runtime.connection.region, bucket: variable(runtime, "plansBucket") };
  const text = await readPublishedPlan(runtime.connection, place, workload);
  if (text === null) {
    throw new RecoveryError(
      "PlanMissing",
      `no plan of "${workload}" is published in ${place.region} (s3://${place.bucket}/${workload}/plan.json); deploy it, or correct "workload" in the input`,
    );
  }
  const published = parsePublishedOnce(text);
  if (!published.ok) {
    throw new RecoveryError(
      "PlanInvalid",
      `the published plan of "${workload}" cannot be used: ${published.reason}`,
    );
  }
  if (planHash !== null && published.hash !== planHash) {
    throw new RecoveryError(
      "PlanChanged",
      `the plan of "${workload}" was published anew while the execution ran; abort it and start another`,
    );
  }
  return {
    plan: published.plan,
    planHash: published.hash,
    here: siteInRegion(published.plan, place.region) ?? null,
    ports: portsOf(runtime),
  };
};

/** As {@link loadContext}, for functions of a site. Throws `InputInvalid` in a region that is no site of the plan. */
export const loadSiteContext = async (
  runtime: Runtime,
  workload: string,
  planHash: string | null,
): Promise<SiteContext> => {
  const context = await loadContext(runtime, workload, planHash);
  if (context.here === null) {
    throw new RecoveryError("InputInvalid", `${runtime.connection.region} is no site of "${workload}"`);
  }
  return { ...context, here: context.here };
};
