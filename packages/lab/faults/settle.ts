import type { HistoryEvent } from "@lifeboat/cloud/services/sfn/interpreter-port";
import { actsIn, isOurs } from "../checks/acts.ts";
import { checkers, gatherEvidence } from "../checks/check-run.ts";
import { enteredAtMs, lastEntered } from "../checks/read-execution.ts";
import { readQuestion } from "../answer-question.ts";
import type { Lab } from "../create-lab.ts";
import { isServed } from "./is-served.ts";

/**
 * How long nothing may happen before a run is over. Longer than a lease (90 s), than the longest time for which a holder keeps
 * quiet, than a request is kept (3 minutes): whatever only waits for one of them shows within it.
 */
export const QUIET_MS = 200_000;
/** The same while an execution holds: its machine looks by itself for answers every five minutes, and has to come back to the hold. */
const HELD_QUIET_MS = 320_000;
/** Looking costs something. What happens between two looks is found by its traces. */
export const LOOK_EVERY_MS = 10_000;
/** Users write so often until the world is settled, and while it is. */
const USUAL_PACE_MS = 1000;
const QUIET_PACE_MS = 5000;

/** Waits for the end of a run. */
export interface Settling {
  /**
   * True once the world has been settled for {@link QUIET_MS} without a break, or longer where an execution holds. To be asked every
   * {@link LOOK_EVERY_MS}.
   */
  readonly isOver: () => boolean;
  /** What is not settled now, in words; undefined: all is. */
  readonly complaint: () => string | undefined;
}

/**
 * Watches a lab whose faults are over. It is settled while no execution runs, users are served, and all of the workload is where
 * the ledger says, no move is left unfinished, under a lease that holds, and protected unless a site is gone; or, where `mayHold`, while the one execution
 * that runs waits for a person who was told why. Any act, any new version of the claim, any new execution and any message
 * breaks the quiet.
 */
export const watchSettling = (lab: Lab, mayHold: () => boolean): Settling => {
  const { clock } = lab.cloud.world;
  const traces = followTraces(lab);
  let seen = "";
  let sinceMs: number | undefined;
  return {
    isOver() {
      const nowMs = clock.nowMs();
      const before = seen;
      seen = traces();
      const isQuiet = seen === before && whatIsUnsettled(lab, mayHold()) === undefined;
      sinceMs = isQuiet ? (sinceMs ?? nowMs) : undefined;
      lab.workload.client.pace(isQuiet ? QUIET_PACE_MS : USUAL_PACE_MS);
      return sinceMs !== undefined && nowMs - sinceMs >= (isHeld(lab) ? HELD_QUIET_MS : QUIET_MS);
    },
    complaint: () => whatIsUnsettled(lab, mayHold()),
  };
};

const isHeld = ({ cloud }: Lab): boolean =>
  [...cloud.sfn.executions.values()].some(({ state }) => state.status === "RUNNING");

/**
 * What a person reads about the hold in which an execution waits for him; undefined: it does not wait, or nobody was asked.
 */
export const heldFor = (
  { cloud }: Lab,
  { arn, history }: { readonly arn: string; readonly history: readonly HistoryEvent[] },
): string | undefined => {
  const state = lastEntered({ history });
  if (!["Hold", "CountHoldAnswers", "Answered"].includes(state ?? "")) return undefined;
  const beganAtMs = enteredAtMs({ history }, "BeginHold").at(-1);
  if (beganAtMs === undefined) return undefined;
  return cloud.sns.messages
    .filter(({ atMs }) => atMs >= beganAtMs)
    .map(readQuestion)
    .findLast((question) => question?.execution === arn && question.kind === "hold")?.text;
};

/** A text that changes with whatever happens beyond renewals, canaries and looks. */
const followTraces = (lab: Lab): (() => string) => {
  const { plan, cloud, wire } = lab;
  const { network } = cloud.world;
  let read = 0;
  let acts = 0;
  return () => {
    const fresh = wire.slice(read);
    read = wire.length;
    // What is asked of a region that is gone for good is asked again and again, and does nothing.
    acts += actsIn({ plan, wire: fresh }).filter(
      (call) => isOurs(call) && !network.isControlLost(call.region),
    ).length;
    const claims = cloud.s3.bucket(plan.ledger.witnessBucket).objects.get(`${plan.workload}/claim`);
    return [cloud.sfn.executions.size, claims?.length, cloud.sns.messages.length, acts].join(" ");
  };
};

const whatIsUnsettled = (lab: Lab, mayHold: boolean): string | undefined => {
  const running = [...lab.cloud.sfn.executions.values()].filter(({ state }) => state.status === "RUNNING");
  const [first] = running;
  if (first !== undefined)
    return mayHold && running.length === 1 && heldFor(lab, first) !== undefined
      ? undefined
      : `${first.arn} goes on, in ${lastEntered(first) ?? "no state"}`;
  if (!isServed(lab)) return "users are not served";
  const evidence = gatherEvidence(lab);
  if (evidence.switches.at(-1)?.body.on === true) return "the kill switch is on";
  const claim = evidence.claims.at(-1)?.body;
  if (claim === undefined) return "there is no claim";
  if (claim.holder !== null) return `${claim.holder.execution} holds the workload`;
  if (claim.unfinished !== undefined) return `the move of ${claim.unfinished.execution} is unfinished`;
  if (claim.request !== null) return `${claim.request.execution} is asked for`;
  if (evidence.standing.lost.length === 0 && claim.protection !== "protected")
    return `the workload is ${claim.protection}`;
  return checkers.convergence(evidence)[0]?.message;
};
