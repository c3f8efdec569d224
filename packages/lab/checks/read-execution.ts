import type { HistoryEvent } from "@lifeboat/cloud/services/sfn/interpreter-port";
import type { ExecutionEvidence } from "./evidence.ts";
import { oncePer } from "../once-per.ts";

type Details = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

const detail = (event: HistoryEvent, group: string, name: string): unknown =>
  (event as unknown as Details)[group]?.[name];

/** When the state of that name was entered, each time. */
export const enteredAtMs = (
  { history }: Pick<ExecutionEvidence, "history">,
  state: string,
): readonly number[] =>
  history
    .filter((event) => detail(event, "stateEnteredEventDetails", "name") === state)
    .map((event) => event.timestampMs);

/** When any state was entered. */
export const allEnteredAtMs = ({ history }: ExecutionEvidence): readonly number[] =>
  history
    .filter((event) => detail(event, "stateEnteredEventDetails", "name") !== undefined)
    .map((event) => event.timestampMs);

/** The states of a hold, from the question to what its answers led to. */
const HOLDING = new Set(["BeginHold", "Hold", "CountHoldAnswers", "Unasked", "AskLater", "Answered"]);

/** A stay in a hold. */
export interface HoldVisit {
  readonly fromMs: number;
  /** When its answers began to be counted for the last time; minus infinity: they never were. */
  readonly countedAtMs: number;
  /** When it led to something else; infinity: it goes on. */
  readonly untilMs: number;
}

/** Each stay in a hold, in their order. */
export const holdsOf = ({ history }: Pick<ExecutionEvidence, "history">): readonly HoldVisit[] => {
  const holds: HoldVisit[] = [];
  for (const event of history) {
    const state = detail(event, "stateEnteredEventDetails", "name");
    const atMs = event.timestampMs;
    const last = holds.at(-1);
    if (state === "BeginHold") {
      holds.push({ fromMs: atMs, countedAtMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY });
    } else if (last !== undefined && last.untilMs === Number.POSITIVE_INFINITY && typeof state === "string") {
      if (state === "CountHoldAnswers") holds.splice(-1, 1, { ...last, countedAtMs: atMs });
      else if (!HOLDING.has(state)) holds.splice(-1, 1, { ...last, untilMs: atMs });
    }
  }
  return holds;
};

/** When the state of that name was left, each time. */
export const exitedAtMs = ({ history }: ExecutionEvidence, state: string): readonly number[] =>
  history
    .filter((event) => detail(event, "stateExitedEventDetails", "name") === state)
    .map((event) => event.timestampMs);

/** Where a phase that cannot go on leads to: both are entered as soon as it is given up. */
const AFTER_FAILURE = ["BeginHold", "RecordOutcome"];

/** Each stay in a phase that goes over the plan's resources, from its beginning to its end or to its failure. */
export const phaseVisits = (
  { history, stoppedAtMs }: ExecutionEvidence,
  nowMs: number,
): readonly { readonly state: string; readonly enteredAtMs: number; readonly leftAtMs: number }[] =>
  history
    .filter(({ type }) => type === "MapStateEntered")
    .map((event) => {
      const state = String(detail(event, "stateEnteredEventDetails", "name"));
      const end = history.find(
        (later) =>
          later.id > event.id &&
          (detail(later, "stateExitedEventDetails", "name") === state ||
            AFTER_FAILURE.includes(String(detail(later, "stateEnteredEventDetails", "name")))),
      );
      return { state, enteredAtMs: event.timestampMs, leftAtMs: end?.timestampMs ?? stoppedAtMs ?? nowMs };
    });

/** The state that was entered last: where a running execution is. */
export const lastEntered = ({ history }: Pick<ExecutionEvidence, "history">): string | undefined => {
  // From the end: a running execution is asked again and again.
  for (let index = history.length - 1; index >= 0; index--) {
    const event = history[index];
    const name = event === undefined ? undefined : detail(event, "stateEnteredEventDetails", "name");
    if (typeof name === "string") return name;
  }
  return undefined;
};

const texts = new WeakMap<readonly HistoryEvent[], { readonly length: number; readonly text: string }>();

/** A history as JSON. A history only grows: as long as it has not, its text is spelt once for all who read it. */
export const historyText = ({ history }: Pick<ExecutionEvidence, "history">): string => {
  const known = texts.get(history);
  if (known?.length === history.length) return known.text;
  const text = JSON.stringify(history);
  texts.set(history, { length: history.length, text });
  return text;
};

/** What a text says, where it may say something of that name at all: histories are long, and most of them is about other things. */
const parsed = (text: unknown, name: string): unknown => {
  if (typeof text !== "string" || !text.includes(`"${name}"`)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

interface Verdict {
  readonly verdict: unknown;
  readonly persons: number;
}

/** What the machine counted, each time. Not what anybody sent with a task token. */
export const verdictsIn = oncePer(({ history }: Pick<ExecutionEvidence, "history">): readonly Verdict[] =>
  history
    .filter((event) => detail(event, "taskSucceededEventDetails", "resource") === "invoke")
    .map((event) => field(parsed(detail(event, "taskSucceededEventDetails", "output"), "verdict"), "Payload"))
    .filter((payload) => field(payload, "verdict") !== undefined)
    .map((payload) => ({ verdict: field(payload, "verdict"), persons: Number(field(payload, "persons")) })),
);

/** Tokens that were handed out to people: whoever has one can answer for them. */
export const taskTokens = ({ history }: Pick<ExecutionEvidence, "history">): readonly string[] =>
  history
    .map((event) =>
      field(
        field(parsed(detail(event, "taskScheduledEventDetails", "parameters"), "token"), "Payload"),
        "token",
      ),
    )
    .filter((token): token is string => typeof token === "string");

/** Did whoever started it order it, with an override in its input? */
export const isOrdered = ({ input }: Pick<ExecutionEvidence, "input">): boolean => {
  const ordered = field(input, "override");
  return typeof ordered === "object" && ordered !== null;
};

/** Did a person take responsibility on record: in the input, or in the answers to a hold? */
export const hasOverride = (execution: ExecutionEvidence): boolean =>
  isOrdered(execution) || verdictsIn(execution).some(({ verdict }) => verdict === "override");

/** How many people approved, by the machine's count. */
export const approvalsIn = (execution: ExecutionEvidence): number =>
  verdictsIn(execution)
    .filter(({ verdict }) => verdict === "approve")
    .reduce((most, { persons }) => Math.max(most, persons), 0);

export const isDryRun = ({ input }: ExecutionEvidence): boolean => field(input, "dryRun") === true;

export const outcomeOf = ({ output }: ExecutionEvidence): unknown => field(output, "outcome");
