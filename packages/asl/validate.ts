import { checkAssigned, checkBareCauses } from "./validation/check-assigned.ts";
import { checkErrors, type ErrorsOf } from "./validation/check-errors.ts";
import { checkExpressionSite } from "./validation/check-expressions.ts";
import type { Report } from "./definition/check-fields.ts";
import { checkReachable, checkTimeouts, checkWaitLoops } from "./validation/check-flow.ts";
import { checkJsonPath } from "./validation/check-json-path.ts";
import { checkSdkIntegration, type SdkCatalogue } from "./validation/check-sdk.ts";
import { checkStructure } from "./definition/check-structure.ts";
import { checkVariables } from "./validation/check-variables.ts";
import { expressionsOf } from "./validation/expression-sites.ts";
import { formatPath, type DefinitionPath, type Finding } from "./definition/finding.ts";
import { isJsonArray, isJsonObject, type Json } from "./values/json.ts";
import { JsonSyntaxError, parseJsonSource, type JsonSource } from "./values/json-source.ts";
import { outline, type Group } from "./validation/outline.ts";

export { catalogueFromClient, stepFunctionsServiceName, type SdkCatalogue } from "./validation/check-sdk.ts";
export type { ErrorsOf } from "./validation/check-errors.ts";

/** Something wrong with a machine's text. */
export interface Problem {
  /** Where, as AWS writes it: `/States/Wait/Timestamp`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Name of the check, for those who list exceptions. */
  readonly rule: string;
  /** `invalid`: Step Functions refuses to create the machine. `unsound`: it runs, and fails or hangs one day. */
  readonly kind: "invalid" | "unsound";
  readonly message: string;
}

export interface ValidateOptions {
  readonly type?: "STANDARD" | "EXPRESS";
  /** Errors that functions throw; without it, error names are not compared. */
  readonly errorsOf?: ErrorsOf;
  /** Operations of the SDK integrations; of services that it lacks, only the form of parameters is checked. */
  readonly sdkCatalogue?: SdkCatalogue;
}

/** Checks whose findings Step Functions itself lets pass. */
const UNSOUND = new Set([
  "duplicate-key",
  "unterminated-expression",
  "unknown-function",
  "states-member",
  "no-document",
  "undefined-variable",
  "maybe-undefined-variable",
  "bare-cause",
  "no-end",
  "unbounded-wait",
  "task-timeout",
  "sdk-parameter",
  "unhandled-error",
  "unthrown-error",
]);

const JSON_TEXT_LIMIT_BYTES = 1_048_576;

/** A string that begins like an expression and does not end like one is a literal, which nobody means. */
const checkDelimiters = (value: Json, path: DefinitionPath, report: Report): void => {
  if (typeof value === "string") {
    const trimmed = value.trim();
    const [opens, closes] = [trimmed.startsWith("{%"), trimmed.endsWith("%}")];
    if (opens !== closes) {
      const missing = opens ? "does not end with %}" : "does not begin with {%";
      report(path, "unterminated-expression", `this ${missing}, so it is taken as a literal`);
    } else if (opens && trimmed !== value) {
      report(path, "unterminated-expression", "with white space around {% … %} this is taken as a literal");
    }
  } else if (isJsonArray(value)) {
    for (const [index, item] of value.entries()) checkDelimiters(item, [...path, index], report);
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      if (key !== "Comment") checkDelimiters(member, [...path, key], report);
    }
  }
};

/**
 * What an EXPRESS machine may not have.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
 */
const checkExpress = (groups: readonly Group[], report: Report): void => {
  for (const { path, isDistributed, sites } of groups) {
    if (isDistributed) report(path, "express", "Express state machine does not support a distributed Map");
    for (const site of sites.values()) {
      const resource = site.state["Resource"];
      if (typeof resource !== "string") continue;
      const at = [...site.path, "Resource"];
      if (resource.includes(":activity:"))
        report(at, "express", "Express state machine does not support Activity ARN");
      const [pattern] = /\.(waitForTaskToken|sync)/.exec(resource) ?? [];
      if (pattern !== undefined) {
        report(at, "express", `Express state machine does not support '${pattern}' service integration`);
      }
    }
  }
};

const findingsOf = (source: JsonSource, options: ValidateOptions): Finding[] => {
  const { value, duplicateKeys } = source;
  const findings: Finding[] = checkStructure(value, { checkJsonPathState: checkJsonPath });
  const report: Report = (path, rule, message, more) => void findings.push({ path, rule, message, ...more });
  for (const path of duplicateKeys) {
    report(path, "duplicate-key", `'${path.at(-1)}' stands twice in this object; only the last one counts`);
  }
  const groups = outline(value);
  const hasMachineTimeout = isJsonObject(value) && value["TimeoutSeconds"] !== undefined;
  if (options.type === "EXPRESS") checkExpress(groups, report);
  for (const group of groups) {
    checkReachable(group, report);
    checkWaitLoops(group, hasMachineTimeout, report);
    checkTimeouts(group, hasMachineTimeout, report);
    for (const site of group.sites.values()) {
      checkBareCauses(site, report);
      checkSdkIntegration(site, options.sdkCatalogue ?? {}, report);
      for (const expression of expressionsOf(site)) checkExpressionSite(expression, report);
    }
  }
  if (isJsonObject(value) && value["QueryLanguage"] === "JSONata") checkDelimiters(value, [], report);
  checkVariables(groups, report);
  checkAssigned(groups, report);
  if (options.errorsOf !== undefined) checkErrors(groups, options.errorsOf, report);
  return findings;
};

/**
 * Checks the text of a state machine: what Step Functions would refuse, and beyond that what would fail or hang only
 * when it runs. Placeholders `${Name}` are taken for what they will be replaced by. Problems come in the order of the
 * text; none means that the machine is sound.
 *
 * Loops through a Wait need a bound; {@link checkWaitLoops} says which ones count.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
 */
export const validate = (text: string, options: ValidateOptions = {}): readonly Problem[] => {
  let source: JsonSource;
  try {
    source = parseJsonSource(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return [{ path: "/", ...error.position, rule: "json", kind: "invalid", message: error.message }];
  }
  const findings = findingsOf(source, options);
  if (Buffer.byteLength(text) > JSON_TEXT_LIMIT_BYTES) {
    findings.push({ path: [], rule: "definition-size", message: "a definition has at most 1 MB" });
  }
  return findings
    .map(({ path, rule, message, ...where }): Problem => ({
      path: formatPath(path),
      ...source.positionOf(path, where),
      rule,
      kind: UNSOUND.has(rule) ? "unsound" : "invalid",
      message,
    }))
    .sort((left, right) => left.line - right.line || left.column - right.column);
};
