import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * The primary is cut off from everybody, users included, for 43 seconds.
 * 1. Whatever is asked for finds, before its claim, that the primary has renewed: nothing is needed.
 * 2. Nothing of the workload is touched, and no epoch is opened.
 * 3. Users are served by the primary before and after, and by nobody else; all that was acknowledged is there.
 * 4. Nobody is woken.
 */
const ran = specOf("partition-43s");

it("1. starts at most one execution, which finds that nothing is needed", () => {
  expect(ran().outcomes.filter((outcome) => outcome !== "not-needed")).toEqual([]);
  expect(ran().outcomes.length).toBeLessThanOrEqual(1);
});

it("2. touches nothing and opens no epoch", () => {
  expect(ran().acts).toEqual([]);
  expect(
    ran()
      .evidence.claims.map(({ body }) => body.epoch)
      .filter((epoch) => epoch !== 1),
  ).toEqual([]);
});

it("3. leaves users with the primary, and all that it acknowledged", () => {
  const { servedFrom, failedWrites, evidence } = ran();
  expect(servedFrom).toEqual(["eu-west-1"]);
  expect(failedWrites).toBeGreaterThan(0);
  const last = evidence.rows.at(-5);
  expect(last?.outcome.type).toBe("acknowledged");
  const missing = evidence.rows.filter(
    ({ outcome, sequence }) => outcome.type === "acknowledged" && !evidence.survived.has(sequence),
  );
  expect(missing).toEqual([]);
});

it("4. wakes nobody", () => expect(ran().notices).toEqual([]));
