import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * After the failover the old primary comes back as it went: database writable, services running.
 * 1. Its database commits nothing of a user's any more.
 * 2. No user is answered by it.
 * 3. Its services and workers are sent to rest, and it becomes the standby of the new primary.
 * 4. People are told what was found: who had kept writing, and what became of the old volume.
 */
const ran = specOf("old-primary-wakes");

const backAtMs = (): number => {
  const { evidence } = ran();
  return evidence.executions[0]?.stoppedAtMs ?? Number.NaN;
};

it("1. commits nothing at the old primary", () => {
  const late = ran().evidence.commits.filter(
    ({ region, atMs }) => region === "eu-west-1" && atMs > backAtMs(),
  );
  expect(late).toEqual([]);
});

it("2. answers every user from the new primary", () => {
  const after = ran().evidence.rows.filter(({ sentAtMs }) => sentAtMs > backAtMs());
  expect(after.length).toBeGreaterThan(1000);
  const elsewhere = after.filter(
    ({ outcome }) =>
      outcome.type === "failed" || (outcome.type === "acknowledged" && outcome.region !== "eu-west-3"),
  );
  expect(elsewhere).toEqual([]);
});

it("3. puts the old primary to rest and lets it protect the new one", () => {
  const { lab } = ran().simulation;
  expect(lab.ecs.runningTasks("eu-west-1", "spacelift", "spacelift-server")).toEqual([]);
  expect(lab.scaling.instancesInService("eu-west-1", "spacelift-workers-ireland")).toEqual([]);
  expect(ran().evidence.claims.at(-1)?.body).toMatchObject({ activeSite: "paris", protection: "protected" });
});

it("4. reports what it found", () => {
  expect(ran().notices).toEqual([
    "spacelift: recovered, ireland to paris",
    expect.stringMatching(/^spacelift: protected again by ireland/),
  ]);
});
