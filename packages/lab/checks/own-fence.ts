import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import { deployedName } from "@lifeboat/control-plane/names";
import { sitesOf, type RecoveryPlan, type Site } from "@lifeboat/recovery/plan";
import { bucketOf, inputOf, keyOf, ledgerBuckets } from "./acts.ts";
import type { Evidence } from "./evidence.ts";

/** From the decision to stop the site until its act: a container's start, and the longest that acts on a site go on. */
const ACT_WITHIN_MS = 70_000;
/** What a site's clock may be fast by, and what a renewal that was being sent may take. */
const SLACK_MS = 5000;

/** Does the call send services or workers of the plan to the count of a passive site, or below? */
const isToRest = (plan: RecoveryPlan, call: WireRecord): boolean => {
  const asked = inputOf(call);
  if (call.service === "ecs") {
    const entry = plan.services.find(({ service }) => service === asked["service"]);
    return entry !== undefined && Number(asked["desiredCount"]) <= entry.passiveCount;
  }
  if (call.service !== "auto-scaling") return false;
  const worker = plan.workers.find(({ groups }) =>
    Object.values(groups).includes(String(asked["AutoScalingGroupName"])),
  );
  return worker !== undefined && Number(asked["DesiredCapacity"]) <= worker.passiveCount;
};

/** When renewals that the site's own watch sent were answered, by the wire, in order. */
const renewedAtMs = (
  { plan, wire }: Pick<Evidence, "plan" | "wire">,
  { region }: Site,
): readonly number[] => {
  const watch = `function/${deployedName(plan.workload, "watch")}@${region}`;
  const buckets = ledgerBuckets(plan);
  return wire
    .filter(
      (call) =>
        call.origin.principal === watch &&
        call.operation === "PutObject" &&
        buckets.has(bucketOf(call)) &&
        keyOf(call) === `${plan.workload}/lease` &&
        call.outcome.type === "answered",
    )
    .map(({ endedAtMs }) => endedAtMs)
    .sort((left, right) => left - right);
};

/** Was there a time, shortly before, in which the site had gone unrenewed for as long as a fence takes to be due? */
const wentUnrenewed = (evidence: Pick<Evidence, "plan" | "wire">, site: Site, atMs: number): boolean => {
  const { durationMs, fenceWithinMs } = evidence.plan.ledger.lease;
  const dueMs = durationMs - fenceWithinMs - SLACK_MS;
  const times = [Number.NEGATIVE_INFINITY, ...renewedAtMs(evidence, site)].filter((one) => one <= atMs);
  return times.some((sinceMs, index) => {
    const untilMs = times[index + 1] ?? atMs;
    return untilMs - sinceMs >= dueMs && untilMs >= atMs - ACT_WITHIN_MS;
  });
};

/** Did the ledger say, shortly before, that the workload is served elsewhere, or is being moved away from the site? */
const wasNotOurs = ({ claims }: Pick<Evidence, "claims">, { name }: Site, atMs: number): boolean =>
  claims.some(({ atMs: sinceMs, body }, index) => {
    const untilMs = claims[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    const isElsewhere =
      body.activeSite !== name ||
      (body.holder !== null && body.holder.from === name && body.holder.site !== name);
    return isElsewhere && sinceMs <= atMs && untilMs >= atMs - ACT_WITHIN_MS;
  });

/**
 * A site that may not serve sends its own compute to rest: that is the fence, without which the lease would be worth
 * nothing, and it goes on under the kill switch as renewals do. It is one only where the function for it makes it, in its own region, on
 * behalf of no execution, and where the site had a reason: it could not renew for so long that a fence was due, or the ledger
 * had the workload elsewhere or on its way.
 */
export const isOwnFence = (
  evidence: Pick<Evidence, "plan" | "wire" | "claims">,
  call: WireRecord,
): boolean => {
  const { plan } = evidence;
  const { origin, region, atMs } = call;
  const site = sitesOf(plan).find((candidate) => candidate.region === region);
  if (site === undefined || origin.execution !== undefined || !isToRest(plan, call)) return false;
  if (origin.principal !== `function/${deployedName(plan.workload, "tend-services")}@${region}`) return false;
  return wasNotOurs(evidence, site, atMs) || wentUnrenewed(evidence, site, atMs);
};
