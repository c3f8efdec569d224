import type { Pattern } from "./event-pattern.ts";

/** Where a rule sends an event. */
export type Target =
  | (TargetBase & { readonly type: "lambda" | "state-machine"; readonly input?: TargetInput })
  | (TargetBase & { readonly type: "bus" });

interface TargetBase {
  readonly id: string;
  readonly arn: string;
  /** The queue for events that no retry brought to the target. */
  readonly deadLetterArn?: string;
}

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

/** Tells whether a place in a JSON template lies between quotes. */
const isQuoted = (template: string, offset: number): boolean =>
  template.slice(0, offset).replaceAll(/\\./g, "").split('"').length % 2 === 0;

const fill = (paths: Readonly<Record<string, string>>, template: string, event: unknown): unknown => {
  const filled = template.replaceAll(/<([^<>]+)>/g, (whole, name: string, offset: number) => {
    const path = paths[name];
    if (path === undefined) return whole;
    const value = atPath(event, path);
    const inText = isQuoted(template, offset);
    if (value === undefined) return inText ? "" : '""';
    if (!inText) return JSON.stringify(value);
    // Inside a text the value goes in bare.
    return JSON.stringify(typeof value === "string" ? value : JSON.stringify(value)).slice(1, -1);
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
