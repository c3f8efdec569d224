import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * A loss above the limit needs two people. One orders the failover and accepts the loss.
 * 1. His own approval of his own order does not count: another person is asked for.
 * 2. Nothing is touched until a second person has agreed.
 * 3. Then the workload moves.
 */
const ran = specOf("override-two-persons");

it("1. asks once more after the orderer's own approval", () => {
  const questions = ran().evidence.notices.filter(({ subject }) => subject?.includes("approval needed"));
  expect(questions).toHaveLength(3);
  expect(questions[2]?.message).toMatch(/approved by one, and another person has to/);
});

it("2. touches nothing before the second person", () => {
  const { acts, evidence } = ran();
  const lastQuestion = evidence.notices.findLast(({ subject }) => subject?.includes("approval needed"));
  expect(acts.filter(({ atMs }) => atMs < (lastQuestion?.atMs ?? Number.POSITIVE_INFINITY))).toEqual([]);
});

it("3. moves then", () => expect(ran().outcomes).toEqual(["refused", "recovered"]));
