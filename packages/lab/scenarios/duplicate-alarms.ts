import type { CloudEvent } from "@lifeboat/cloud/kernel/cloud-event";
import { hasEnded, type Scenario } from "./scenario.ts";

const COPIES = 3;
const LATEST_COPY_MS = 240_000;

/** Every alarm's event is delivered several times, some copies minutes late and out of order. */
export const duplicateAlarms: Scenario = {
  name: "duplicate-alarms",
  summary: "every alarm comes several times, late and out of order; one execution runs",
  expected: "recovered",
  peopleOnCall: true,
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { plan, cloud } = lab;
    const { world, lambda } = cloud;
    const random = world.random.stream("duplicate-alarms");
    let copies = 0;
    const copy = (region: string, event: CloudEvent): void => {
      if (event["detail-type"] !== "CloudWatch Alarm State Change") return;
      for (let count = 0; count < COPIES; count++) {
        copies += 1;
        world.clock.after(random.integer(0, LATEST_COPY_MS), () => {
          // The same event, to the same target, as EventBridge's "at least once" allows.
          for (const site of [plan.sites.primary, plan.sites.standby]) {
            if (world.network.reaches(region, site.region))
              lambda.invokeLater(site.region, `lifeboat-${plan.workload}-on-alarm`, event);
          }
        });
      }
    };
    world.onEmit(copy);
    await wait(180_000);
    markOutage();
    tell(
      `${plan.sites.primary.region} is lost; every alarm is delivered ${COPIES} more times, up to ${LATEST_COPY_MS / 1000} s late`,
    );
    world.network.lose(plan.sites.primary.region);
    await waitFor("the failover to end", 3_600_000, () => hasEnded(lab, 1));
    await wait(LATEST_COPY_MS + 60_000);
    tell(`${copies} copies of alarm events were delivered`);
  },
};
