import type { Pattern } from "./event-pattern.ts";

/** Where a rule sends an event. */
export type Target =
  | { readonly type: "lambda"; readonly id: string; readonly arn: string; readonly input?: TargetInput }
  | {
      readonly type: "state-machine";
      readonly id: string;
      readonly arn: string;
      readonly input?: TargetInput;
    }
  | { readonly type: "bus"; readonly id: string; readonly arn: string };

/** What the target gets: a fixed text, a part of the event, or a template. The whole event where this is left out. */
export type TargetInput =
  | { readonly type: "constant"; readonly json: string }
  | { readonly type: "path"; readonly path: string }
  | {
      readonly type: "template";
      readonly paths: Readonly<Record<string, string>>;
      readonly template: string;
    };

export interface RuleOptions {
  readonly region: string;
  readonly name: string;
  readonly bus?: string;
  readonly pattern: Pattern;
  readonly targets: readonly Target[];
  readonly enabled?: boolean;
}

export interface Rule {
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly bus: string;
  pattern: Pattern;
  targets: readonly Target[];
  enabled: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** `$.detail.alarmName` and `$.resources[0]` of an event; undefined where there is none. */
const atPath = (event: unknown, path: string): unknown =>
  path
    .replaceAll(/\[(\d+)\]/g, ".$1")
    .split(".")
    .slice(1)
    .reduce<unknown>(
      (value, part) => (typeof value === "object" && value !== null ? (value as Fields)[part] : undefined),
      event,
    );

const fill = (paths: Readonly<Record<string, string>>, template: string, event: unknown): unknown => {
  const trimmed = template.trim();
  const isText = trimmed.startsWith('"');
  const filled = trimmed.replaceAll(/<([^<>]+)>/g, (whole, name: string) => {
    const path = paths[name];
    if (path === undefined) return whole;
    const value = atPath(event, path);
    if (value === undefined) return isText ? "" : '""';
    // Inside a text the value goes in bare; elsewhere as JSON.
    if (isText) return JSON.stringify(typeof value === "string" ? value : JSON.stringify(value)).slice(1, -1);
    return JSON.stringify(value);
  });
  return JSON.parse(filled) as unknown;
};

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
export const inputFor = (input: TargetInput | undefined, event: unknown): unknown => {
  switch (input?.type) {
    case "constant":
      return JSON.parse(input.json) as unknown;
    case "path":
      return atPath(event, input.path) ?? null;
    case "template":
      return fill(input.paths, input.template, event);
    case undefined:
    default:
      return event;
  }
};
