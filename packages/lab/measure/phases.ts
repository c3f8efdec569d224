import type { HistoryEvent } from "@lifeboat/cloud/services/sfn/interpreter-port";
import { failoverPhases, type PhaseName } from "@lifeboat/recovery/phases";
import type { PhaseTiming } from "@lifeboat/recovery/outcome";
import type { Span } from "./spans.ts";

/** The states of the failover machine that a phase consists of. The first enters it, the last leaves it. */
const statesOf: Readonly<Record<PhaseName, readonly string[]>> = {
  "load-plan": ["LoadPlan"],
  assess: ["Assess"],
  approve: ["Approve", "Approved"],
  claim: ["ClaimEpoch"],
  fence: ["FencePrimary"],
  promote: ["PromoteStores", "ActivateSite"],
  "start-services": ["StartServices"],
  "verify-standby": ["VerifyStandby"],
  "shift-traffic": ["ShiftTraffic"],
  "restart-workers": ["RestartWorkers"],
  "verify-workload": ["VerifyWorkload"],
  "retire-primary": ["RetirePrimary"],
  "record-outcome": ["RecordOutcome"],
};

/** The state that an execution enters first in a phase. */
export const firstStateOf = (phase: PhaseName): string => statesOf[phase][0] ?? phase;

const nameIn = (
  event: HistoryEvent,
  key: "stateEnteredEventDetails" | "stateExitedEventDetails",
): string | undefined =>
  (event as HistoryEvent & Record<typeof key, { name?: string } | undefined>)[key]?.name;

const phaseOf: ReadonlyMap<string, PhaseName> = new Map(
  failoverPhases.flatMap(({ name }) => statesOf[name].map((state) => [state, name] as const)),
);

/** When each phase that was reached began and ended, as the execution's history has it. */
export const phasesIn = (history: readonly HistoryEvent[]): readonly PhaseTiming[] => {
  const entered = new Map<PhaseName, HistoryEvent>();
  const exited = new Map<PhaseName, HistoryEvent>();
  for (const event of history) {
    const into = phaseOf.get(nameIn(event, "stateEnteredEventDetails") ?? "");
    if (into !== undefined && !entered.has(into)) entered.set(into, event);
    const from = phaseOf.get(nameIn(event, "stateExitedEventDetails") ?? "");
    if (from !== undefined) exited.set(from, event);
  }
  return failoverPhases.flatMap(({ name }) => {
    const first = entered.get(name);
    if (first === undefined) return [];
    // A phase that failed or is being held has no exit of its own: it lasts until the history's last event.
    const last = exited.get(name) ?? history.at(-1) ?? first;
    return [{ name, startedAtMs: first.timestampMs, endedAtMs: last.timestampMs }];
  });
};

/** The phase that a state enters, for a live timeline. */
export const phaseEnteredBy = (event: HistoryEvent): PhaseName | undefined => {
  const state = nameIn(event, "stateEnteredEventDetails");
  return failoverPhases.find(({ name }) => statesOf[name][0] === state)?.name;
};

/** A question to people in which an execution is held, as the machine puts it. */
export interface HoldQuestion {
  readonly phase: string;
  readonly reason: string;
  /** Of the execution's questions: the same one is sent anew every five minutes. */
  readonly number: number;
}

/** The question that an event sends, if it is one of a hold. */
export const holdAskedBy = (event: HistoryEvent): HoldQuestion | undefined => {
  const { taskScheduledEventDetails: task } = event as HistoryEvent & {
    readonly taskScheduledEventDetails?: { readonly resource: string; readonly parameters: string };
  };
  if (task?.resource !== "invoke.waitForTaskToken") return undefined;
  const { Payload } = JSON.parse(task.parameters) as { Payload?: HoldQuestion & { readonly kind?: string } };
  return Payload?.kind === "hold" ? Payload : undefined;
};

/** The stretches in which a machine waited in one of the states. */
export const waitsIn = (history: readonly HistoryEvent[], states: readonly string[]): readonly Span[] =>
  history.flatMap((event) => {
    if (!states.includes(nameIn(event, "stateEnteredEventDetails") ?? "")) return [];
    const name = nameIn(event, "stateEnteredEventDetails");
    const exit = history.find(
      (later) => later.id > event.id && nameIn(later, "stateExitedEventDetails") === name,
    );
    return [
      {
        startMs: event.timestampMs,
        endMs: exit?.timestampMs ?? history.at(-1)?.timestampMs ?? event.timestampMs,
      },
    ];
  });
