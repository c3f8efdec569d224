import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * The standby's copy is 90 s behind when the primary is lost; the plan's limit is 60 s.
 * 1. Nothing is promoted before two people have accepted the loss.
 * 2. The question says how much would be lost.
 * 3. The record's interval holds what users really lost.
 */
const ran = specOf("lag-above-limit");

it("1. promotes only after two approvals", () => {
  const { evidence, notices, outcomes } = ran();
  expect(outcomes).toEqual(["recovered"]);
  expect(notices.slice(0, 2)).toEqual([
    "spacelift: approval needed, approve",
    "spacelift: approval needed, approve",
  ]);
  const promotedAtMs = evidence.wire.find(({ operation }) => operation === "FailoverGlobalCluster")?.atMs;
  expect(promotedAtMs).toBeGreaterThan(evidence.notices[1]?.atMs ?? Number.POSITIVE_INFINITY);
});

it("2. says how much would be lost", () => {
  expect(ran().evidence.notices[0]?.message).toMatch(
    /the loss is [\d.]+ s to [\d.]+ s, above the limit of 60/,
  );
});

it("3. reports what was lost", () => {
  const { rpoMs, lost } = ran().simulation.result;
  expect(lost.spanMs.min).toBeGreaterThan(80_000);
  expect(rpoMs?.max).toBeGreaterThanOrEqual(lost.spanMs.max);
});
