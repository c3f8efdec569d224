import type { Outcome } from "@lifeboat/recovery/outcome";
import type { Lab } from "../create-lab.ts";
import type { People } from "../people.ts";

/** What a scenario does to the world, and what it waits for. */
export interface Scenario {
  readonly name: string;
  /** One line for `--scenario list`. */
  readonly summary: string;
  /** How the last execution ends; `not-needed` also where none is to start. */
  readonly expected: Outcome;
  /** Somebody answers what executions ask, for plans that want a person; left out where the scenario answers itself. */
  readonly peopleOnCall?: boolean;
  readonly run: (stage: Stage) => Promise<void>;
}

/** What a scenario may do: act at a time, wait for a condition, tell what happens. */
export interface Stage extends Omit<People, "questions"> {
  readonly lab: Lab;
  /** Runs virtual time for so long. */
  readonly wait: (durationMs: number) => Promise<void>;
  /** Runs virtual time until the condition holds. Throws when it does not within `withinMs`. */
  readonly waitFor: (what: string, withinMs: number, condition: () => boolean) => Promise<void>;
  /** Runs virtual time until somebody asks people something. */
  readonly waitForQuestion: (withinMs: number) => Promise<void>;
  /** A line of the timeline. */
  readonly tell: (text: string) => void;
  /** Marks the beginning of what recovery time is measured from. */
  readonly markOutage: () => void;
}

/** The executions that have ended, or all. */
export const executionsOf = (lab: Lab): Lab["cloud"]["sfn"]["executions"] => lab.cloud.sfn.executions;

export const hasEnded = (lab: Lab, count: number): boolean =>
  [...executionsOf(lab).values()].filter((record) => record.state.status !== "RUNNING").length >= count;

/** Long enough for renewals and canaries to have become routine. */
export const CALM_MS = 180_000;
/** No recovery that needs no person takes longer. */
export const RECOVERY_WITHIN_MS = 3_600_000;
