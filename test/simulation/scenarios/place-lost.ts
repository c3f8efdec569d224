import { keyOf } from "@lifeboat/lab/checks/acts";
import { expect } from "vitest";
import { absenceOf, type Ran } from "./scenario-spec.ts";

/** The active site renewed its lease all the time, at either place or both, and does so at both in the end. */
export const expectLeaseKept = ({ evidence }: Ran): void => {
  const { leases, plan, endedAtMs } = evidence;
  const times = leases.filter(({ body }) => body.site === "ireland").map(({ atMs }) => atMs);
  const ordered = [...times].sort((left, right) => left - right).slice(3);
  const gaps = ordered.map((atMs, index) => atMs - (ordered[index - 1] ?? atMs));
  expect(Math.max(...gaps)).toBeLessThan(plan.ledger.lease.durationMs / 2);
  for (const bucket of [plan.ledger.witnessBucket, plan.ledger.buckets["paris"]])
    expect(leases.findLast((lease) => lease.bucket === bucket)?.atMs).toBeGreaterThan(endedAtMs - 30_000);
};

/** A region was away for half an hour, with the lease that is kept in `bucket` there: nothing reached it, nothing was written. */
export const expectHalfAnHourWithout = (ran: Ran, region: string, bucket: string | undefined): void => {
  const { lastedMs, unanswered, answered } = absenceOf(ran, region);
  expect(lastedMs).toBe(1_800_000);
  expect(answered).toEqual([]);
  const renewals = unanswered.filter(
    (call) => keyOf(call) === "spacelift/lease" && call.origin.principal.endsWith("-watch@eu-west-1"),
  );
  // A beat comes every twelve seconds, and tries it at least at every second one.
  expect(renewals.length).toBeGreaterThan(60);
  const { leases, controlLosses } = ran.evidence;
  const gone = controlLosses.find((loss) => loss.region === region);
  const kept = leases.filter((lease) => lease.bucket === bucket);
  expect(kept).not.toEqual([]);
  expect(kept.filter(({ atMs }) => atMs > (gone?.fromMs ?? 0) && atMs < (gone?.untilMs ?? 0))).toEqual([]);
};
