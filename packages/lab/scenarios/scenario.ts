import type { Lab } from "../create-lab.ts";

/** What a scenario does to the world, and what it waits for. */
export interface Scenario {
  readonly name: string;
  /** One line for `--scenario list`. */
  readonly summary: string;
  readonly run: (stage: Stage) => Promise<void>;
}

/** What a scenario may do: act at a time, wait for a condition, tell what happens. */
export interface Stage {
  readonly lab: Lab;
  /** Runs virtual time for so long. */
  readonly wait: (durationMs: number) => Promise<void>;
  /** Runs virtual time until the condition holds. Throws when it does not within `withinMs`. */
  readonly waitFor: (what: string, withinMs: number, condition: () => boolean) => Promise<void>;
  /** A line of the timeline. */
  readonly tell: (text: string) => void;
  /** Marks the beginning of what recovery time is measured from. */
  readonly markOutage: () => void;
  /** Starts the failover machine at a site, as a person does in the console. Answers the execution's ARN. */
  readonly startFailover: (site: string, input: unknown) => Promise<string>;
}

/** The executions that have ended, or all. */
export const executionsOf = (lab: Lab): Lab["cloud"]["sfn"]["executions"] => lab.cloud.sfn.executions;

export const hasEnded = (lab: Lab, count: number): boolean =>
  [...executionsOf(lab).values()].filter((record) => record.state.status !== "RUNNING").length >= count;
