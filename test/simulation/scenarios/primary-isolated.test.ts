import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * The primary lives and users reach it, but it reaches neither the standby nor the witness. Half an hour after the failover
 * the paths are back.
 * 1. The primary's database stops taking writes before its lease has run out for anybody, and before the promotion is asked for.
 * 2. Then the standby takes over; at no time do two write (the checkers look at every commit).
 * 3. Users lose no more than the record says, and the record says no more than the plan's limit.
 * 4. When the paths are back the old primary serves nobody: its services rest, its database is a secondary again.
 */
const ran = specOf("primary-isolated");

it("1. fences itself before its lease ends and before anything is promoted", () => {
  const { commits, leases, wire, plan } = ran().evidence;
  const lastCommit = commits.findLast(({ region }) => region === "eu-west-1")?.atMs ?? Number.NaN;
  const lastRenewal =
    leases.findLast(({ body }) => body.site === "ireland" && body.epoch === 1)?.atMs ?? Number.NaN;
  const { durationMs, fenceWithinMs } = plan.ledger.lease;
  expect(lastCommit).toBeLessThanOrEqual(lastRenewal + durationMs - fenceWithinMs);
  const promotedAtMs = wire.find(({ operation }) => operation === "FailoverGlobalCluster")?.atMs;
  expect(promotedAtMs).toBeGreaterThan(lastRenewal + durationMs);
});

it("2. is recovered to the standby, by one execution", () => {
  expect(ran().outcomes).toEqual(["recovered"]);
  expect(ran().servedFrom).toEqual(["eu-west-1", "eu-west-3"]);
});

it("3. reports at least what users lost, and stays within the limit", () => {
  const { result, lab } = ran().simulation;
  expect(result.lost.writes).toBeGreaterThan(10);
  expect(result.rpoMs?.max).toBeGreaterThanOrEqual(result.lost.spanMs.max);
  expect(result.rpoMs?.max).toBeLessThanOrEqual(lab.plan.decision.lossLimitMs);
});

it("4. leaves the old primary at rest, as a secondary", () => {
  const { ecs, rds } = ran().simulation.lab;
  expect(ecs.runningTasks("eu-west-1", "spacelift", "spacelift-server")).toEqual([]);
  expect(rds.cluster("eu-west-1", "spacelift-ireland").database.mode()).toBe("read-only");
  expect(rds.global("spacelift").writer.region).toBe("eu-west-3");
});
