import { judgeCooldown } from "@lifeboat/recovery/cooldown";
import { decide, type Approval, type Decision, type Override } from "@lifeboat/recovery/decide";
import type { Claim } from "@lifeboat/recovery/ledger";
import { judgeLoss, type Loss } from "@lifeboat/recovery/loss";
import type { Reading } from "@lifeboat/recovery/quorum";
import { judgeReadiness, type Finding } from "@lifeboat/recovery/readiness";
import { checkReadiness } from "../check-readiness.ts";
import type { BasicPort, SiteContext } from "../context.ts";
import { readEntry } from "../ledger/change-entry.ts";
import { witnessPlace } from "../ledger/places.ts";
import { measureLoss } from "../measure-loss.ts";
import { observeLeases, type LeaseObservation, type LeaseSightings } from "../observe-leases.ts";
import { readSignals } from "../read-signals.ts";

export interface AssessRequest {
  readonly execution: string;
  readonly trigger: "automatic" | "person";
  readonly override: Override | null;
  readonly sightings: LeaseSightings;
  readonly otherExecution: string | null;
  /** What people have approved, and in which epoch; null before anybody was asked. */
  readonly approval: (Approval & { readonly epoch: number }) | null;
}

export interface Assessment {
  readonly decision: Decision;
  readonly readings: readonly Reading[];
  readonly findings: readonly Finding[];
  readonly loss: Loss;
  readonly sightings: LeaseSightings;
}

/** An approval is of one epoch. If the ledger has moved on by another's hand, people have approved another situation. */
const isOfToday = ({ approval, execution }: AssessRequest, { epoch, holder }: Claim): boolean =>
  approval?.epoch === epoch || (holder?.execution === execution && approval?.epoch === epoch - 1);

/**
 * While one of the leases cannot be read the loss is judged by the other one. That is for the moment: nothing is claimed before both
 * can be read, and then the claim judges it again.
 */
const asFarAsRead = ({
  bodies,
  newest,
}: Pick<LeaseObservation, "bodies" | "newest">): Pick<LeaseObservation, "bodies" | "newest"> => {
  const { witness, standby } = bodies;
  const only = witness === null ? standby : standby === null ? witness : null;
  return only === null ? { bodies, newest } : { bodies: { witness: only, standby: only }, newest: only };
};

/** Gathers everything that the decision table asks for, side by side, and decides. Changes nothing. */
export const assess = async (
  context: SiteContext<BasicPort | "alarms" | "canary" | "readiness">,
  request: AssessRequest,
): Promise<Assessment> => {
  const { plan, ports } = context;
  const place = witnessPlace(plan);
  const [{ body: claim }, { body: killSwitch }] = await Promise.all([
    readEntry(ports, plan, place, "claim"),
    readEntry(ports, plan, place, "switch"),
  ]);
  const observed = await observeLeases(context, claim.activeSite, request.sightings);
  const { sightings } = observed;
  const [signals, findings, loss] = await Promise.all([
    readSignals(context, claim.activeSite, sightings),
    checkReadiness(context),
    measureLoss(context, asFarAsRead(observed)),
  ]);
  const decision = decide({
    trigger: request.trigger,
    mode: plan.decision.mode,
    killSwitchOn: killSwitch.on,
    otherExecution: request.otherExecution,
    quorum: signals.quorum,
    cooldown: judgeCooldown(claim, plan.decision.cooldownMs, ports.clock.nowMs()),
    readiness: judgeReadiness(findings),
    loss: judgeLoss(loss, plan.decision.lossLimitMs),
    override: request.override,
    approval: isOfToday(request, claim) ? request.approval : null,
    approvals: plan.decision.approvals,
  });
  return { decision, readings: signals.readings, findings, loss, sightings };
};
