import { abortIsFinal } from "./abort-is-final.ts";
import { approvals } from "./approvals.ts";
import { convergence } from "./convergence.ts";
import { cooldown } from "./cooldown.ts";
import { dryRunMutatesNothing } from "./dry-run-mutates-nothing.ts";
import { epochAtEveryAct } from "./epoch-at-every-act.ts";
import type { Checker, Evidence, Violation } from "./evidence.ts";
import { killSwitchStopsActs } from "./kill-switch-stops-acts.ts";
import { leaseHeldByOne } from "./lease-held-by-one.ts";
import { lossReported } from "./loss-reported.ts";
import { measured } from "./measured.ts";
import { noCallToTheLeftSite } from "./no-call-to-the-left-site.ts";
import { noGlobalChange } from "./no-global-change.ts";
import { noSecretInTheOpen } from "./no-secret-in-the-open.ts";
import { oneExecution } from "./one-execution.ts";
import { quorumBeforePromotion } from "./quorum-before-promotion.ts";
import { rpoGuard } from "./rpo-guard.ts";
import { singleWriter } from "./single-writer.ts";
import { targetFirst } from "./target-first.ts";
import { terminalOutcome } from "./terminal-outcome.ts";
import { verbsApart } from "./verbs-apart.ts";
import { verifyByRole } from "./verify-by-role.ts";

export { gatherEvidence } from "./gather-evidence.ts";
export type { Evidence, Violation } from "./evidence.ts";

/** What looks for violations, by name. None of them shares logic with the code that it checks. */
export const checkers = {
  "single-writer": singleWriter,
  "lease-held-by-one": leaseHeldByOne,
  "epoch-at-every-act": epochAtEveryAct,
  "one-execution": oneExecution,
  quorum: quorumBeforePromotion,
  "rpo-guard": rpoGuard,
  "loss-reported": lossReported,
  cooldown,
  "verbs-apart": verbsApart,
  "target-first": targetFirst,
  convergence,
  "verify-by-role": verifyByRole,
  "no-call-to-the-left-site": noCallToTheLeftSite,
  "no-global-change": noGlobalChange,
  "terminal-outcome": terminalOutcome,
  "dry-run-mutates-nothing": dryRunMutatesNothing,
  approvals,
  "abort-is-final": abortIsFinal,
  "kill-switch-stops-acts": killSwitchStopsActs,
  measured,
  "no-secret-in-the-open": noSecretInTheOpen,
} as const satisfies Readonly<Record<string, Checker>>;

export type CheckerName = keyof typeof checkers;

/** Which of them keep which of the design's invariants, by its number. */
export const checkersOf: Readonly<Record<number, readonly CheckerName[]>> = {
  1: ["single-writer", "lease-held-by-one"],
  2: ["epoch-at-every-act"],
  3: ["one-execution"],
  4: ["quorum"],
  5: ["rpo-guard", "loss-reported"],
  6: ["cooldown"],
  7: ["verbs-apart"],
  8: ["target-first"],
  9: ["convergence"],
  10: ["verify-by-role"],
  11: ["no-call-to-the-left-site", "no-global-change"],
  // That users are served in the end, and the workload is protected, is waited for in the runs of faults (`liveness`).
  12: ["terminal-outcome"],
  13: ["dry-run-mutates-nothing"],
  14: ["approvals", "abort-is-final", "kill-switch-stops-acts"],
  15: ["measured", "loss-reported"],
};

/** Everything that must never happen and did, in order of time. */
export const checkInvariants = (evidence: Evidence): readonly Violation[] =>
  Object.values(checkers)
    .flatMap((check: Checker) => check(evidence))
    .sort((left, right) => left.atMs - right.atMs);
