import type { LossInterval } from "@lifeboat/recovery/loss";
import type { Outcome } from "@lifeboat/recovery/outcome";
import type { SiteName } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { lossInWords } from "../loss-in-words.ts";
import { tellEvent } from "../tell-event.ts";

export interface Unrecorded {
  readonly execution: string;
  readonly outcome: Outcome;
  /** Of the outcome. */
  readonly reason: string;
  /** The site that the workload has come to. */
  readonly to: SiteName;
  /** What the promotion lost; null: not known. */
  readonly rpo: LossInterval | null;
  /** What kept it from being recorded. */
  readonly why: string;
  /** `passing`: it is tried again every few minutes; `final`: repeating alone does not mend it. */
  readonly kind: "passing" | "final";
}

/**
 * Tells people, and whoever hooks in, that an outcome could not be recorded yet. The machine asks for it once for each kind of reason;
 * a reply that is lost tells twice, rather than not at all. Touches nothing of the ledger. Throws `AwsUnavailable` or `AwsRejected`
 * when the message cannot be sent.
 */
export const tellUnrecorded = async (
  context: SiteContext<"events" | "notices">,
  { execution, outcome, reason, to, rpo, why, kind }: Unrecorded,
): Promise<void> => {
  const { plan, ports } = context;
  const { workload } = plan;
  // Also where the message cannot be sent: whatever hooks in may reach people in another way.
  await tellEvent(context, {
    type: "lifeboat.recovery.unrecorded",
    execution,
    outcome,
    reason: why,
    passing: kind === "passing",
    distinct: kind,
  });
  const subject = `${workload}: ${outcome}, not recorded yet`;
  const lines = [
    `The execution has come to its end (${outcome}: ${reason}), and that could not be written down.`,
    `Why: ${why}`,
    kind === "passing"
      ? "It is tried again every few minutes for half an hour. There is nothing to do while the place that does not answer is out of reach."
      : "Repeating alone does not mend this: look at what it names (permissions, the plan, the ledger). It is tried again every five minutes for half an hour.",
    `${workload} stays at ${to} meanwhile. Until the ledger can be written the execution holds the workload: no cooldown has begun, and the other site is not made fit to stand by.`,
    `Should ${to} be lost meanwhile, stop this execution: another one can take over then.`,
    lossInWords(rpo),
    `Execution: ${execution}`,
  ];
  await ports.notices.publish(subject, [subject, ...lines].join("\n"));
};
