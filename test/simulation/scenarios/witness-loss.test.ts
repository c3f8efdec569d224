import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * The witness region is lost for half an hour.
 * 1. No execution is started, nothing is touched.
 * 2. No write of a user fails.
 * 3. The primary goes on renewing its lease at the place that is left, and at both once the other is back.
 */
const ran = specOf("witness-loss");

it("1. moves nothing", () => {
  expect(ran().outcomes).toEqual([]);
  expect(ran().acts).toEqual([]);
});

it("2. stops nothing", () => expect(ran().failedWrites).toBe(0));

it("3. keeps the lease alive", () => {
  const { leases, plan, endedAtMs } = ran().evidence;
  const times = leases.filter(({ body }) => body.site === "ireland").map(({ atMs }) => atMs);
  const ordered = [...times].sort((left, right) => left - right).slice(3);
  const gaps = ordered.map((atMs, index) => atMs - (ordered[index - 1] ?? atMs));
  expect(Math.max(...gaps)).toBeLessThan(plan.ledger.lease.durationMs / 2);
  for (const bucket of [plan.ledger.witnessBucket, plan.ledger.buckets["paris"]])
    expect(leases.findLast((lease) => lease.bucket === bucket)?.atMs).toBeGreaterThan(endedAtMs - 30_000);
});
