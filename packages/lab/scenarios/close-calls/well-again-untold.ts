import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";
import { crossed } from "../crossed.ts";
import { slowDown } from "./slow-down.ts";

/** No tick of the watch gets to tell anything for so long. */
const UNTOLD_MS = 20_000;

const isBeat = (input: unknown): boolean => {
  const { Payload } = input as { readonly Payload?: unknown };
  return Payload instanceof Uint8Array && new TextDecoder().decode(Payload).includes('"action":"beat"');
};

/**
 * The primary's database is well again just before the claim. The watch has written a beat, and dies before it has taken back what
 * its leases say: that beat after beat goes unanswered.
 */
export const wellAgainUntold: Scenario = {
  name: "well-again-untold",
  summary:
    "the primary's database answers again, and its watch dies before it says so: nothing is moved, and nobody is asked",
  expected: "not-needed",
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { plan, cloud } = lab;
    const { network, clock } = cloud.world;
    const { region } = plan.sites.primary;
    const leaseKey = `${plan.workload}/lease`;
    await wait(CALM_MS);
    markOutage();
    tell(`the data plane of ${region} is gone; its functions go on, and say so`);
    network.losePlane(region, "data");
    await waitFor(
      "the decision",
      RECOVERY_WITHIN_MS,
      crossed(lab, ({ origin }) => origin.principal.includes("-claim@")),
    );
    const readable = slowDown(
      lab,
      ({ operation, key, origin }) =>
        operation === "GetObject" && key === leaseKey && origin.principal.includes("-claim@"),
    );
    tell(`the data plane of ${region} is back`);
    network.restorePlane(region, "data");
    const backAtMs = clock.nowMs();
    const hasBeaten = crossed(
      lab,
      ({ atMs, operation, origin, outcome, input }) =>
        atMs > backAtMs &&
        operation === "Invoke" &&
        origin.place === region &&
        outcome.type === "answered" &&
        isBeat(input),
    );
    const tellable = slowDown(
      lab,
      ({ operation, key, origin }) =>
        operation === "PutObject" && key === leaseKey && origin.place === region && hasBeaten(),
    );
    await waitFor("a beat", 60_000, hasBeaten);
    tell("its database has taken a beat, and its watch tells nobody");
    readable();
    await wait(UNTOLD_MS);
    tell("the watch ticks again");
    tellable();
    await waitFor("the attempt to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(120_000);
  },
};
