import { keyOf } from "@lifeboat/lab/checks/acts";
import { expect, it } from "vitest";
import { absenceOf, specOf } from "./scenario-spec.ts";

/*
 * The witness region is lost for half an hour.
 * 1. No execution is started, nothing is touched.
 * 2. No write of a user fails.
 * 3. The primary goes on renewing its lease at the place that is left, and at both once the other is back.
 * 4. It was really gone: whatever was sent there from elsewhere in that time, renewals among it, had no answer.
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

it("4. was without it for half an hour", () => {
  const { lastedMs, unanswered, answered } = absenceOf(ran(), "eu-central-1");
  expect(lastedMs).toBe(1_800_000);
  expect(answered).toEqual([]);
  const renewals = unanswered.filter(
    (call) => keyOf(call) === "spacelift/lease" && call.origin.principal.endsWith("-watch@eu-west-1"),
  );
  // A beat comes every twelve seconds, and tries it at least at every second one.
  expect(renewals.length).toBeGreaterThan(60);
  const { leases, controlLosses, plan } = ran().evidence;
  const gone = controlLosses.find(({ region }) => region === "eu-central-1");
  const written = leases.filter(
    ({ bucket, atMs }) =>
      bucket === plan.ledger.witnessBucket && atMs > (gone?.fromMs ?? 0) && atMs < (gone?.untilMs ?? 0),
  );
  expect(written).toEqual([]);
});
