import { evaluateBoolean, evaluateNumber, evaluateText, FieldError, type Place } from "../evaluate-field.ts";
import { failState } from "../fail-state.ts";
import { leaveState } from "../leave-state.ts";
import type { ChoiceState, FailState, PassState, SucceedState, WaitState } from "../../definition/machine.ts";
import { setPhase } from "../run.ts";
import { LONGEST_SECONDS } from "../../definition/state-fields.ts";
import { parseTimestamp } from "../../values/timestamp.ts";

type At<S> = Place & { readonly state: S };

export const doPass = (place: At<PassState | SucceedState | WaitState>): Promise<void> => {
  const { output, assign, next } = place.state;
  return leaveState(place, { output, assign, next, fallback: place.thread.visit.input });
};

export const doFail = async (place: At<FailState>): Promise<void> => {
  const { run, thread, state } = place;
  const error = state.error === undefined ? undefined : await evaluateText(place, state.error);
  const cause = state.cause === undefined ? undefined : await evaluateText(place, state.cause);
  await failState(run, thread, { error, cause });
};

/** The first rule whose condition holds; a state's own Output and Assign are for Default alone. */
export const doChoice = async (place: At<ChoiceState>): Promise<void> => {
  const { run, thread, state } = place;
  const fallback = thread.visit.input;
  for (const rule of state.rules) {
    if (!(await evaluateBoolean(place, rule.condition))) continue;
    await leaveState(place, { output: rule.output, assign: rule.assign, next: rule.next, fallback });
    return;
  }
  if (state.defaultNext === undefined) {
    const cause = `An error occurred while executing the state '${state.name}' (entered at the event id #${thread.visit.enteredEventId}). Failed to transition out of the state. The state does not point to a next state.`;
    await failState(run, thread, { error: "States.NoChoiceMatched", cause });
    return;
  }
  await leaveState(place, { output: state.output, assign: state.assign, next: state.defaultNext, fallback });
};

const waitEndMs = async (place: At<WaitState>): Promise<number> => {
  const { run, thread, state } = place;
  if (state.seconds !== undefined) {
    const seconds = await evaluateNumber(place, state.seconds, { least: 0, most: LONGEST_SECONDS });
    return thread.visit.enteredAtMs + seconds * 1000;
  }
  if (state.timestamp === undefined) return run.nowMs;
  const text = await evaluateText(place, state.timestamp);
  const endMs = parseTimestamp(text);
  if (endMs !== undefined) return endMs;
  throw new FieldError(
    "Timestamp",
    `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${text}`,
    true,
  );
};

export const doWait = async (place: At<WaitState>): Promise<void> => {
  const untilMs = await waitEndMs(place);
  if (untilMs <= place.run.nowMs) await doPass(place);
  else setPhase(place.thread, { type: "waiting", untilMs });
};
