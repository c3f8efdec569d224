import { testState } from "@lifeboat/asl/test-state";
import { validate } from "@lifeboat/asl/validate";
import {
  asRecorded,
  type Case,
  type DefinitionCase,
  type ExecutionCase,
  type ExpectedEvent,
  type StateCase,
} from "./cases.ts";
import { difference, differenceUnordered } from "./match.ts";
import { runExecution } from "./run-execution.ts";

/** The steps in which a case is compared, by the recordings' README; a case passes when no step differs. */
export type Level = "result" | "cause" | "event types" | "event details" | "previousEventId" | "verdict";

export interface Difference {
  readonly level: Level;
  readonly what: string;
}

const pick = (from: object, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));

const without = ({ id: _id, previousEventId: _previous, ...event }: ExpectedEvent): object => event;

const judgeExecution = async (recorded: ExecutionCase): Promise<Difference | undefined> => {
  const { transition, events } = await runExecution(recorded);
  const { expected, eventOrder } = recorded;
  const compare = (
    level: Level,
    left: readonly unknown[],
    right: readonly unknown[],
  ): Difference | undefined => {
    const what = eventOrder === "concurrent" ? differenceUnordered(left, right) : difference(left, right);
    return what === undefined ? undefined : { level, what };
  };
  const result = difference(
    pick(expected, ["status", "output", "error"]),
    pick(transition.execution, ["status", "output", "error"]),
  );
  if (result !== undefined) return { level: "result", what: result };
  const cause = difference(expected.cause, transition.execution.cause);
  if (cause !== undefined) return { level: "cause", what: cause };
  if (expected.events === undefined) return undefined;
  const actual = events.map(asRecorded);
  const ids = (event: ExpectedEvent) => [event.id, event.previousEventId];
  return (
    compare(
      "event types",
      expected.events.map(({ type }) => type),
      actual.map(({ type }) => type),
    ) ??
    compare("event details", expected.events.map(without), actual.map(without)) ??
    (eventOrder === "concurrent"
      ? undefined
      : compare("previousEventId", expected.events.map(ids), actual.map(ids)))
  );
};

const judgeDefinition = ({
  definition,
  definitionText,
  type,
  expected,
}: DefinitionCase): Difference | undefined => {
  const problems = validate(definitionText ?? JSON.stringify(definition), { type: type ?? "STANDARD" });
  const invalid = problems.filter(({ kind }) => kind === "invalid");
  const said = invalid.map(({ path, message }) => `${path}: ${message}`).join("; ");
  if (expected.accepted !== (invalid.length === 0)) return { level: "verdict", what: said || "accepted" };
  // The location is AWS's for a definition; for text that is no JSON at all it is words of AWS's parser.
  const missing = (expected.diagnostics ?? []).find(
    ({ location }) => location.startsWith("/") && !invalid.some(({ path }) => path === location),
  );
  return missing === undefined
    ? undefined
    : { level: "verdict", what: `nothing was said about ${missing.location}; only ${said}` };
};

const judgeState = async (recorded: StateCase): Promise<Difference | undefined> => {
  const { definition, stateName, input, variables, context, mock, stateConfiguration, expected } = recorded;
  const answer = await testState({
    definition,
    stateName,
    input,
    variables,
    context,
    mock,
    stateConfiguration,
    // The calls with a mock had a role; the recording shows it only in their context objects.
    roleArn: mock === undefined ? undefined : "arn:aws:iam::111111111111:role/role",
    nowMs: 0,
    seed: 1,
  });
  const what = difference(expected, answer);
  return what === undefined ? undefined : { level: "result", what };
};

/** What is different from what AWS did; `undefined` where nothing is. Rejects where the case cannot be run. */
export const judge = async (recorded: Case): Promise<Difference | undefined> => {
  switch (recorded.kind) {
    case "execution":
      return judgeExecution(recorded);
    case "definition":
      return judgeDefinition(recorded);
    case "state":
      return judgeState(recorded);
  }
};
