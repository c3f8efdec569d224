import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * The paths to the primary come and go two dozen times, half a minute each; users reach it all the time.
 * 1. Alarms go off with every flap.
 * 2. Nothing moves: what is started, if anything, finds that nothing is needed; nothing is touched.
 * 3. Nobody is woken, and users notice nothing.
 */
const ran = specOf("alarm-flapping");

it("1. raises alarms again and again", () => {
  const raised = ran().evidence.events.filter(
    ({ event }) =>
      event["detail-type"] === "CloudWatch Alarm State Change" &&
      (event.detail as { state: { value: string } }).state.value === "ALARM",
  );
  expect(raised.length).toBeGreaterThan(8);
});

it("2. moves nothing", () => {
  expect(ran().outcomes.filter((outcome) => outcome !== "not-needed")).toEqual([]);
  expect(ran().acts).toEqual([]);
});

it("3. wakes nobody, and stops nothing", () => {
  expect(ran().notices).toEqual([]);
  expect(ran().failedWrites).toBe(0);
});
