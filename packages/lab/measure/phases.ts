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

/** When each phase that was reached began and ended, as the execution's history has it. */
export const phasesIn = (history: readonly HistoryEvent[]): readonly PhaseTiming[] =>
  failoverPhases.flatMap(({ name }) => {
    const states = new Set(statesOf[name]);
    const entered = history.filter((event) => states.has(nameIn(event, "stateEnteredEventDetails") ?? ""));
    const exited = history.filter((event) => states.has(nameIn(event, "stateExitedEventDetails") ?? ""));
    const first = entered[0];
    if (first === undefined) return [];
    // A phase that failed or is being held has no exit of its own: it lasts until the history's last event.
    const last = exited.at(-1) ?? history.at(-1) ?? first;
    return [{ name, startedAtMs: first.timestampMs, endedAtMs: last.timestampMs }];
  });

/** The phase that a state enters, for a live timeline. */
export const phaseEnteredBy = (event: HistoryEvent): PhaseName | undefined => {
  const state = nameIn(event, "stateEnteredEventDetails");
  return failoverPhases.find(({ name }) => statesOf[name][0] === state)?.name;
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
