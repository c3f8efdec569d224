import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { actsIn, isOurs, nameOf } from "./acts.ts";
import type { Checker } from "./evidence.ts";

/** A call that was allowed just before may still be sent: one look at the ledger takes no longer than this. */
const ON_ITS_WAY_MS = 5000;

/**
 * A site that may not serve sends its own compute to rest: that is the fence, without which the lease would be worth
 * nothing. It stops things, and goes on under the kill switch as renewals do.
 */
const isOwnFence = (plan: RecoveryPlan, { service, input, origin, region }: WireRecord): boolean => {
  const asked = input as Readonly<Record<string, unknown>>;
  if (origin.execution !== undefined || origin.place !== region) return false;
  if (service === "ecs") {
    const entry = plan.services.find((candidate) => candidate.service === asked["service"]);
    return entry !== undefined && Number(asked["desiredCount"]) <= entry.passiveCount;
  }
  if (service !== "auto-scaling") return false;
  const worker = plan.workers.find((candidate) =>
    Object.values(candidate.groups).includes(String(asked["AutoScalingGroupName"])),
  );
  return worker !== undefined && Number(asked["DesiredCapacity"]) <= worker.passiveCount;
};

/** The kill switch stops all automation at once (invariant 14): no act and no new claim while it is on. */
export const killSwitchStopsActs: Checker = (evidence) => {
  const { plan, switches, claims } = evidence;
  const onAt = (atMs: number): boolean => {
    const last = switches.findLast((version) => version.atMs <= atMs);
    return last?.body.on === true && last.atMs + ON_ITS_WAY_MS < atMs;
  };
  const acts = actsIn(evidence).filter(
    (record) => isOurs(record) && onAt(record.atMs) && !isOwnFence(plan, record),
  );
  const newClaims = claims.filter(
    ({ atMs, body }, index) => onAt(atMs) && body.epoch > (claims[index - 1]?.body.epoch ?? body.epoch),
  );
  return [
    ...acts.map((record) => ({
      invariant: "kill-switch-stops-acts",
      message: `${nameOf(record)} by ${record.origin.principal} under the kill switch`,
      atMs: record.atMs,
    })),
    ...newClaims.map(({ atMs, body }) => ({
      invariant: "kill-switch-stops-acts",
      message: `epoch ${body.epoch} was claimed under the kill switch`,
      atMs,
    })),
  ];
};
