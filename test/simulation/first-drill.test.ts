import { checkInvariants, gatherEvidence } from "@lifeboat/lab/checks/check-run";
import { asOperator } from "@lifeboat/lab/scenarios/rare-paths/as-operator";
import { claimOf } from "@lifeboat/lab/claim-of";
import { CALM_MS, RECOVERY_WITHIN_MS, type Scenario, type Stage } from "@lifeboat/lab/scenarios/scenario";
import { simulate, type Simulation } from "@lifeboat/lab/simulate";
import { closedKey } from "@lifeboat/operations/switch-objects";
import { forSite, otherSite, type Site } from "@lifeboat/recovery/plan";
import { beforeAll, describe, expect, it } from "vitest";
import { exampleText, readValid } from "../unit/plan-example.ts";

/* The first drill as docs/deploy.md tells people to do it: out and back, by what a person can do at a console. */

const HOUR_MS = 3_600_000;

/** Step 1: the services that answer the probes run no task. */
const stopServices = async (stage: Stage, site: Site): Promise<void> => {
  for (const { clusters, service } of stage.lab.plan.services)
    await asOperator(stage, site.region, "ecs", "UpdateService", {
      cluster: forSite(clusters, site.name),
      service,
      desiredCount: 0,
    });
};

/** Step 2: what the watch may run at a time; with none it is throttled. */
const reserve = (stage: Stage, site: Site, count: number): Promise<void> =>
  asOperator(stage, site.region, "lambda", "PutFunctionConcurrency", {
    FunctionName: `lifeboat-${stage.lab.plan.workload}-watch`,
    ReservedConcurrentExecutions: count,
  });

const RESERVED = 5;

/** Steps 1 to 3, and the watch again afterwards: the workload moves away from a site. */
const moveAway = async (stage: Stage, from: Site): Promise<void> => {
  const { lab, wait, waitFor, tell, markOutage, startFailover } = stage;
  const to = otherSite(lab.plan, from.name);
  tell(`a drill: ${from.name} is stopped`);
  markOutage();
  await stopServices(stage, from);
  await reserve(stage, from, 0);
  await wait(180_000);
  tell("somebody starts the machine, whether it has started by itself or not");
  await startFailover(to.name, { workload: lab.plan.workload });
  await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => {
    const { activeSite, holder } = claimOf(lab);
    return activeSite === to.name && holder === null;
  });
  await reserve(stage, from, RESERVED);
};

const isProtected = ({ lab }: Stage): boolean => claimOf(lab).protection === "protected";

const firstDrill: Scenario = {
  name: "first-drill",
  summary: "people move a test workload to the other site and back",
  expected: "recovered",
  peopleOnCall: true,
  async run(stage) {
    const { lab, wait, waitFor } = stage;
    const { primary, standby } = lab.plan.sites;
    await wait(CALM_MS);
    await moveAway(stage, primary);
    await waitFor("protection", 4 * HOUR_MS, () => isProtected(stage));
    await wait(lab.plan.decision.cooldownMs);
    await moveAway(stage, standby);
    await waitFor("protection", 4 * HOUR_MS, () => isProtected(stage));
    await wait(120_000);
  },
};

describe("the first drill", () => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await simulate({ ...readValid(exampleText), seed: 1, scenario: firstDrill });
  }, 300_000);

  it("moves the workload out and back, and loses nothing on the way that is not reported", () => {
    const { recoveries, lab } = simulation;
    // Out by the switch, and back by it: what makes the next test one.
    const shifted = lab.wire.filter(
      ({ origin, operation }) => operation === "PutObject" && origin.principal.includes("-shift-traffic@"),
    );
    expect(new Set(shifted.map(({ region }) => region))).toEqual(new Set(["eu-west-1", "eu-west-3"]));
    expect(recoveries.filter(({ outcome }) => outcome === "recovered")).toHaveLength(2);
    expect(claimOf(lab)).toMatchObject({ activeSite: "ireland", protection: "protected" });
    expect(checkInvariants(gatherEvidence(lab)).map(({ message }) => message)).toEqual([]);
  });

  it("leaves the switches at rest, so that the next one begins as this one did", () => {
    const { plan, cloud } = simulation.lab;
    const present = plan.traffic.flatMap((traffic) =>
      traffic.type === "switch"
        ? Object.values(traffic.switches).flatMap(({ bucket, key }) =>
            [key, closedKey(key)].filter((one) => cloud.s3.read(bucket, one) !== undefined),
          )
        : [],
    );
    expect(present).toEqual([]);
  });

  it("was put in motion by the alarms, and who started the machine as well did no harm", () => {
    const outcomes = simulation.recoveries.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome !== "recovered")).toEqual(["refused", "refused"]);
  });
});
