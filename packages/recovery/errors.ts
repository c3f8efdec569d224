/**
 * The named errors of Lifeboat. A name is an API: the state machines catch by it, alarms and documents quote it.
 * `repeatable`: the same call may succeed if it is simply made again; everything else waits for a person.
 */
export const errorCatalogue = {
  InputInvalid: {
    repeatable: false,
    meaning: "The input of an execution, an event or an answer has another shape than expected.",
  },
  PlanMissing: { repeatable: false, meaning: "No plan of that workload is published in this region." },
  PlanInvalid: { repeatable: false, meaning: "The published plan is damaged or does not match its hash." },
  PlanChanged: {
    repeatable: false,
    meaning:
      "The plan was published anew while the execution ran; it goes on with no other plan than its own.",
  },
  LedgerMissing: {
    repeatable: false,
    meaning: "A key of the ledger does not exist. Only bootstrap creates keys.",
  },
  LedgerUnreadable: { repeatable: true, meaning: "The ledger could not be read, so nothing may be changed." },
  LedgerContended: {
    repeatable: true,
    meaning: "Another writer changed the ledger between our read and our write, several times.",
  },
  EpochStale: {
    repeatable: false,
    meaning: "The ledger's epoch or holder is no longer this execution's: it must not act any more.",
  },
  KillSwitchOn: {
    repeatable: false,
    meaning: "The kill switch is on: nothing may be changed until it is lifted.",
  },
  AwsRejected: { repeatable: false, meaning: "AWS refused a call in a way that repeating does not mend." },
  AwsUnavailable: { repeatable: true, meaning: "AWS throttled a call, failed, or did not answer in time." },
  StepExpired: {
    repeatable: false,
    meaning: "A step did not end within the time that its operation may take.",
  },
  FencingUnproven: { repeatable: false, meaning: "Nothing proves that the old primary has stopped writing." },
  LossUnaccepted: {
    repeatable: false,
    meaning:
      "What a promotion would lose has changed since it was decided on, and is above the plan's limit or unknown now.",
  },
  StandbyUnfit: { repeatable: false, meaning: "A check of the standby failed before or after promotion." },
} as const satisfies Record<string, { repeatable: boolean; meaning: string }>;

export type ErrorName = keyof typeof errorCatalogue;

/** A failure with a name from {@link errorCatalogue}; `message` says what, where, and what to do. */
export class RecoveryError extends Error {
  override readonly name: ErrorName;
  constructor(name: ErrorName, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = name;
  }
}

/** True for errors that a machine may answer by calling again. */
export const isRepeatable = (name: ErrorName): boolean => errorCatalogue[name].repeatable;
