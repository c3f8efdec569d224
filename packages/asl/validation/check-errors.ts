import type { Report } from "../definition/check-fields.ts";
import { isJsonArray, isJsonObject, type JsonObject } from "../values/json.ts";
import { listOf, type Group, type Site } from "./outline.ts";

/** Errors that each function throws, by the placeholder (`${Name}`, given as `Name`) or name that machines call it by. */
export type ErrorsOf = Readonly<Record<string, readonly string[]>>;

const placeholderOf = (text: unknown): string | undefined =>
  typeof text === "string" ? (/^\$\{(\w+)\}$/.exec(text)?.[1] ?? text) : undefined;

/** The function that a task calls, where that can be told from the definition. */
export const functionOf = (site: Site): string | undefined => {
  const { Resource: resource, Arguments: args } = site.state;
  if (site.type !== "Task" || typeof resource !== "string") return undefined;
  if (/:lambda:invoke(\.waitForTaskToken)?$/.test(resource)) {
    return isJsonObject(args) ? placeholderOf(args["FunctionName"]) : undefined;
  }
  return resource.startsWith("${") || resource.includes(":function:") ? placeholderOf(resource) : undefined;
};

/** Names that Step Functions and the services report, whatever our functions do. */
const isForeign = (name: string): boolean =>
  /^States\.|^Lambda\.|^Sandbox\.|^[A-Z]\w*\.[A-Z]\w*(Exception|Error|Fault)$/.test(name);

const errorsEqual = (entry: JsonObject): string[] =>
  isJsonArray(entry["ErrorEquals"] ?? null)
    ? (entry["ErrorEquals"] as readonly unknown[]).filter((name) => typeof name === "string")
    : [];

const handlersOf = (site: Site): string[] =>
  [...listOf(site, "Catch"), ...listOf(site, "Retry")].flatMap(errorsEqual);

const takes = (handlers: readonly string[], error: string): boolean =>
  handlers.some((name) => name === error || name === "States.ALL" || name === "States.TaskFailed");

/** Whether this state, or one around it, retries or catches the error. */
const isHandled = (site: Site, error: string): boolean =>
  takes(handlersOf(site), error) || (site.group.owner !== undefined && isHandled(site.group.owner, error));

/** What may come out of a state, as far as it is known; `undefined` when a function's errors are not. */
const errorsFrom = (site: Site, groups: readonly Group[], errorsOf: ErrorsOf): Set<string> | undefined => {
  if (site.type === "Fail") {
    const { Error: error } = site.state;
    return typeof error === "string" && !error.startsWith("{%") ? new Set([error]) : undefined;
  }
  if (site.type === "Task") {
    const name = functionOf(site);
    const errors = name === undefined ? undefined : errorsOf[name];
    return errors === undefined ? undefined : new Set(errors);
  }
  const all = new Set<string>();
  for (const group of groups) {
    if (group.owner !== site) continue;
    for (const inner of group.sites.values()) {
      const errors = errorsFrom(inner, groups, errorsOf);
      if (errors === undefined) return undefined;
      for (const error of errors) all.add(error);
    }
  }
  return all;
};

const checkHandled = (site: Site, errorsOf: ErrorsOf, report: Report): void => {
  const name = functionOf(site);
  for (const error of name === undefined ? [] : (errorsOf[name] ?? [])) {
    if (!isHandled(site, error)) {
      report(site.path, "unhandled-error", `${name} throws ${error}, which no state here retries or catches`);
    }
  }
};

const checkThrown = (site: Site, groups: readonly Group[], errorsOf: ErrorsOf, report: Report): void => {
  const thrown = errorsFrom(site, groups, errorsOf);
  if (thrown === undefined) return;
  for (const list of ["Retry", "Catch"] as const) {
    for (const [index, entry] of listOf(site, list).entries()) {
      for (const error of errorsEqual(entry)) {
        if (isForeign(error) || thrown.has(error)) continue;
        report(
          [...site.path, list, index, "ErrorEquals"],
          "unthrown-error",
          `nothing in '${site.name}' throws ${error}`,
        );
      }
    }
  }
};

/** Compares the errors that machines name with those that functions throw, both ways. */
export const checkErrors = (groups: readonly Group[], errorsOf: ErrorsOf, report: Report): void => {
  for (const group of groups) {
    for (const site of group.sites.values()) {
      checkHandled(site, errorsOf, report);
      checkThrown(site, groups, errorsOf, report);
    }
  }
};
