import type { Verdict } from "./decide.ts";
import type { FencingBasis } from "./fencing.ts";
import type { Outcome } from "./outcome.ts";
import type { SiteName } from "./plan.ts";

/**
 * What Lifeboat tells whoever hooks in, on a bus of EventBridge of the site where it happens. A change that could break a
 * consumer gives `version` another number; a field more does not.
 */
interface Told<Type extends string> {
  readonly type: Type;
  readonly version: 1;
  /** The same however often the event is told: consumers drop an id that they know. */
  readonly id: string;
  readonly workload: string;
  /** The site that tells. */
  readonly site: SiteName;
  /** On that site's clock, ISO 8601. */
  readonly at: string;
}

interface OfExecution {
  /** ARN of the execution of the failover machine. */
  readonly execution: string;
}

export type RecoveryEvent =
  | (Told<"lifeboat.recovery.started"> &
      OfExecution & {
        readonly trigger: "automatic" | "person";
        readonly from: SiteName;
        readonly to: SiteName;
        /** The epoch before the recovery. */
        readonly epoch: number;
      })
  | (Told<"lifeboat.recovery.assessed"> &
      OfExecution & {
        readonly verdict: Verdict;
        /** The row of the decision table that applied. */
        readonly rule: string;
        readonly reason: string;
        readonly approvalsNeeded: number;
      })
  | (Told<"lifeboat.recovery.approval-needed"> & OfExecution & { readonly reason: string })
  | (Told<"lifeboat.recovery.held"> &
      OfExecution & {
        /** The phase that waits for a person. */
        readonly phase: string;
        readonly reason: string;
      })
  | (Told<"lifeboat.recovery.claimed"> &
      OfExecution & {
        readonly epoch: number;
        /** On what ground the old primary counts as fenced. */
        readonly basis: FencingBasis;
      })
  | (Told<"lifeboat.recovery.step-ended"> &
      OfExecution & {
        readonly epoch: number;
        /** `fence`, `promote`, `activate`, `start-service`, `verify-standby`, `shift-traffic` and so on. */
        readonly step: string;
        /** The resource of the plan; null for a step that is about all of them. */
        readonly item: string | null;
      })
  | (Told<"lifeboat.recovery.ended"> &
      OfExecution & {
        readonly outcome: Outcome;
        readonly reason: string;
        readonly from: SiteName;
        readonly to: SiteName;
        readonly epoch: number;
        readonly durationMs: number;
        /** From the start of the execution that began the move; null: not known. */
        readonly moveMs: number | null;
        /** The most that was lost, in time; null where nothing was promoted or it stayed unknown. */
        readonly lossMs: number | null;
      })
  | (Told<"lifeboat.recovery.unrecorded"> &
      OfExecution & {
        /** What will be recorded as soon as it can be. */
        readonly outcome: Outcome;
        /** Why it could not be. */
        readonly reason: string;
        /** True: it may pass by itself; false: somebody has to mend it. */
        readonly passing: boolean;
      })
  | (Told<"lifeboat.workload.protected"> & {
      readonly epoch: number;
      /** What a person has to look at. */
      readonly alerts: readonly string[];
    })
  | (Told<"lifeboat.site.fenced"> & {
      /** The epoch in which the site stopped its own services; null where it could not even look. */
      readonly epoch: number | null;
      readonly reason: string;
    });

export type RecoveryEventType = RecoveryEvent["type"];

/** What a step knows of an event; who tells it adds the rest. `distinct` tells events of one type and subject apart. */
export type EventDraft = RecoveryEvent extends infer Event
  ? Event extends RecoveryEvent
    ? Omit<Event, "version" | "id" | "workload" | "site" | "at"> & { readonly distinct?: string }
    : never
  : never;

/** The event of a draft. Its id follows from what happened, not from when it was told. */
export const toRecoveryEvent = (
  draft: EventDraft,
  where: { readonly workload: string; readonly site: SiteName; readonly nowMs: number },
): RecoveryEvent => {
  const { distinct, ...facts } = draft;
  const subject =
    "execution" in facts
      ? facts.execution.slice(facts.execution.lastIndexOf(":") + 1)
      : `${where.site}/${facts.epoch === null ? "unknown" : `e${facts.epoch}`}`;
  const parts = [where.workload, subject, facts.type.replace(/^lifeboat\./, ""), distinct];
  return {
    ...facts,
    version: 1,
    id: parts.filter((part) => part !== undefined).join("/"),
    workload: where.workload,
    site: where.site,
    at: isoOf(where.nowMs),
  };
};

const isoOf = (ms: number): string => new Date(ms).toISOString();

/** Eight hexadecimal digits of a text (FNV-1a): tells texts apart, and gives nothing of a secret away. */
export const shortDigest = (text: string): string => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
};
