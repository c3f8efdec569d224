import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import { actsIn, isOurs } from "@lifeboat/lab/checks/acts";
import { gatherEvidence, type Evidence } from "@lifeboat/lab/checks/check-run";
import type { Simulation } from "@lifeboat/lab/simulate";
import type { Outcome } from "@lifeboat/recovery/outcome";
import { beforeAll, expect, it } from "vitest";
import { runScenario } from "../run-scenario.ts";

/** A scenario's run, and the questions that specs ask of it. */
export interface Ran {
  readonly simulation: Simulation;
  readonly evidence: Evidence;
  /** How the executions ended, in their order. */
  readonly outcomes: readonly string[];
  /** Mutating calls on the workload by Lifeboat's own functions. */
  readonly acts: readonly WireRecord[];
  readonly failedWrites: number;
  /** Regions that acknowledged users' writes, in the order of their first. */
  readonly servedFrom: readonly string[];
  readonly notices: readonly (string | undefined)[];
}

/**
 * Runs the scenario once for the file's expectations. The run itself fails on any violation of an invariant and on any call
 * that AWS would not take; what is expected of every scenario is expected here.
 */
export const specOf = (
  name: string,
  /** A plan that is not the example's, and how the scenario ends with it. */
  other?: { readonly planText: string; readonly outcome: Outcome },
): (() => Ran) => {
  let ran: Ran | undefined;
  beforeAll(async () => {
    const simulation = await runScenario(name, other === undefined ? {} : { planText: other.planText });
    const evidence = gatherEvidence(simulation.lab);
    ran = {
      simulation,
      evidence,
      outcomes: simulation.recoveries.map(({ outcome }) => outcome),
      // An execution that is started has touched nothing yet.
      acts: actsIn(evidence).filter((record) => isOurs(record) && record.service !== "sfn"),
      failedWrites: evidence.rows.filter(({ outcome }) => outcome.type === "failed").length,
      servedFrom: [
        ...new Set(
          evidence.rows.flatMap(({ outcome }) => (outcome.type === "acknowledged" ? [outcome.region] : [])),
        ),
      ],
      notices: evidence.notices.map(({ subject }) => subject),
    };
  });
  const get = (): Ran => {
    if (ran === undefined) throw new Error(`${name} did not run`);
    return ran;
  };
  it("ends as its catalogue entry says", () => {
    expect(get().simulation.result.outcome).toBe(other?.outcome ?? get().simulation.expected);
  });
  return get;
};

/** `rds:FailoverGlobalCluster`, of each call. */
export const namesOf = (calls: readonly WireRecord[]): readonly string[] =>
  calls.map(({ service, operation }) => `${service}:${operation}`);

/** The one time for which a region was away, and what became of calls that were sent there from elsewhere meanwhile. */
export const absenceOf = (
  { evidence }: Ran,
  region: string,
): {
  readonly lastedMs: number;
  readonly unanswered: readonly WireRecord[];
  readonly answered: readonly WireRecord[];
} => {
  const losses = evidence.controlLosses.filter((loss) => loss.region === region);
  expect(losses).toHaveLength(1);
  const { fromMs = 0, untilMs = 0 } = losses[0] ?? {};
  const sent = evidence.wire.filter(
    (call) =>
      call.region === region &&
      call.origin.place !== region &&
      call.atMs >= fromMs &&
      call.endedAtMs <= untilMs,
  );
  return {
    lastedMs: untilMs - fromMs,
    unanswered: sent.filter(({ outcome }) => outcome.type === "no-answer"),
    answered: sent.filter(({ outcome }) => outcome.type !== "no-answer"),
  };
};
