import { freeVariables } from "./check-expressions.ts";
import type { Report } from "../definition/check-fields.ts";
import { compileExpression, ExpressionError } from "../expressions/expression.ts";
import { isJsonObject, type Json, type JsonObject } from "../values/json.ts";
import { listOf, reachableFrom, type Group, type Site } from "./outline.ts";
import { expressionText } from "../expressions/template.ts";

/** States that no way leads to. */
export const checkReachable = (group: Group, report: Report): void => {
  const reachable = reachableFrom(group, group.startAt).add(group.startAt);
  // Where the first state is not known, that is what has to be said.
  const hasStart = group.sites.has(group.startAt);
  for (const site of group.sites.values()) {
    if (hasStart && !reachable.has(site.name)) {
      report(site.path, "unreachable-state", `no way leads to the state '${site.name}'`, { atKey: true });
    }
  }
  const canEnd = (site: Site): boolean =>
    site.state["End"] === true ||
    site.type === "Succeed" ||
    site.type === "Fail" ||
    isChoiceWithoutDefault(site);
  for (const site of group.sites.values()) {
    const ahead = [site.name, ...reachableFrom(group, site.name)];
    const hasEnd = ahead.some((name) => {
      const other = group.sites.get(name);
      return other !== undefined && canEnd(other);
    });
    if (!hasEnd) report(site.path, "no-end", `no way leads from '${site.name}' to an end`, { atKey: true });
  }
};

/** Such a Choice ends in States.NoChoiceMatched. */
const isChoiceWithoutDefault = (site: Site): boolean =>
  site.type === "Choice" && site.state["Default"] === undefined;

const expressionOf = (value: Json | undefined) => {
  const text = typeof value === "string" ? expressionText(value) : undefined;
  if (text === undefined) return undefined;
  try {
    return compileExpression(text);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
};

const assignmentsOf = (site: Site): [string, Json][] =>
  [site.state, ...listOf(site, "Catch"), ...listOf(site, "Choices")].flatMap((holder: JsonObject) =>
    isJsonObject(holder["Assign"]) ? Object.entries(holder["Assign"]) : [],
  );

/** Variables that count rounds of a loop: assigned inside it from their own value. */
const countersOf = (loop: readonly Site[]): Set<string> =>
  new Set(
    loop.flatMap((site) =>
      assignmentsOf(site)
        .filter(([name, value]) => {
          const expression = expressionOf(value);
          return expression !== undefined && freeVariables(expression.syntax).has(name);
        })
        .map(([name]) => name),
    ),
  );

/** A Choice with a way out of the loop, one of whose conditions reads a counter of the loop or the time. */
const isBound = (site: Site, loop: ReadonlySet<string>, counters: ReadonlySet<string>): boolean => {
  if (site.type !== "Choice" || site.targets.every((target) => loop.has(target))) return false;
  return listOf(site, "Choices").some((rule) => {
    const names = expressionOf(rule["Condition"])?.names ?? new Set<string>();
    return ["now", "millis"].some((name) => names.has(name)) || [...names].some((name) => counters.has(name));
  });
};

/** States from which a way leads back to themselves, in a group without the states of `without`. */
const inCycle = (group: Group, without: ReadonlySet<string>, start: string): boolean => {
  const seen = new Set<string>();
  const left = [...(group.sites.get(start)?.targets ?? [])];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (name === start) return true;
    if (seen.has(name) || without.has(name)) continue;
    seen.add(name);
    left.push(...(group.sites.get(name)?.targets ?? []));
  }
  return false;
};

/**
 * A loop through a Wait must end by itself: either the machine has TimeoutSeconds, or every way round passes a Choice
 * that can leave the loop and asks for the time (`$millis()`, `$now()`) or for a counter, a variable that the loop
 * assigns from its own value (`$n + 1`). What a task answers is no bound: it may answer the same for ever. Neither is a
 * task's own TimeoutSeconds, which starts anew each round.
 */
export const checkWaitLoops = (group: Group, hasMachineTimeout: boolean, report: Report): void => {
  if (hasMachineTimeout) return;
  for (const site of group.sites.values()) {
    if (site.type !== "Wait" || site.language !== "JSONata") continue;
    const ahead = reachableFrom(group, site.name);
    if (!ahead.has(site.name)) continue;
    const loop = [...ahead].filter((name) => reachableFrom(group, name).has(site.name));
    const sites = loop.flatMap((name) => group.sites.get(name) ?? []);
    const counters = countersOf(sites);
    const names = new Set(loop);
    const bounds = new Set(sites.filter((other) => isBound(other, names, counters)).map(({ name }) => name));
    if (inCycle(group, bounds, site.name)) {
      report(
        site.path,
        "unbounded-wait",
        `the loop through '${site.name}' may go round for ever: give the machine TimeoutSeconds, or leave the loop by a Choice that reads a counter or the time`,
        { atKey: true },
      );
    }
  }
};

const WAITS_OUTSIDE = /\.(waitForTaskToken|sync(:2)?)$|:activity:/;

/** Tasks that may hang for the language's default of three years, and heartbeats that cannot be missed. */
export const checkTimeouts = (group: Group, hasMachineTimeout: boolean, report: Report): void => {
  for (const site of group.sites.values()) {
    if (site.type !== "Task") continue;
    const {
      TimeoutSeconds: timeout,
      HeartbeatSeconds: heartbeat,
      Resource: resource,
    } = site.state as Record<string, Json | undefined>;
    if (typeof timeout === "number" && typeof heartbeat === "number" && heartbeat >= timeout) {
      report(
        [...site.path, "HeartbeatSeconds"],
        "heartbeat",
        `HeartbeatSeconds must be below TimeoutSeconds (${timeout})`,
      );
    }
    if (timeout !== undefined || site.state["TimeoutSecondsPath"] !== undefined) continue;
    const waitsOutside = typeof resource === "string" && WAITS_OUTSIDE.test(resource);
    if (waitsOutside) {
      report(
        site.path,
        "task-timeout",
        `'${site.name}' waits for an answer from outside and needs TimeoutSeconds`,
      );
    } else if (!hasMachineTimeout) {
      report(site.path, "task-timeout", `'${site.name}' has no TimeoutSeconds, and neither has the machine`);
    }
  }
};
