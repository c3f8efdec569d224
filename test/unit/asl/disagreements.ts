import type { LinterName } from "./linters.ts";

/** Why a public linter says nothing about a mistake that our validator names. */
const reasons = {
  names:
    "reads expressions for their syntax only: not which variables, functions or members of $states they name",
  syntax: "does not parse JSONata",
  delimiters: "takes a string with broken delimiters for a literal",
  wildcard: "does not look at States.ALL",
  times: "compares no durations with each other",
  ranges: "has no such limit in its schema",
  catalogue: "knows no operations of AWS's services, nor how Step Functions writes their parameters",
  soundness: "checks whether a machine can be created, not whether it comes to an end",
  fields: "lets the fields of one query language stand in a state of the other",
  paths: "checks the paths of payload templates only",
  uniqueness: "looks for a name in its own list of states only",
  scopes: "does not know the scopes of variables",
} as const;

const both = (reason: keyof typeof reasons): Readonly<Record<LinterName, string>> => ({
  "asl-validator": reasons[reason],
  "amazon-states-language-service": reasons[reason],
});
const theFirst = (reason: keyof typeof reasons) => ({ "asl-validator": reasons[reason] });
const theSecond = (reason: keyof typeof reasons) => ({ "amazon-states-language-service": reasons[reason] });

/** All disagreements, by the defect's name. Whatever is not here, both linters report as we do. */
export const disagreements: Readonly<Record<string, Readonly<Partial<Record<LinterName, string>>>>> = {
  "syntax error in Output": theSecond("syntax"),
  "syntax error in Condition": theSecond("syntax"),
  "syntax error in Assign": theSecond("syntax"),
  "syntax error deep in Arguments": theSecond("syntax"),
  "expression without an end": theSecond("delimiters"),
  "expression after a space": both("delimiters"),
  "coalescing, an operator of JSONata 2.1": theSecond("syntax"),
  "default, an operator of JSONata 2.1": theSecond("syntax"),
  "undefined variable": both("names"),
  "variable that is assigned only later": both("names"),
  "variable of an inner scope, outside": both("scopes"),
  "outer variable assigned inside": both("scopes"),
  "variable that one way leaves without a value": both("names"),
  "cause that a timeout does not have": both("names"),
  "unknown function": both("names"),
  $eval: both("names"),
  "$states.result in Arguments": both("names"),
  "$states.errorOutput outside Catch": both("names"),
  "$states.result in Catch": both("names"),
  "member of $states that is not there": both("names"),
  "token where there is none": both("names"),
  "name without a document": both("names"),
  "Parameters in JSONata": theSecond("fields"),
  "ResultPath in JSONata": theSecond("fields"),
  "States.ALL not last": both("wildcard"),
  "States.ALL not alone": both("wildcard"),
  "heartbeat above timeout": both("times"),
  "one name in two branches": theSecond("uniqueness"),
  "unknown jitter": theFirst("ranges"),
  "longest delay below the interval": both("times"),
  "backoff below one": theFirst("ranges"),
  "SDK operation that does not exist": both("catalogue"),
  "SDK parameter in the API's case": both("catalogue"),
  "name of more than 80 characters": theSecond("ranges"),
  "callback without a timeout": both("soundness"),
  "task without a timeout in a machine without one": both("soundness"),
  "Wait loop in a machine without a timeout": both("soundness"),
  "Wait loop that ends only when a task says so": both("soundness"),
  "two states that lead only to each other": both("soundness"),
  "timestamp that is no date": theSecond("ranges"),
  "optimized integration that does not exist": both("catalogue"),
  "JSONPath inside JSONata": theSecond("fields"),
  "bad path in JSONPath": theSecond("paths"),
  "Output in JSONPath": theSecond("fields"),
  "ResultPath that names many places": theSecond("paths"),
};
