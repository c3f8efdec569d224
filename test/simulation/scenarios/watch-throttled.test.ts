import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * Five times the Scheduler does not start the primary's watch for a minute, and Lambda refuses its ticks for 36 s meanwhile.
 * 1. The watch was really gone: five firings are missing, and five times no run of it began for longer than it was refused.
 * 2. So was its own renewal, each time; the lease was kept alive all the same.
 * 3. Nothing moves: no execution, no act.
 * 4. Nothing is fenced: no write of a user fails, and no lease says so.
 */
const ran = specOf("watch-throttled");

const ROUNDS = 5;
const THROTTLED_MS = 36_000;

/** The times between neighbours, milliseconds. */
const gaps = (times: readonly number[]): readonly number[] => {
  const ordered = [...times].sort((left, right) => left - right);
  return ordered.slice(1).map((atMs, index) => atMs - (ordered[index] ?? atMs));
};

it("1. loses the watch five times", () => {
  const { scheduler, lambda } = ran().simulation.lab.cloud;
  const firings = scheduler.firings.filter(
    ({ region, schedule }) => region === "eu-west-1" && schedule.endsWith("watch"),
  );
  expect(gaps(firings.map(({ dueAtMs }) => dueAtMs)).filter((gapMs) => gapMs >= 120_000)).toHaveLength(
    ROUNDS,
  );
  const runs = lambda.invocations.filter(
    ({ region, functionName }) => region === "eu-west-1" && functionName.endsWith("-watch"),
  );
  const missing = gaps(runs.map(({ startedAtMs }) => startedAtMs)).filter((gapMs) => gapMs >= THROTTLED_MS);
  expect(missing).toHaveLength(ROUNDS);
});

it("2. misses the primary's own renewals each time, and keeps the lease alive", () => {
  const { leases, plan } = ran().evidence;
  const renewals = leases.filter(({ body }) => body.site === "ireland" && body.revision > 1);
  const own = renewals.filter(({ body }) => body.by === "ireland").map(({ atMs }) => atMs);
  expect(gaps(own).filter((gapMs) => gapMs >= THROTTLED_MS)).toHaveLength(ROUNDS);
  const all = gaps(renewals.map(({ atMs }) => atMs));
  expect(Math.max(...all)).toBeLessThan(plan.ledger.lease.durationMs - plan.ledger.lease.fenceWithinMs);
});

it("3. moves nothing", () => {
  expect(ran().outcomes).toEqual([]);
  expect(ran().acts).toEqual([]);
});

it("4. fences nothing", () => {
  expect(ran().failedWrites).toBe(0);
  expect(ran().evidence.leases.filter(({ body }) => body.fenced)).toEqual([]);
});
