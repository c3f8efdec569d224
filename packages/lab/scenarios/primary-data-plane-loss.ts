import { CALM_MS, executionsOf, RECOVERY_WITHIN_MS, type Scenario } from "./scenario.ts";

/** Longer than a failover within the region takes, and shorter than a lease holds. */
const BRIEF_MS = 75_000;
/** Until the pause after an attempt that achieved nothing is over. */
const SERVED_MS = 300_000;

/**
 * The databases and servers of a site die, and its functions live: it goes on renewing its lease, as a site that is alive does,
 * and has nothing to serve with. Nobody else can tell that from probes that fail by themselves. It tells.
 */
export const primaryDataPlaneLoss: Scenario = {
  name: "primary-data-plane-loss",
  summary:
    "the primary's database and servers die while its functions live: for a minute, and nothing moves; then for good, and it steps down",
  expected: "recovered",
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const here = plan.sites.primary.region;
    const isOver = (): boolean =>
      [...executionsOf(lab).values()].some(
        ({ startedAtMs, state }) => state.status === "SUCCEEDED" && startedAtMs >= goneAtMs,
      );
    await wait(CALM_MS);
    tell(`the data plane of ${here} is gone for ${BRIEF_MS / 1000} s`);
    network.losePlane(here, "data");
    await wait(BRIEF_MS);
    network.restorePlane(here, "data");
    await wait(SERVED_MS);
    const goneAtMs = cloud.world.clock.nowMs();
    markOutage();
    tell(`the data plane of ${here} is gone for good; its functions go on`);
    network.losePlane(here, "data");
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, isOver);
    await wait(60_000);
  },
};
