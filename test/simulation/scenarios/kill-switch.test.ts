import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * The kill switch is on when the primary is lost, is lifted, and is turned on again in the middle of the promotion.
 * 1. While it is on nothing starts.
 * 2. Once it is lifted the failover starts by itself.
 * 3. Turned on again it makes the failover hold: no act until it is lifted and a person has answered.
 * 4. Then the failover goes on where it stood and ends recovered.
 * 5. The time in which nothing was allowed to start, and the hold, are people's, and no overhead of the control plane.
 */
const ran = specOf("kill-switch");

const switchedAtMs = (index: number): number => ran().evidence.switches[index]?.atMs ?? Number.NaN;

it("1. starts nothing while it is on, and 2. starts once it is lifted", () => {
  const { executions } = ran().evidence;
  expect(executions).toHaveLength(1);
  expect(executions[0]?.startedAtMs).toBeGreaterThan(switchedAtMs(2));
});

it("3. holds while it is on again", () => {
  const { acts, notices } = ran();
  expect(notices).toEqual([
    expect.stringMatching(/^spacelift: hold needed/),
    "spacelift: recovered, ireland to paris",
  ]);
  expect(acts.filter(({ atMs }) => atMs > switchedAtMs(3) && atMs < switchedAtMs(4))).toEqual([]);
});

it("4. ends recovered", () => expect(ran().outcomes).toEqual(["recovered"]));

it("5. counts what the kill switch took as people's", () => {
  const { humanWaitMs, overheadMs } = ran().simulation.result;
  const askedAtMs = ran().evidence.notices[0]?.atMs ?? Number.NaN;
  const forbiddenMs = switchedAtMs(2) - switchedAtMs(1);
  const heldForMs = switchedAtMs(4) - askedAtMs;
  expect(humanWaitMs).toBeGreaterThan(forbiddenMs + heldForMs - 10_000);
  expect(humanWaitMs).toBeLessThan(forbiddenMs + heldForMs + 10_000);
  expect(overheadMs).toBeLessThanOrEqual(15_000);
});
