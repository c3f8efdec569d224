import type { Lab } from "../../create-lab.ts";
import { forSite } from "@lifeboat/recovery/plan";
import { executionsOf, type Scenario } from "../scenario.ts";
import { asOperator } from "./as-operator.ts";
import { lagUnknownAtOnset } from "../lag-unknown-at-onset.ts";

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
    const { lab, wait, waitFor, tell } = stage;
    await lagUnknownAtOnset.run(stage);
    const { plan, cloud } = lab;
    const { region } = plan.sites.standby;
    const places = [
      { region, bucket: forSite(plan.ledger.buckets, plan.sites.standby.name) },
      { region: plan.witness.region, bucket: plan.ledger.witnessBucket },
    ];
    const published: { region: string; Bucket: string; Key: string; Body: string }[] = [];
    tell("somebody removes the published plans");
    for (const place of places) {
      for (const key of cloud.s3.bucket(place.bucket).objects.keys()) {
        const text = cloud.s3.read(place.bucket, key);
        if (!/\/plan(s\/.*)?\.json$/.test(key) || text === undefined) continue;
        published.push({ region: place.region, Bucket: place.bucket, Key: key, Body: text });
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
    tell("a deployment publishes the plans again: the watch goes on");
    for (const { region: at, ...object } of published) await asOperator(stage, at, "s3", "PutObject", object);
    await wait(180_000);
  },
};
