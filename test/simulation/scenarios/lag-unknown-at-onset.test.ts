import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * Canaries stop 45 s before the primary is lost, while users' sessions go on writing and nothing replicates.
 * 1. What the last canary says is not taken for evidence: the loss is unknown, and no promotion begins by itself.
 * 2. A rejection ends the attempt at once.
 * 3. A person's override moves the workload once that person and a second one have signed, one of them on the page.
 * 4. The record says that the loss is unknown, and not that there was none.
 */
const ran = specOf("lag-unknown-at-onset");

it("1. asks people, because the loss is unknown", () => {
  const question = ran().evidence.notices[0]?.message;
  expect(question).toMatch(/the loss is unknown: .*took no canary for the last [\d.]+ s/);
});

it("2. is refused by the first rejection", () => {
  expect(ran().simulation.recoveries[0]).toMatchObject({
    outcome: "refused",
    reason: expect.stringMatching(/^rejected by \S+\/one: I have asked/),
  });
});

it("3. is moved by an override that a second person approved", () => {
  expect(ran().outcomes).toEqual(["refused", "recovered"]);
  const promotions = ran().evidence.wire.filter(({ operation }) => operation === "FailoverGlobalCluster");
  expect(promotions.map(({ origin }) => origin.execution)).toEqual([ran().evidence.executions[1]?.arn]);
});

it("4. does not pretend to know the loss", () => {
  expect(ran().simulation.result.rpoMs).toBeNull();
  expect(ran().simulation.result.lost.writes).toBeGreaterThan(10);
});
