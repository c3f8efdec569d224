import type { Integration } from "./integration.ts";
import type { Template } from "../expressions/template.ts";

/** A state machine, compiled. `processors[0]` is the machine's own; branches and item processors follow. */
export interface Machine {
  readonly processors: readonly Processor[];
  readonly timeoutSeconds: number | undefined;
  /** The first thing in it that an EXPRESS machine may not have. */
  readonly standardOnly: string | undefined;
}

/** States among which `Next` moves. */
export interface Processor {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

export interface Retrier {
  readonly errors: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number | undefined;
  readonly jitter: "FULL" | "NONE";
}

export interface Catcher {
  readonly errors: readonly string[];
  readonly output: Template | undefined;
  readonly assign: Template | undefined;
  readonly next: string;
}

interface StateBase {
  readonly name: string;
  readonly output: Template | undefined;
  readonly assign: Template | undefined;
  /** `undefined` ends the processor. */
  readonly next: string | undefined;
  readonly retriers: readonly Retrier[];
  readonly catchers: readonly Catcher[];
}

export interface PassState extends StateBase {
  readonly type: "Pass";
}

export interface SucceedState extends StateBase {
  readonly type: "Succeed";
}

export interface FailState extends StateBase {
  readonly type: "Fail";
  readonly error: Template | undefined;
  readonly cause: Template | undefined;
}

export interface WaitState extends StateBase {
  readonly type: "Wait";
  readonly seconds: Template | undefined;
  readonly timestamp: Template | undefined;
}

export interface ChoiceRule {
  readonly condition: Template;
  readonly next: string;
  readonly output: Template | undefined;
  readonly assign: Template | undefined;
}

export interface ChoiceState extends StateBase {
  readonly type: "Choice";
  readonly rules: readonly ChoiceRule[];
  readonly defaultNext: string | undefined;
}

export interface TaskState extends StateBase {
  readonly type: "Task";
  readonly integration: Integration;
  readonly arguments: Template | undefined;
  readonly timeoutSeconds: Template | undefined;
  readonly heartbeatSeconds: Template | undefined;
}

export interface ParallelState extends StateBase {
  readonly type: "Parallel";
  readonly arguments: Template | undefined;
  /** Indexes into `Machine.processors`. */
  readonly branches: readonly number[];
}

export interface ItemBatcher {
  readonly batchInput: Template | undefined;
  readonly maxItems: Template | undefined;
  readonly maxBytes: Template | undefined;
}

export interface MapState extends StateBase {
  readonly type: "Map";
  readonly mode: "INLINE" | "DISTRIBUTED";
  readonly childType: "STANDARD" | "EXPRESS";
  /** The items come from S3; only TestState, which is given them, can run that. */
  readonly hasReader: boolean;
  readonly items: Template | undefined;
  readonly itemSelector: Template | undefined;
  readonly itemBatcher: ItemBatcher | undefined;
  readonly maxConcurrency: Template | undefined;
  readonly toleratedFailureCount: Template | undefined;
  readonly toleratedFailurePercentage: Template | undefined;
  readonly label: string | undefined;
  readonly processor: number;
}

export type State =
  | PassState
  | SucceedState
  | FailState
  | WaitState
  | ChoiceState
  | TaskState
  | ParallelState
  | MapState;
