import type { ErrorName } from "@lifeboat/recovery/errors";

/** What any function may throw: it reads its input and the plan that is published in its region. */
const always = [
  "InputInvalid",
  "PlanMissing",
  "PlanInvalid",
  "PlanChanged",
  "AwsUnavailable",
  "AwsRejected",
] as const;
const readsLedger = [...always, "LedgerUnreadable", "LedgerMissing"] as const;
/** Functions that act: they ask for the mandate first. */
const acts = [...readsLedger, "EpochStale", "KillSwitchOn"] as const;
const changesLedger = [...acts, "LedgerContended"] as const;

/**
 * The named errors of each function that a state machine calls, by the function's name in the manifest. A machine's
 * handlers are checked against this both ways: an error that nothing handles, and a handler for one that nothing throws.
 */
export const functionErrors: Readonly<Record<string, readonly ErrorName[]>> = {
  begin: [...readsLedger, "LedgerContended"],
  assess: readsLedger,
  ask: [...always, "LedgerUnreadable"],
  "count-answers": [...always, "LedgerUnreadable"],
  claim: [...changesLedger, "FencingUnproven", "LossUnaccepted", "StepExpired"],
  fence: changesLedger,
  promote: [...acts, "StepExpired", "StandbyUnfit"],
  "confirm-store": [...acts, "StepExpired", "StandbyUnfit"],
  activate: changesLedger,
  "start-service": [...acts, "StepExpired"],
  "start-workers": [...acts, "StepExpired"],
  verify: [...acts, "StepExpired"],
  "shift-traffic": [...acts, "StepExpired"],
  "retire-primary": acts,
  "record-outcome": [...readsLedger, "LedgerContended"],
  "tell-unrecorded": always,
};

/** Names of functions as placeholders write them: `start-service` → `StartService`. */
const placeholderOf = (name: string): string =>
  name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

/** {@link functionErrors} by the placeholder that stands for the function in a definition. */
export const errorsByPlaceholder: Readonly<Record<string, readonly ErrorName[]>> = Object.fromEntries(
  Object.entries(functionErrors).map(([name, errors]) => [placeholderOf(name), errors]),
);
