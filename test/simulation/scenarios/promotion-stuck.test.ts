import { expect, it } from "vitest";
import { namesOf, specOf } from "./scenario-spec.ts";

/*
 * The database's failover is stuck for forty minutes, longer than the step waits.
 * 1. The execution holds, in the phase in which it stands, and asks a person by notice.
 * 2. While it holds nothing is undone and nothing is tried again.
 * 3. The answer resumes it where it stood: the promotion is asked for once in all.
 * 4. It ends recovered; the time that people took is accounted as theirs.
 */
const ran = specOf("promotion-stuck");

it("1. asks a person in phase promote", () => {
  expect(ran().notices).toEqual([
    "spacelift: hold needed, promote",
    "spacelift: recovered, ireland to paris",
  ]);
});

it("2. does nothing while it holds", () => {
  const { acts, evidence } = ran();
  const askedAtMs = evidence.notices[0]?.atMs ?? Number.NaN;
  const meanwhile = acts.filter(({ atMs }) => atMs > askedAtMs && atMs < askedAtMs + 1_200_000);
  expect(meanwhile).toEqual([]);
});

it("3. asks for the promotion once", () => {
  expect(namesOf(ran().acts).filter((name) => name === "rds:FailoverGlobalCluster")).toHaveLength(1);
});

it("4. ends recovered, and knows what people took", () => {
  expect(ran().outcomes).toEqual(["recovered"]);
  expect(ran().simulation.result.humanWaitMs).toBeGreaterThan(1_000_000);
});
