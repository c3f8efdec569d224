import { expect, it } from "vitest";
import { expectHalfAnHourWithout, expectLeaseKept } from "./place-lost.ts";
import { specOf } from "./scenario-spec.ts";

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

it("3. keeps the lease alive", () => expectLeaseKept(ran()));

it("4. was without it for half an hour", () =>
  expectHalfAnHourWithout(ran(), "eu-central-1", ran().evidence.plan.ledger.witnessBucket));
