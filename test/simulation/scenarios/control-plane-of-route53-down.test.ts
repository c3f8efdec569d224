import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * us-east-1 is lost, and with it every change of a DNS record; then the primary is lost.
 * 1. The workload recovers within its objective all the same.
 * 2. Nobody has called Route 53's API, not even in vain.
 */
const ran = specOf("control-plane-of-route53-down");

it("1. recovers within the objective", () => {
  const { result, objectives } = ran().simulation;
  expect(result.outcome).toBe("recovered");
  expect(result.rtoMs).toBeLessThanOrEqual(objectives.rtoMs);
});

it("2. calls no Route 53", () => {
  expect(ran().evidence.wire.filter(({ service }) => service === "route-53")).toEqual([]);
});
