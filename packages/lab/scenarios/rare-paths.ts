import type { Lab } from "../create-lab.ts";
import { forSite } from "@lifeboat/recovery/plan";
import { lagUnknownAtOnset } from "./lag-unknown-at-onset.ts";
import {
  CALM_MS,
  executionsOf,
  hasEnded,
  RECOVERY_WITHIN_MS,
  type Scenario,
  type Stage,
} from "./scenario.ts";
import { secondRegionLoss } from "./second-region-loss.ts";

/*
 * Paths that the catalogue's scenarios do not take, and for which roles have permissions all the same. They are for tests of
 * the roles; whoever wants to see a recovery finds one in the catalogue.
 */

/** A call by a person at the console, who waits for the answer. */
const asOperator = async (
  { lab, waitFor }: Stage,
  region: string,
  service: string,
  operation: string,
  input: Record<string, unknown>,
): Promise<void> => {
  let isOver = false;
  const called = lab.cloud
    .call({ service, operation, region, input, origin: { place: region, principal: "operator" } })
    .finally(() => {
      isOver = true;
    });
  await waitFor(operation, 60_000, () => isOver);
  await called;
};

const trafficHasMoved = (lab: Lab): boolean =>
  lab.wire.some(
    ({ origin, operation }) => operation === "PutObject" && origin.principal.includes("-shift-traffic@"),
  );

/** The lost region answers again while the recovery still runs: it is retired by the execution itself. */
export const backEarly: Scenario = {
  name: "back-early",
  summary: "the lost region is back before the recovery is over, and is retired at once",
  expected: "recovered",
  peopleOnCall: true,
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { region } = lab.plan.sites.primary;
    const { network } = lab.cloud.world;
    await wait(CALM_MS);
    markOutage();
    tell(`${region} is lost`);
    network.lose(region);
    await waitFor("traffic to move", RECOVERY_WITHIN_MS, () => trafficHasMoved(lab));
    tell(`${region} is back before the recovery is over`);
    network.restore(region);
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(60_000);
  },
};

/** Groups of workers whose least size somebody has raised, in a site that fences itself and is reachable again early. */
export const raisedFloors: Scenario = {
  name: "raised-floors",
  summary: "the primary is cut off, and its workers may not be as few as the plan wants them",
  expected: "recovered",
  peopleOnCall: true,
  async run(stage) {
    const { lab, wait, waitFor, tell, markOutage } = stage;
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { primary, standby } = plan.sites;
    const others = [standby.region, plan.witness.region];
    await wait(CALM_MS);
    const raise = async (): Promise<void> => {
      for (const worker of plan.workers) {
        await asOperator(stage, primary.region, "auto-scaling", "UpdateAutoScalingGroup", {
          AutoScalingGroupName: forSite(worker.groups, primary.name),
          MinSize: worker.activeCount,
          MaxSize: 2 * worker.activeCount,
        });
      }
    };
    await raise();
    markOutage();
    tell(`${primary.region} is cut off from ${others.join(" and ")}`);
    for (const other of others) network.cut(primary.region, other);
    await waitFor("the primary to fence itself", RECOVERY_WITHIN_MS, () =>
      lab.wire.some(
        ({ operation, origin }) =>
          operation === "UpdateAutoScalingGroup" && origin.principal.includes("-watch@"),
      ),
    );
    await raise();
    await waitFor("traffic to move", RECOVERY_WITHIN_MS, () => trafficHasMoved(lab));
    for (const other of others) network.mend(primary.region, other);
    await raise();
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(30_000);
  },
};

/** The standby's watch measures, and cannot read alarms: the alarms' events have to start the recovery. */
export const throttledLooks: Scenario = {
  name: "throttled-looks",
  summary: "the standby's watch may not look at alarms; their events start the recovery",
  expected: "recovered",
  peopleOnCall: true,
  async run(stage) {
    const { lab, wait, waitFor, tell, markOutage } = stage;
    const { plan, cloud } = lab;
    const { primary, standby } = plan.sites;
    await wait(CALM_MS);
    for (const signal of plan.decision.signals) {
      if (signal.type !== "alarm" || signal.from !== "active") continue;
      tell(`the alarm ${signal.alarm} goes off`);
      await asOperator(stage, primary.region, "cloudwatch", "SetAlarmState", {
        AlarmName: signal.alarm,
        StateValue: "ALARM",
        StateReason: "a person tries whether it is heard",
      });
      await waitFor("the other site to hear of it", 60_000, () =>
        cloud.eventbridge.events.some(
          ({ region, event }) => region === standby.region && event.region !== region,
        ),
      );
    }
    cloud.world.faults.call = ({ operation, origin }) =>
      operation === "DescribeAlarms" && origin.principal.endsWith(`-watch@${standby.region}`)
        ? { type: "refuse", code: "ThrottlingException", message: "Rate exceeded", status: 400 }
        : undefined;
    markOutage();
    tell(`${primary.region} is lost`);
    cloud.world.network.lose(primary.region);
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    delete cloud.world.faults.call;
    await wait(30_000);
  },
};

/** A recovery that is held, which another one is ordered beside, and which is then given up. */
export const givenUp: Scenario = {
  name: "given-up",
  summary: "a recovery is held, another one is ordered beside it, and a person gives the first one up",
  expected: "refused",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, setKillSwitch, answer, startFailover }) {
    const { plan, cloud } = lab;
    await wait(CALM_MS);
    markOutage();
    tell(`${plan.sites.primary.region} is lost`);
    cloud.world.network.lose(plan.sites.primary.region);
    await waitFor("a promotion to begin", RECOVERY_WITHIN_MS, () =>
      lab.wire.some(({ operation }) => operation === "FailoverGlobalCluster"),
    );
    tell("the promotion has begun; the kill switch is turned on");
    await setKillSwitch(true, "somebody has doubts");
    await waitForQuestion(RECOVERY_WITHIN_MS);
    tell("a person orders a second recovery, which finds the first one at work");
    await startFailover(plan.sites.standby.name, { workload: plan.workload });
    await waitFor("the second one to end", 600_000, () => hasEnded(lab, 1));
    tell("and gives the first one up");
    await setKillSwitch(false, "it is decided");
    await answer({ action: "abort", who: "an operator", why: "the database is being restored by hand" });
    await waitFor("the first one to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, executionsOf(lab).size));
    await wait(30_000);
  },
};

/** To the standby and back again: then the switches go back to rest. */
export const thereAndBack: Scenario = {
  name: "there-and-back",
  summary: "both regions are lost, one after the other, and the switches go back to rest",
  expected: "recovered",
  peopleOnCall: true,
  async run(stage) {
    const { lab, waitFor, tell } = stage;
    await secondRegionLoss.run(stage);
    const { region } = lab.plan.sites.standby;
    tell(`${region} is back`);
    lab.cloud.world.network.restore(region);
    await waitFor("the switches to be at rest", RECOVERY_WITHIN_MS, () =>
      lab.wire.some(({ operation }) => operation === "DeleteObject"),
    );
    await stage.wait(30_000);
  },
};

/** What an execution called its functions with: the payload of the first call of each. */
const firstCalls = (lab: Lab): ReadonlyMap<string, unknown> => {
  const calls = new Map<string, unknown>();
  for (const { history } of executionsOf(lab).values()) {
    for (const event of history) {
      const details = (event as unknown as Record<string, { parameters?: string } | undefined>)[
        "taskScheduledEventDetails"
      ];
      if (details?.parameters === undefined) continue;
      const { FunctionName, Payload } = JSON.parse(details.parameters) as Record<string, unknown>;
      if (typeof FunctionName === "string" && !calls.has(FunctionName)) calls.set(FunctionName, Payload);
    }
  }
  return calls;
};

/**
 * Somebody removes the published plans. Every function says that the plan is gone, and not that it may not look: the one is
 * mended by a deployment, the other is a defect of it.
 */
export const planRemoved: Scenario = {
  name: "plan-removed",
  summary: "the published plans are removed; every function says so",
  expected: "recovered",
  async run(stage) {
    const { lab, waitFor, tell } = stage;
    await lagUnknownAtOnset.run(stage);
    const { plan, cloud } = lab;
    const { region } = plan.sites.standby;
    const places = [
      { region, bucket: forSite(plan.ledger.buckets, plan.sites.standby.name) },
      { region: plan.witness.region, bucket: plan.ledger.witnessBucket },
    ];
    tell("somebody removes the published plans");
    for (const place of places) {
      for (const key of cloud.s3.bucket(place.bucket).objects.keys()) {
        if (!/\/plan(s\/.*)?\.json$/.test(key)) continue;
        await asOperator(stage, place.region, "s3", "DeleteObject", { Bucket: place.bucket, Key: key });
      }
    }
    const alarm = cloud.eventbridge.events.findLast(
      ({ region: at, rules }) => at === region && rules.some((rule) => rule.endsWith("-alarms")),
    );
    const onAlarm = `lifeboat-${plan.workload}-on-alarm`;
    tell(
      "an alarm is heard, and the watch and the probe are started as ever; all fail, until they are given up",
    );
    cloud.lambda.invokeLater(region, onAlarm, alarm?.event);
    await waitFor("the alarm to be a dead letter", 900_000, () =>
      cloud.lambda.dropped.some(({ functionName }) => functionName === onAlarm),
    );
    const calls = new Map<string, unknown>([...firstCalls(lab), [onAlarm, alarm?.event]]);
    for (const [name, payload] of calls) {
      const { lambda } = cloud;
      let answer: string | undefined;
      void lambda.invoke(region, name, payload).then((result) => {
        answer = result.type === "failed" ? result.errorType : result.type;
      });
      await waitFor(`the answer of ${name}`, 300_000, () => answer !== undefined);
      if (answer !== "PlanMissing" && answer !== "PlanChanged")
        throw new Error(`${name} was called without a plan, and answered ${answer ?? "nothing"}`);
    }
  },
};

export const rarePaths: readonly Scenario[] = [
  backEarly,
  raisedFloors,
  throttledLooks,
  givenUp,
  thereAndBack,
  planRemoved,
];
