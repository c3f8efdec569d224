import type { CooldownVerdict } from "./cooldown.ts";
import type { LossVerdict } from "./loss.ts";
import type { QuorumVerdict } from "./quorum.ts";
import type { ReadinessVerdict } from "./readiness.ts";

/** A person's order: who, why, and what loss is accepted (`null`: none beyond the plan's limit). */
export interface Override {
  readonly who: string;
  readonly why: string;
  readonly acceptLossMs: number | "any" | null;
}

/** What people have approved already, counted from their records; see `approvals.ts`. */
export interface Approval {
  /** How many different people. */
  readonly persons: number;
  /** The loss that their question spoke of; null: it spoke of none. */
  readonly acceptsLossMs: number | "any" | null;
}

export interface Situation {
  readonly trigger: "automatic" | "person";
  readonly mode: "automatic" | "approval";
  readonly killSwitchOn: boolean;
  /** Another execution holds the workload, or null. */
  readonly otherExecution: string | null;
  readonly quorum: QuorumVerdict;
  readonly cooldown: CooldownVerdict;
  readonly readiness: ReadinessVerdict;
  readonly loss: LossVerdict;
  readonly override: Override | null;
  /** Null before anybody was asked. */
  readonly approval: Approval | null;
  readonly approvals: { readonly usual: number; readonly lossy: number };
}

export type Verdict = "go" | "ask" | "refuse" | "not-needed";

export interface Decision {
  readonly verdict: Verdict;
  /** In words that an operator can act on. */
  readonly reason: string;
  readonly rule: string;
  /** How many different people have to approve before the claim; 0 unless the verdict is `ask`. */
  readonly approvalsNeeded: number;
}

/** Does the override speak of a loss as large as the one to be expected? `maxMs` null: unknown. */
export const overrideAccepts = (override: Override | null, maxMs: number | null): boolean => {
  if (override === null || override.acceptLossMs === null) return false;
  return override.acceptLossMs === "any" || (maxMs !== null && maxMs <= override.acceptLossMs);
};

const acceptsLoss = ({ loss, override }: Situation): boolean => overrideAccepts(override, loss.maxMs);

/** Have so many people approved? A name in an order is what somebody typed, and stands for nobody. */
const isApprovedBy = (approval: Approval | null, persons: number): approval is Approval =>
  approval !== null && approval.persons >= persons;

const approvedBy = ({ approval }: Situation, persons: number): boolean => isApprovedBy(approval, persons);

/** Have as many as a loss takes approved one as large as the one to be expected now? `maxMs` null: unknown. */
export const approvalAccepts = (
  approval: Approval | null,
  persons: number,
  maxMs: number | null,
): boolean => {
  if (!isApprovedBy(approval, persons) || approval.acceptsLossMs === null) return false;
  return approval.acceptsLossMs === "any" || (maxMs !== null && maxMs <= approval.acceptsLossMs);
};

const approvedLoss = ({ approval, approvals, loss }: Situation): boolean =>
  approvalAccepts(approval, approvals.lossy, loss.maxMs);

interface Rule {
  readonly name: string;
  readonly applies: (situation: Situation) => boolean;
  readonly verdict: Verdict;
  readonly approvals?: (situation: Situation) => number;
  readonly reason: (situation: Situation) => string;
}

/** The decision table, first match wins. Each row says why it stands where it stands. */
const rules: readonly Rule[] = [
  {
    // Before everything: somebody has pulled the brake.
    name: "kill-switch",
    applies: (at) => at.killSwitchOn,
    verdict: "refuse",
    reason: () => "the kill switch is on; lift it to let anything act",
  },
  {
    // A lock, not a cooldown: no override opens it.
    name: "one-execution",
    applies: (at) => at.otherExecution !== null,
    verdict: "refuse",
    reason: (at) => `another execution has the workload: ${at.otherExecution}`,
  },
  {
    // An alarm without an outage is the most common case of all, and costs nothing.
    name: "no-outage",
    applies: (at) => !at.quorum.met && at.override === null,
    verdict: "not-needed",
    reason: (at) => at.quorum.reason,
  },
  {
    name: "cooldown",
    applies: (at) => !at.cooldown.over && at.override === null,
    verdict: "refuse",
    reason: (at) => at.cooldown.reason,
  },
  {
    // Target first: an override does not make an unfit standby fit.
    name: "standby-not-ready",
    applies: (at) => !at.readiness.ready,
    verdict: "refuse",
    reason: (at) => at.readiness.reason,
  },
  {
    // Data loss is never silent, and above the limit never automatic.
    name: "loss",
    applies: (at) => !at.loss.allowed && !acceptsLoss(at) && !approvedLoss(at),
    verdict: "ask",
    approvals: (at) => at.approvals.lossy,
    reason: (at) =>
      at.override === null
        ? at.loss.reason
        : `${at.loss.reason}; the override of ${at.override.who} does not accept so much`,
  },
  {
    // Starting the machine takes an IAM permission, and so stands for one person where one is enough. Where the plan wants
    // more, nothing says that whoever started it is another one than the next: then every one of them signs.
    name: "lossy-override",
    applies: (at) => at.override !== null && !at.loss.allowed && at.approvals.lossy > 1 && !approvedLoss(at),
    verdict: "ask",
    approvals: (at) => at.approvals.lossy,
    reason: (at) =>
      `${at.override?.who} accepts the loss (${at.override?.why}), and the plan wants ${at.approvals.lossy} people to; ${at.loss.reason}`,
  },
  {
    name: "override",
    applies: (at) => at.override !== null && at.approvals.usual > 1 && !approvedBy(at, at.approvals.usual),
    verdict: "ask",
    approvals: (at) => at.approvals.usual,
    reason: (at) =>
      `${at.override?.who} asks for it (${at.override?.why}), and the plan wants ${at.approvals.usual} people to`,
  },
  {
    name: "approval-mode",
    applies: (at) => at.mode === "approval" && at.override === null && !approvedBy(at, at.approvals.usual),
    verdict: "ask",
    approvals: (at) => at.approvals.usual,
    reason: (at) => `the plan wants a person's approval; ${at.quorum.reason}`,
  },
  {
    name: "go",
    applies: () => true,
    verdict: "go",
    reason: (at) =>
      at.override === null
        ? `${at.quorum.reason}; ${at.loss.reason}; ${at.readiness.reason}${at.approval === null ? "" : `; approved by ${at.approval.persons}`}`
        : `${at.override.who} orders it (${at.override.why}); ${at.loss.reason}; ${at.readiness.reason}`,
  },
];

/** Decides what a failover does after its assessment. */
export const decide = (situation: Situation): Decision => {
  const rule = rules.find((candidate) => candidate.applies(situation));
  if (rule === undefined) throw new RangeError("the decision table has no last row");
  return {
    verdict: rule.verdict,
    rule: rule.name,
    reason: rule.reason(situation),
    approvalsNeeded: rule.approvals?.(situation) ?? 0,
  };
};
