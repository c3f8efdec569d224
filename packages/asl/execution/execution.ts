import type { Json } from "../values/json.ts";

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

/**
 * Everything that is known of an execution between two signals, but its history. Plain JSON: it may be written down
 * and read back at any point.
 */
export interface Execution {
  readonly status: ExecutionStatus;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly executionArn: string;
  readonly executionName: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  readonly type: "STANDARD" | "EXPRESS";
  readonly input: Json;
  readonly seed: number | string;
  readonly startedAtMs: number;
  readonly stoppedAtMs?: number;
  /** When the machine's own TimeoutSeconds, or AWS's limit on executions, ends it. */
  readonly timeoutAtMs: number;
  readonly redriveCount: number;
  readonly redrivenAtMs?: number;
  readonly lastEventId: number;
  readonly transitions: number;
  readonly chanceState: number;
  readonly nextThreadId: number;
  readonly nextTaskNumber: number;
  /** The lines of control; the first is the machine's own, branches and iterations name their parent. */
  readonly threads: readonly Thread[];
}

/** A line of control: the machine's own states, a branch of a Parallel or an iteration of a Map. */
export interface Thread {
  readonly id: number;
  readonly parentId?: number;
  /** Which branch or iteration of its parent. */
  readonly index: number;
  /** Index into `Machine.processors`. */
  readonly processor: number;
  readonly variables: Readonly<Record<string, Json>>;
  /** What the next event of this thread comes after. */
  readonly lastEventId: number;
  /** Set for the iterations of a distributed Map and all inside: an execution of its own, its history apart. */
  readonly child?: ChildExecution;
  readonly visit: Visit;
}

/** A child execution of a distributed Map, as its context object tells it. */
export interface ChildExecution {
  readonly arn: string;
  readonly name: string;
  readonly input: Json;
  readonly startedAtMs: number;
}

/** A thread's stay in a state, from entering to leaving it, retries included. */
export interface Visit {
  readonly state: string;
  readonly input: Json;
  readonly enteredAtMs: number;
  readonly enteredEventId: number;
  /** The event before the state was entered. */
  readonly beforeEventId: number;
  /** Retries so far, by retrier. */
  readonly retries: readonly number[];
  readonly retryCount: number;
  readonly phase: Phase;
}

export type Phase =
  /** About to do, or to do again, what the state does. */
  | { readonly type: "ready" }
  | { readonly type: "waiting"; readonly untilMs: number }
  | { readonly type: "backing-off"; readonly untilMs: number }
  | TaskPhase
  | ForkPhase
  /** The last state of a branch or iteration is over; its fork has not looked yet. */
  | { readonly type: "finished"; readonly output: Json }
  /** Failed or aborted for good; a redrive starts here. */
  | { readonly type: "stopped" };

export interface TaskPhase {
  readonly type: "task";
  readonly taskId: string;
  /** An activity starts when a worker takes it; everything else at once. */
  readonly started: boolean;
  /** Of `.sync` and `.waitForTaskToken`: the call was answered. */
  readonly submitted: boolean;
  readonly timeoutAtMs?: number;
  readonly heartbeatMs?: number;
  readonly heartbeatAtMs?: number;
}

export interface ForkPhase {
  readonly type: "fork";
  readonly kind: "parallel" | "map" | "distributed";
  /** Input of each branch or iteration. */
  readonly inputs: readonly Json[];
  /** Index of the first that has not been started. */
  readonly next: number;
  /** Zero: no limit. */
  readonly maxConcurrency: number;
  /** Outputs by index, of those that have succeeded. */
  readonly results: Readonly<Record<string, Json>>;
  readonly succeeded: number;
  readonly failures: number;
  /** How many failures end a distributed Map's state. */
  readonly failuresAllowed: number;
  readonly mapRunArn?: string;
  readonly mapRunRedrives?: number;
  /** Failed or aborted; what has succeeded is kept, and a redrive runs the rest. */
  readonly isStopped?: true;
}

/** GetExecutionHistory's event: `id`, `previousEventId`, `type`, `timestampMs` and the details of its type. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly timestampMs: number;
  readonly [details: `${string}EventDetails`]: Readonly<Record<string, unknown>>;
}

export interface StartTask {
  readonly type: "start-task";
  readonly taskId: string;
  readonly stateName: string;
  readonly resource: string;
  readonly arguments: Json;
  /** Of `.waitForTaskToken` and `.sync`. */
  readonly token: string | undefined;
  /** When this attempt times out unless it ends before; for hosts that tell their workers. */
  readonly timeoutAtMs: number | undefined;
}

export type Effect = StartTask | { readonly type: "cancel-task"; readonly taskId: string };

export type Signal =
  | { readonly type: "wake" }
  /** A worker took the activity's task. */
  | { readonly type: "task-started"; readonly taskId: string; readonly workerName?: string }
  | { readonly type: "task-submitted"; readonly taskId: string; readonly output: Json }
  | { readonly type: "task-succeeded"; readonly taskId: string; readonly output: Json }
  | {
      readonly type: "task-failed";
      readonly taskId: string;
      readonly error?: string | undefined;
      readonly cause?: string | undefined;
    }
  | { readonly type: "task-heartbeat"; readonly taskId: string }
  | { readonly type: "abort"; readonly error?: string | undefined; readonly cause?: string | undefined }
  | { readonly type: "redrive" };

export interface Transition {
  readonly execution: Execution;
  /** What the host must do now, in order. */
  readonly effects: readonly Effect[];
  /** The history events that this transition appended. */
  readonly events: readonly HistoryEvent[];
  /** The host must send `wake` at or soon after this time; `undefined`: there is nothing to wait for but tasks. */
  readonly wakeAtMs: number | undefined;
  /** Billed state transitions so far: each state entered and each retry. */
  readonly transitions: number;
}
