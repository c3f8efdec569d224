import { RecoveryError } from "@lifeboat/recovery/errors";
import type { Claim } from "@lifeboat/recovery/ledger";
import { forSite, type Traffic } from "@lifeboat/recovery/plan";
import { awaitGoal, type Observation } from "../await-goal.ts";
import type { Mandate, SiteContext, StepMemo, StepResult } from "../context.ts";
import { readEntry } from "../ledger/change-entry.ts";
import { requireMandate } from "../ledger/hold-mandate.ts";
import { witnessPlace } from "../ledger/places.ts";
import { closedKey } from "../switch-objects.ts";

/** Route 53's checkers need one to three intervals of 10 s, then resolvers keep the old answer for the record's TTL. */
const SHIFT_USUAL_MS = 15_000;
const SHIFT_LIMIT_MS = 600_000;

type Switch = Extract<Traffic, { type: "switch" }>;

/** The entry whose switch moves this one: itself, or the one that it follows. */
const switchOf = (context: SiteContext<"traffic">, traffic: Traffic): Switch => {
  if (traffic.type === "switch") return traffic;
  const followed = context.plan.traffic.find((candidate) => candidate.name === traffic.follows);
  if (followed?.type !== "switch")
    throw new RecoveryError("PlanInvalid", `traffic "${traffic.name}" follows no switch`);
  return followed;
};

/**
 * Do clients end up at this site? For a switch: the host answers as the site's load balancer itself does. For a broker:
 * its records name an endpoint of this region.
 */
const isHere = async (
  context: SiteContext<"traffic">,
  traffic: Traffic,
  answers: readonly string[],
): Promise<boolean> => {
  const { here, ports } = context;
  if (traffic.type === "iot-custom-domain")
    return answers.some((answer) => answer.includes(`.${here.region}.`));
  const endpoint = forSite(traffic.endpoints, here.name);
  const expected = new Set([endpoint, ...(await ports.traffic.resolve(endpoint))]);
  return answers.length > 0 && answers.every((answer) => expected.has(answer));
};

const look = async (
  context: SiteContext<"traffic">,
  traffic: Traffic,
): Promise<{ readonly arrived: boolean; readonly detail: string }> => {
  const answers = await context.ports.traffic.resolve(traffic.host);
  const detail = `${traffic.host} resolves to ${answers.join(", ") || "nothing"}`;
  return { arrived: await isHere(context, traffic, answers), detail };
};

const readClaim = async ({ plan, ports }: SiteContext<never>): Promise<Claim> =>
  (await readEntry(ports, plan, witnessPlace(plan), "claim")).body;

/**
 * Moves one host to this site on the data plane alone: puts the switch object into this site's bucket (Route 53's health
 * checks watch it; no record changes), and waits until resolvers send clients here. Where the switches are at rest again and
 * clients come here, nothing is left to be set. Throws `StepExpired` where they do not come in time. "Standby takes over primary":
 * https://aws.amazon.com/blogs/networking-and-content-delivery/creating-disaster-recovery-mechanisms-using-amazon-route-53/
 */
export const shiftTraffic = (
  context: SiteContext<"traffic">,
  mandate: Mandate,
  name: string,
  memo: StepMemo | null,
): Promise<StepResult> => {
  const { plan, here, ports } = context;
  const traffic = plan.traffic.find((candidate) => candidate.name === name);
  if (traffic === undefined) throw new RecoveryError("InputInvalid", `the plan has no traffic "${name}"`);
  const { bucket, key } = forSite(switchOf(context, traffic).switches, here.name);

  const off = `the switch s3://${bucket}/${key} is off`;
  let hasActed = memo?.actedAtMs !== undefined;

  const isPresent = async (object: string): Promise<boolean> =>
    (await ports.traffic.readSwitch(here.region, bucket, object)) === "present";

  const observe = async (): Promise<Observation> => {
    const isOn = await isPresent(key);
    if (!isOn && here.name === plan.sites.primary.name) return observeOff();
    if (!isOn) return { type: "idle", detail: off };
    const { arrived, detail } = await look(context, traffic);
    return { type: arrived ? "reached" : "moving", detail };
  };

  /**
   * At the site built as primary the active site's watch clears both objects as soon as the other switch is off
   * (`settleSwitches`): what is set after that is cleared at once, or, once the workload is protected, may stay for good, and would
   * win over the next failover's switch. So a switch that is off may be at rest, and where the workload is protected it is never set:
   * a lookup that fails or disagrees for a moment says nothing of it. A move that has only just begun sets its switch once: the
   * name may resolve here for no other reason than that the other switch cannot be read, and would go back there with its region.
   */
  const observeOff = async (): Promise<Observation> => {
    const isClosed = await isPresent(closedKey(key));
    const known = hasActed && !isClosed ? null : await readClaim(context);
    const mayBeAtRest =
      !isClosed && (known === null || known.protection === "protected" || known.unfinished !== undefined);
    let detail = off;
    if (mayBeAtRest) {
      const seen = await look(context, traffic);
      if (seen.arrived) return { type: "reached", detail: `${seen.detail}; the switches are at rest` };
      detail = `${off}, and ${seen.detail}`;
    }
    const { protection } = known ?? (await readClaim(context));
    return protection === "protected"
      ? { type: "moving", detail: `${detail}; it stays so, for ${plan.workload} is protected` }
      : { type: "idle", detail };
  };

  return awaitGoal(ports.clock, memo, {
    observe,
    act: async () => {
      await requireMandate(ports, plan, mandate);
      await ports.traffic.setSwitch(
        here.region,
        bucket,
        key,
        JSON.stringify({ epoch: mandate.epoch, site: here.name }),
      );
      hasActed = true;
    },
    usualMs: SHIFT_USUAL_MS,
    limitMs: SHIFT_LIMIT_MS,
    what: `the move of ${traffic.host} to ${here.region}`,
  });
};
