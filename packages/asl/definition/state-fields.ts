/** What a field of a state may hold in JSONata. Expressions are allowed wherever the kind does not say otherwise. */
export type FieldKind =
  | { readonly kind: "json" }
  | { readonly kind: "assign" }
  | { readonly kind: "text" }
  | { readonly kind: "literal-text" }
  | { readonly kind: "timestamp" }
  | { readonly kind: "array" }
  | { readonly kind: "integer"; readonly least: number; readonly most: number }
  | { readonly kind: "percentage" }
  | { readonly kind: "condition" }
  | { readonly kind: "next" }
  | { readonly kind: "end" }
  /** Checked by a function of its own. */
  | { readonly kind: "nested" }
  | { readonly kind: "refused"; readonly reason: string };

export interface FieldSpec {
  readonly field: FieldKind;
  readonly required?: true;
}

type Fields = Readonly<Record<string, FieldSpec>>;

const json: FieldSpec = { field: { kind: "json" } };
const assign: FieldSpec = { field: { kind: "assign" } };
const text: FieldSpec = { field: { kind: "text" } };
const literalText: FieldSpec = { field: { kind: "literal-text" } };
const nested: FieldSpec = { field: { kind: "nested" } };
const next: FieldSpec = { field: { kind: "next" } };
const end: FieldSpec = { field: { kind: "end" } };
const integer = (least: number, most: number): FieldSpec => ({ field: { kind: "integer", least, most } });
const refused = (reason: string): FieldSpec => ({ field: { kind: "refused", reason } });
const required = (spec: FieldSpec): FieldSpec => ({ ...spec, required: true });

/** 99,999,999 seconds: the longest time that the language knows, more than three years. */
export const LONGEST_SECONDS = 99_999_999;

const common: Fields = { Type: literalText, Comment: literalText, QueryLanguage: literalText };
const flow: Fields = { Next: next, End: end };
const recovery: Fields = { Retry: nested, Catch: nested };

/**
 * The fields of each state type.
 *
 * @see https://states-language.net/spec.html and https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html
 */
export const stateFields: Readonly<Record<string, Fields>> = {
  Pass: { ...common, ...flow, Output: json, Assign: assign },
  Task: {
    ...common,
    ...flow,
    ...recovery,
    Resource: required(literalText),
    Arguments: json,
    Output: json,
    Assign: assign,
    TimeoutSeconds: integer(1, LONGEST_SECONDS),
    HeartbeatSeconds: integer(1, LONGEST_SECONDS),
    Credentials: refused("roles of other accounts are not modelled"),
  },
  Choice: { ...common, Choices: required(nested), Default: next, Output: json, Assign: assign },
  Wait: {
    ...common,
    ...flow,
    Seconds: integer(0, LONGEST_SECONDS),
    Timestamp: { field: { kind: "timestamp" } },
    Output: json,
    Assign: assign,
  },
  Succeed: { ...common, Output: json },
  Fail: { ...common, Error: text, Cause: text },
  Parallel: {
    ...common,
    ...flow,
    ...recovery,
    Branches: required(nested),
    Arguments: json,
    Output: json,
    Assign: assign,
  },
  Map: {
    ...common,
    ...flow,
    ...recovery,
    ItemProcessor: required(nested),
    Items: { field: { kind: "array" } },
    ItemSelector: json,
    ItemBatcher: nested,
    ItemReader: refused("a Map over objects in S3 is not modelled; give it Items"),
    ResultWriter: refused("writing a Map's results to S3 is not modelled"),
    Iterator: refused("Iterator is deprecated; use ItemProcessor"),
    MaxConcurrency: integer(0, LONGEST_SECONDS),
    ToleratedFailureCount: integer(0, LONGEST_SECONDS),
    ToleratedFailurePercentage: { field: { kind: "percentage" } },
    Label: literalText,
    Output: json,
    Assign: assign,
  },
};

export const retrierFields: Fields = {
  Comment: literalText,
  ErrorEquals: required(nested),
  IntervalSeconds: nested,
  MaxAttempts: nested,
  BackoffRate: nested,
  MaxDelaySeconds: nested,
  JitterStrategy: nested,
};

export const catcherFields: Fields = {
  Comment: literalText,
  ErrorEquals: required(nested),
  Next: required(next),
  Output: json,
  Assign: assign,
};

export const choiceRuleFields: Fields = {
  Comment: literalText,
  Condition: required({ field: { kind: "condition" } }),
  Next: required(next),
  Output: json,
  Assign: assign,
};

export const itemBatcherFields: Fields = {
  BatchInput: json,
  MaxItemsPerBatch: integer(1, LONGEST_SECONDS),
  MaxInputBytesPerBatch: integer(1, 262_144),
};

/** What JSONPath alone has; in a JSONata state each is an error. */
export const jsonPathOnlyFields: ReadonlySet<string> = new Set([
  "InputPath",
  "OutputPath",
  "Parameters",
  "Result",
  "ResultPath",
  "ResultSelector",
  "ItemsPath",
  "SecondsPath",
  "TimestampPath",
  "TimeoutSecondsPath",
  "HeartbeatSecondsPath",
  "MaxConcurrencyPath",
  "ToleratedFailureCountPath",
  "ToleratedFailurePercentagePath",
  "ErrorPath",
  "CausePath",
  "Variable",
]);
