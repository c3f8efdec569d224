import { convergence } from "./convergence.ts";
import { cooldown } from "./cooldown.ts";
import { dryRunMutatesNothing } from "./dry-run-mutates-nothing.ts";
import { epochAtEveryAct } from "./epoch-at-every-act.ts";
import type { Checker, Evidence, Violation } from "./evidence.ts";
import { killSwitchStopsActs } from "./kill-switch-stops-acts.ts";
import { leaseHeldByOne } from "./lease-held-by-one.ts";
import { lossReported } from "./loss-reported.ts";
import { noCallToTheLeftSite } from "./no-call-to-the-left-site.ts";
import { noGlobalChange } from "./no-global-change.ts";
import { noSecretInTheOpen } from "./no-secret-in-the-open.ts";
import { oneExecution } from "./one-execution.ts";
import { quorumBeforePromotion } from "./quorum-before-promotion.ts";
import { singleWriter } from "./single-writer.ts";
import { terminalOutcome } from "./terminal-outcome.ts";

export { gatherEvidence } from "./gather-evidence.ts";
export type { Evidence, Violation } from "./evidence.ts";

/** One checker per invariant of the design. They share no logic with the code that they check. */
export const checkers = {
  "single-writer": singleWriter,
  "epoch-at-every-act": epochAtEveryAct,
  "one-execution": oneExecution,
  quorum: quorumBeforePromotion,
  "loss-reported": lossReported,
  cooldown,
  "dry-run-mutates-nothing": dryRunMutatesNothing,
  "kill-switch-stops-acts": killSwitchStopsActs,
  "no-call-to-the-left-site": noCallToTheLeftSite,
  "no-global-change": noGlobalChange,
  "lease-held-by-one": leaseHeldByOne,
  convergence,
  "terminal-outcome": terminalOutcome,
  "no-secret-in-the-open": noSecretInTheOpen,
} as const satisfies Readonly<Record<string, Checker>>;

/** Everything that must never happen and did, in order of time. */
export const checkInvariants = (evidence: Evidence): readonly Violation[] =>
  Object.values(checkers)
    .flatMap((check: Checker) => check(evidence))
    .sort((left, right) => left.atMs - right.atMs);
