import type { ExecutionEvidence, Notice } from "@lifeboat/lab/checks/evidence";
import { enteredAtMs, verdictsIn } from "@lifeboat/lab/checks/read-execution";
import { forSite } from "@lifeboat/recovery/plan";
import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * A loss above the limit needs two people. One orders the failover in his own name, accepts the loss, and signs.
 * 1. One signature is not enough, nor is the name in the order: another person is asked for.
 * 2. The same person on the page is the same person: one record, and no further question.
 * 3. A forged SendTaskSuccess wakes the machine, and it counts one person as before.
 * 4. Nothing is touched until a second person has signed.
 * 5. Then the workload moves, after the standby has been looked at once more.
 */
const ran = specOf("override-two-persons");

const questions = (): readonly Notice[] =>
  ran().evidence.notices.filter(({ subject }) => subject?.includes("approval needed"));

const second = (): ExecutionEvidence => {
  const [, execution] = ran().evidence.executions;
  if (execution === undefined) throw new Error("there was no second execution");
  return execution;
};

it("1. asks for another person after the first signature", () => {
  expect(questions()).toHaveLength(3);
  expect(questions()[1]?.message).not.toMatch(/Approved by/);
  expect(questions()[2]?.message).toMatch(/Approved by \S+\/one, and another person has to/);
});

it("2. keeps one record of each person", () => {
  const { plan, cloud } = ran().simulation.lab;
  const keys = [...cloud.s3.bucket(forSite(plan.ledger.buckets, "paris")).objects.keys()].filter((key) =>
    /\/approvals\/person-.*\/answers\//.test(key),
  );
  expect(keys.map((key) => key.split("/").at(-1))).toEqual([
    "session~3a-one.approve.json",
    "session~3a-two.approve.json",
  ]);
});

it("3. counts one person until the second has signed, whatever wakes it", () => {
  const before = verdictsIn(second()).slice(0, -1);
  // Two bells, two looks by itself in a quarter of an hour at the least, and the forger.
  expect(before.length).toBeGreaterThanOrEqual(4);
  expect(before.every(({ verdict, persons }) => verdict === "waiting" && persons === 1)).toBe(true);
  expect(verdictsIn(second()).at(-1)).toMatchObject({ verdict: "approve", persons: 2 });
});

it("4. touches nothing before the second person", () => {
  const { acts, evidence } = ran();
  const signedAtMs = evidence.wire.findLast(({ origin }) => origin.principal === "person/two")?.atMs;
  expect(signedAtMs).toBeGreaterThan(0);
  expect(acts.filter(({ atMs }) => atMs < (signedAtMs ?? 0))).toEqual([]);
});

it("5. moves then, after another look at the standby", () => {
  expect(ran().outcomes).toEqual(["refused", "recovered"]);
  expect(enteredAtMs(second(), "Reassess")).toHaveLength(1);
});
