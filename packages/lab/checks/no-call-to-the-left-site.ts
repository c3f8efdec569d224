import { siteNamed } from "@lifeboat/recovery/plan";
import { callsOf, nameOf } from "./acts.ts";
import { tenuresIn } from "./epoch-at-every-act.ts";
import type { Checker } from "./evidence.ts";
import { exitedAtMs } from "./read-execution.ts";

/**
 * Static stability (invariant 11): from the claim to the end of the traffic shift an execution calls nothing in the region
 * that it moves away from, whether or not that region answers; any such call may block.
 */
export const noCallToTheLeftSite: Checker = (evidence) => {
  const { plan, claims, executions } = evidence;
  return tenuresIn(evidence).flatMap(({ execution: arn, epoch, fromMs, untilMs }) => {
    const execution = executions.find((candidate) => candidate.arn === arn);
    const from = claims.find(({ body }) => body.epoch === epoch && body.holder !== null)?.body.holder?.from;
    if (execution === undefined || from === undefined) return [];
    const shiftedAtMs = Math.min(untilMs, exitedAtMs(execution, "ShiftTraffic").at(-1) ?? untilMs);
    const { region } = siteNamed(plan, from);
    return callsOf(evidence, arn)
      .filter((record) => record.region === region && record.atMs > fromMs && record.atMs < shiftedAtMs)
      .map((record) => ({
        invariant: "no-call-to-the-left-site",
        message: `${nameOf(record)} by ${record.origin.principal} between the claim and the traffic shift`,
        atMs: record.atMs,
      }));
  });
};
