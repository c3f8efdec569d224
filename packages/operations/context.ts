import type { RecoveryPlan, Site } from "@lifeboat/recovery/plan";
import type { Ports } from "./ports.ts";

export type PortName = keyof Ports;

/** What every function has; the clients that it costs are S3's. */
export type BasicPort = "clock" | "ids" | "http" | "ledger";

/** All but what only the assessment asks, what questions to people need, and what only the watch asks for. */
export type CommonPort = Exclude<PortName, "protection" | "brokers" | "approvals" | "readiness" | "tending">;

/**
 * What every step has at hand: the plan of the execution, the site (or the witness) that it runs at, and the ports. A step
 * names those that it uses beyond the basic ones, so that a function brings no client of AWS that it never calls.
 */
export interface Context<Used extends PortName = CommonPort> {
  readonly plan: RecoveryPlan;
  readonly planHash: string;
  /** The site that this function runs in; null at the witness. */
  readonly here: Site | null;
  readonly ports: Pick<Ports, BasicPort> & Pick<Ports, Used>;
}

/** A {@link Context} inside one of the plan's two sites. */
export interface SiteContext<Used extends PortName = CommonPort> extends Context<Used> {
  readonly here: Site;
}

/** On whose behalf a step acts. */
export interface Mandate {
  /** ARN of the execution. */
  readonly execution: string;
  readonly epoch: number;
}

/** What a convergent step answers to its machine: whether the goal is reached, and when to look again if not. */
export interface StepResult {
  readonly done: boolean;
  readonly pollAfterSeconds: number;
  /** Carried to the next call of the same step; the step's only memory. */
  readonly memo: StepMemo;
  /** What a person reads. */
  readonly detail: string;
}

export interface StepMemo {
  /** When the first call of this step looked, on this site's clock. */
  readonly startedAtMs: number;
  /** When the act was last made. */
  readonly actedAtMs?: number;
}

export const reached = (memo: StepMemo, detail: string): StepResult => ({
  done: true,
  pollAfterSeconds: 0,
  memo,
  detail,
});

export const pending = (memo: StepMemo, pollAfterSeconds: number, detail: string): StepResult => ({
  done: false,
  // Step Functions' Wait takes whole seconds; 0 would be a busy loop of billed transitions.
  pollAfterSeconds: Math.max(1, Math.ceil(pollAfterSeconds)),
  memo,
  detail,
});
