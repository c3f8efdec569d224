import { expect, it } from "vitest";
import { enteredAtMs } from "@lifeboat/lab/checks/read-execution";
import { specOf } from "./scenario-spec.ts";

/*
 * Canaries stop 45 s before the primary is lost, while users' sessions go on writing and nothing replicates.
 * 1. What the last canary says is not taken for evidence: the loss is unknown, and people are asked.
 * 2. The execution is held until they have answered: for half an hour it claims nothing and touches nothing.
 * 3. One person's word is not enough where the plan wants two: a quarter of an hour after it nothing has moved.
 * 4. Two people's override moves the workload, by the execution that was held; no second one is needed.
 * 5. Both have signed, and what they were asked to accept is an unknown loss.
 * 6. The record says that the loss is unknown, and not that there was none.
 */
const ran = specOf("lag-unknown-at-onset");
const HELD_MS = 1_800_000;

const askedAtMs = (): number => ran().evidence.notices[0]?.atMs ?? Number.NaN;

it("1. asks people, because the loss is unknown", () => {
  const question = ran().evidence.notices[0]?.message;
  expect(question).toMatch(/the loss is unknown: .*took no canary for the last [\d.]+ s/);
});

it("2. holds, and 3. goes on holding when one has answered", () => {
  const { claims, executions } = ran().evidence;
  const untilMs = askedAtMs() + HELD_MS;
  expect(ran().acts.filter(({ atMs }) => atMs > askedAtMs() && atMs < untilMs)).toEqual([]);
  expect(claims.filter(({ atMs, body }) => body.epoch > 1 && atMs < untilMs)).toEqual([]);
  const [held] = executions;
  if (held === undefined) throw new Error("no execution");
  expect(enteredAtMs(held, "ClaimEpoch")[0]).toBeGreaterThan(untilMs);
});

it("4. is moved by the execution that was held", () => {
  expect(ran().outcomes).toEqual(["recovered"]);
  const promotions = ran().evidence.wire.filter(({ operation }) => operation === "FailoverGlobalCluster");
  expect(promotions.map(({ origin }) => origin.execution)).toEqual([ran().evidence.executions[0]?.arn]);
});

it("5. has two people behind it, who knew what they were asked", () => {
  const signers = ran().evidence.signatures.map(({ arn }) => arn.split("/").at(-1));
  expect(new Set(signers)).toEqual(new Set(["one", "two"]));
  const record = ran().evidence.records.at(-1)?.body;
  expect(record).toMatchObject({ outcome: "recovered", execution: ran().evidence.executions[0]?.arn });
});

it("6. does not pretend to know the loss", () => {
  expect(ran().simulation.result.rpoMs).toBeNull();
  expect(ran().simulation.result.lost.writes).toBeGreaterThan(10);
});
