import { readPublishedPlan } from "@lifeboat/aws/s3-ledger";
import type { Context, PortName, SiteContext } from "@lifeboat/operations/context";
import { parsePublishedOnce } from "@lifeboat/plan/parse-published";
import { RecoveryError } from "@lifeboat/recovery/errors";
import { siteInRegion, type RecoveryPlan } from "@lifeboat/recovery/plan";
import { sessionName } from "@lifeboat/recovery/session-name";
import { basics, type Bring } from "./ports.ts";
import { variable, type Runtime } from "./runtime.ts";

/** The runtime with the way into the workload's account, where the plan has another one than Lifeboat's. */
const enteringWorkload = (runtime: Runtime, { access, workload }: RecoveryPlan): Runtime => {
  const { acting, connection } = runtime;
  if (access === undefined || acting === undefined) return runtime;
  const actor = { workload, name: acting.name, region: connection.region };
  return { ...runtime, access: { ...access, session: sessionName(actor, acting.epoch) } };
};

/**
 * Reads a plan that is published in this function's own region: the one that an execution began with, by its hash, whatever
 * has been published since; or the current one. Throws `PlanMissing`, `PlanInvalid`, and `PlanChanged` when the plan of that
 * hash is not there any more.
 */
export const loadContext = async <Used extends PortName>(
  runtime: Runtime,
  workload: string,
  planHash: string | null,
  /** The ports that the function uses beyond the basic ones. */
  bring: Bring<Used>,
): Promise<Context<Used>> => {
  const place = { region: runtime.connection.region, bucket: variable(runtime, "plansBucket") };
  const text = await readPublishedPlan(runtime.connection, place, workload, planHash);
  if (text === null && planHash !== null) {
    throw new RecoveryError(
      "PlanChanged",
      `the plan ${planHash} of "${workload}", which the execution began with, is not in ${place.region} any more; publish it again, or abort and start another`,
    );
  }
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
      `s3://${place.bucket} holds another plan of "${workload}" under the hash that the execution began with`,
    );
  }
  return {
    plan: published.plan,
    planHash: published.hash,
    here: siteInRegion(published.plan, place.region) ?? null,
    ports: { ...basics(runtime), ...bring(enteringWorkload(runtime, published.plan)) },
  };
};

/** As {@link loadContext}, for functions of a site. Throws `InputInvalid` in a region that is no site of the plan. */
export const loadSiteContext = async <Used extends PortName>(
  runtime: Runtime,
  workload: string,
  planHash: string | null,
  /** The ports that the function uses beyond the basic ones. */
  bring: Bring<Used>,
): Promise<SiteContext<Used>> => {
  const context = await loadContext(runtime, workload, planHash, bring);
  if (context.here === null) {
    throw new RecoveryError("InputInvalid", `${runtime.connection.region} is no site of "${workload}"`);
  }
  return { ...context, here: context.here };
};
