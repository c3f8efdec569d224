import { soundJsonata, soundJsonPath } from "./sound-machines.ts";

type Tree = { [key: string]: Tree } & { readonly [Symbol.iterator]?: never };

/** A mistake planted in a sound machine, and where the validator must see it. */
export interface Defect {
  readonly name: string;
  readonly definition: object;
  readonly rule: string;
  readonly path: string;
}

const plant =
  (base: object) =>
  (name: string, rule: string, path: string, change: (states: Tree, machine: Tree) => void): Defect => {
    const machine = structuredClone(base) as Tree;
    change(machine["States"] ?? {}, machine);
    return { name, definition: machine, rule, path };
  };

// What is planted is often not what a tree of objects should hold: that is the point.
const wrong = (value: unknown): Tree => value as Tree;
const at = (tree: Tree, ...keys: readonly (string | number)[]): Tree =>
  keys.reduce<Tree>((inner, key) => inner[key] as Tree, tree);
const put = (tree: Tree, keys: readonly (string | number)[], value: unknown): void => {
  at(tree, ...keys.slice(0, -1))[String(keys.at(-1))] = wrong(value);
};

const N = plant(soundJsonata);
const P = plant(soundJsonPath);
const backups = ["PreChecks", "Branches", 1, "States", "Backups"] as const;
const backupsPath = "/States/PreChecks/Branches/1/States/Backups";
const snap = ["PerCluster", "ItemProcessor", "States", "Snap"] as const;
const snapPath = "/States/PerCluster/ItemProcessor/States/Snap";

const pollLoop = (condition: string, assign: object): object => ({
  QueryLanguage: "JSONata",
  StartAt: "Start",
  States: {
    Start: { Type: "Pass", Assign: { n: 0 }, Next: "Poll" },
    Poll: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      TimeoutSeconds: 60,
      Arguments: { FunctionName: "poll" },
      Assign: { done: "{% $states.result.Payload.done %}", ...assign },
      Next: "Check",
    },
    Check: { Type: "Choice", Choices: [{ Condition: condition, Next: "Done" }], Default: "Pause" },
    Pause: { Type: "Wait", Seconds: 20, Next: "Poll" },
    Done: { Type: "Succeed" },
  },
});

export const boundedLoops: Readonly<Record<string, object>> = {
  "by a counter": pollLoop("{% $done or $n > 10 %}", { n: "{% $n + 1 %}" }),
  "by the time": pollLoop("{% $done or $millis() > $n %}", {}),
  "by the machine's TimeoutSeconds": { ...pollLoop("{% $done %}", {}), TimeoutSeconds: 600 },
};

export const defects: readonly Defect[] = [
  N("syntax error in Output", "expression-syntax", "/States/Dns/Output", (s) =>
    put(s, ["Dns", "Output"], '{% {"a": %}'),
  ),
  N("syntax error in Condition", "expression-syntax", "/States/Mode/Choices/0/Condition", (s) =>
    put(s, ["Mode", "Choices", 0, "Condition"], '{% $mode == "drill" %}'),
  ),
  N("syntax error in Assign", "expression-syntax", "/States/Init/Assign/plan", (s) =>
    put(s, ["Init", "Assign", "plan"], '{% "a" & & %}'),
  ),
  N("syntax error deep in Arguments", "expression-syntax", "/States/Approve/Arguments/Message/token", (s) =>
    put(s, ["Approve", "Arguments", "Message", "token"], "{% $states.context.( %}"),
  ),
  N("expression without an end", "unterminated-expression", "/States/Init/Assign/plan", (s) =>
    put(s, ["Init", "Assign", "plan"], "{% $x "),
  ),
  N("expression after a space", "unterminated-expression", "/States/Init/Assign/plan", (s) =>
    put(s, ["Init", "Assign", "plan"], " {% 1 %}"),
  ),
  N("coalescing, an operator of JSONata 2.1", "expression-syntax", "/States/DrillWait/Seconds", (s) =>
    put(s, ["DrillWait", "Seconds"], "{% $mode ?? 1 %}"),
  ),
  N("default, an operator of JSONata 2.1", "expression-syntax", "/States/DrillWait/Seconds", (s) =>
    put(s, ["DrillWait", "Seconds"], "{% $mode ?: 1 %}"),
  ),
  N("undefined variable", "undefined-variable", "/States/PerCluster/Items", (s) =>
    put(s, ["PerCluster", "Items"], "{% $clustrs %}"),
  ),
  N("variable that is assigned only later", "undefined-variable", "/States/DrillWait/Seconds", (s) =>
    put(s, ["DrillWait", "Seconds"], "{% $count($results) %}"),
  ),
  N("variable of an inner scope, outside", "undefined-variable", "/States/Dns/Arguments/Input/plan", (s) =>
    put(s, ["Dns", "Arguments", "Input", "plan"], "{% $snap %}"),
  ),
  N("outer variable assigned inside", "shadowed-variable", snapPath, (s) =>
    put(s, [...snap, "Assign"], { plan: 1 }),
  ),
  N(
    "variable that one way leaves without a value",
    "maybe-undefined-variable",
    "/States/Dns/Arguments/Input/drill",
    (s) => put(s, ["Dns", "Arguments", "Input", "drill"], "{% $isDrill %}"),
  ),
  N("cause that a timeout does not have", "bare-cause", "/States/PreChecks/Catch/0/Output", (s) =>
    put(s, ["PreChecks", "Catch", 0, "Output"], "{% $states.errorOutput.Cause %}"),
  ),
  N("unknown function", "unknown-function", "/States/DrillWait/Seconds", (s) =>
    put(s, ["DrillWait", "Seconds"], "{% $sumup(1) %}"),
  ),
  N("$eval", "eval", "/States/DrillWait/Seconds", (s) =>
    put(s, ["DrillWait", "Seconds"], '{% $eval("1") %}'),
  ),
  N("$states.result in Arguments", "states-member", "/States/Dns/Arguments/Input/plan", (s) =>
    put(s, ["Dns", "Arguments", "Input", "plan"], "{% $states.result %}"),
  ),
  N("$states.errorOutput outside Catch", "states-member", "/States/Dns/Output", (s) =>
    put(s, ["Dns", "Output"], "{% $states.errorOutput %}"),
  ),
  N("$states.result in Catch", "states-member", "/States/PreChecks/Catch/0/Output", (s) =>
    put(s, ["PreChecks", "Catch", 0, "Output"], "{% $states.result %}"),
  ),
  N("member of $states that is not there", "states-member", "/States/Dns/Output", (s) =>
    put(s, ["Dns", "Output"], "{% $states.inputs %}"),
  ),
  N("token where there is none", "states-member", "/States/Init/Assign/plan", (s) =>
    put(s, ["Init", "Assign", "plan"], "{% $states.context.Task.Token %}"),
  ),
  N("name without a document", "no-document", "/States/Init/Assign/plan", (s) =>
    put(s, ["Init", "Assign", "plan"], "{% foo.bar %}"),
  ),
  N("Parameters in JSONata", "json-path-field", "/States/Dns/Parameters", (s) =>
    put(s, ["Dns", "Parameters"], {}),
  ),
  N("ResultPath in JSONata", "json-path-field", "/States/Dns/ResultPath", (s) =>
    put(s, ["Dns", "ResultPath"], "$.x"),
  ),
  N("Variable in a JSONata choice", "json-path-field", "/States/Mode/Choices/0/Variable", (s) =>
    put(s, ["Mode", "Choices", 0], { Variable: "$.a", StringEquals: "b", Next: "Done" }),
  ),
  N("Next to nowhere", "missing-state", "/States/DrillWait/Next", (s) =>
    put(s, ["DrillWait", "Next"], "Nope"),
  ),
  N("unreachable state", "unreachable-state", "/States/Orphan", (s) =>
    put(s, ["Orphan"], { Type: "Pass", End: true }),
  ),
  N("States.ALL not last", "states-all-last", "/States/PreChecks/Catch/0/ErrorEquals", (s) =>
    put(s, ["PreChecks", "Catch", 1], { ErrorEquals: ["X"], Next: "Abort" }),
  ),
  N("States.ALL not alone", "states-all-alone", "/States/PreChecks/Catch/0/ErrorEquals", (s) =>
    put(s, ["PreChecks", "Catch", 0, "ErrorEquals"], ["States.ALL", "X"]),
  ),
  N("heartbeat above timeout", "heartbeat", "/States/Approve/HeartbeatSeconds", (s) =>
    put(s, ["Approve", "HeartbeatSeconds"], 9999),
  ),
  N("one name in two branches", "duplicate-state", "/States/PreChecks/Branches/1/States/Replication", (s) => {
    put(s, ["PreChecks", "Branches", 1, "StartAt"], "Replication");
    put(s, ["PreChecks", "Branches", 1, "States"], { Replication: { Type: "Pass", End: true } });
  }),
  N("unknown jitter", "retry", `${backupsPath}/Retry/0/JitterStrategy`, (s) =>
    put(s, [...backups, "Retry", 0, "JitterStrategy"], "HALF"),
  ),
  N("longest delay below the interval", "retry", `${backupsPath}/Retry/0/MaxDelaySeconds`, (s) =>
    put(s, [...backups, "Retry", 0, "MaxDelaySeconds"], 1),
  ),
  N("backoff below one", "retry", `${backupsPath}/Retry/0/BackoffRate`, (s) =>
    put(s, [...backups, "Retry", 0, "BackoffRate"], 0.5),
  ),
  N(
    "neither Next nor End",
    "next-or-end",
    "/States/DrillWait",
    (s) => void delete at(s, "DrillWait")["Next"],
  ),
  N("unknown field", "unknown-field", "/States/DrillWait/Foo", (s) => put(s, ["DrillWait", "Foo"], 1)),
  N("SDK operation that does not exist", "sdk-operation", `${snapPath}/Resource`, (s) =>
    put(s, [...snap, "Resource"], "arn:aws:states:::aws-sdk:rds:createDBSnapshotX"),
  ),
  N("SDK parameter in the API's case", "sdk-parameter", `${snapPath}/Arguments/DBClusterIdentifier`, (s) =>
    put(s, [...snap, "Arguments"], { DBClusterIdentifier: "x" }),
  ),
  N("Wait with two durations", "wait-duration", "/States/DrillWait", (s) =>
    put(s, ["DrillWait", "Timestamp"], "2026-01-01T00:00:00Z"),
  ),
  N("jump out of a branch", "missing-state", `${backupsPath}/Next`, (s) => {
    delete at(s, ...backups)["End"];
    put(s, [...backups, "Next"], "Done");
  }),
  N("name of more than 80 characters", "state-name", `/States/${"x".repeat(81)}`, (s) => {
    put(s, ["x".repeat(81)], { Type: "Succeed" });
    put(s, ["Dns", "Next"], "x".repeat(81));
    delete s["Done"];
    put(s, ["Mode", "Default"], "BadMode");
  }),
  N("callback without a timeout", "task-timeout", "/States/Approve", (s) => {
    delete at(s, "Approve")["TimeoutSeconds"];
  }),
  N("task without a timeout in a machine without one", "task-timeout", backupsPath, (_, machine) => {
    delete machine["TimeoutSeconds"];
  }),
  N(
    "Wait loop in a machine without a timeout",
    "unbounded-wait",
    "/States/PerCluster/ItemProcessor/States/WaitSnap",
    (_, machine) => {
      delete machine["TimeoutSeconds"];
    },
  ),
  {
    name: "Wait loop that ends only when a task says so",
    definition: pollLoop("{% $done %}", {}),
    rule: "unbounded-wait",
    path: "/States/Pause",
  },
  N("two states that lead only to each other", "no-end", "/States/Abort", (s) => {
    put(s, ["Abort"], { Type: "Pass", Next: "Round" });
    put(s, ["Round"], { Type: "Pass", Next: "Abort" });
  }),
  N("timestamp that is no date", "field-type", "/States/DrillWait/Timestamp", (s) =>
    put(s, ["DrillWait"], { Type: "Wait", Timestamp: "2026-02-30T00:00:00Z", Next: "PreChecks" }),
  ),
  N("optimized integration that does not exist", "resource", `${snapPath}/Resource`, (s) =>
    put(s, [...snap, "Resource"], "arn:aws:states:::rds:createDBClusterSnapshot"),
  ),
  N("JSONPath inside JSONata", "query-language", "/States/DrillWait", (s) =>
    put(s, ["DrillWait", "QueryLanguage"], "JSONPath"),
  ),
  P("bad path in JSONPath", "json-path-syntax", "/States/Dns/InputPath", (s) =>
    put(s, ["Dns", "InputPath"], "$.a[["),
  ),
  P("unknown intrinsic function", "json-path-syntax", "/States/Validate/Parameters/plan.$", (s) =>
    put(s, ["Validate", "Parameters", "plan.$"], "States.Fromat('x')"),
  ),
  P("Output in JSONPath", "jsonata-field", "/States/Dns/Output", (s) => put(s, ["Dns", "Output"], "{% 1 %}")),
  P("no path in a .$ field", "json-path-syntax", "/States/Validate/Parameters/x.$", (s) =>
    put(s, ["Validate", "Parameters", "x.$"], "notapath"),
  ),
  P("ResultPath that names many places", "json-path-syntax", "/States/Dns/ResultPath", (s) =>
    put(s, ["Dns", "ResultPath"], "$.a[*]"),
  ),
];
