/** The States Language interpreter as Step Functions sees it. Methods, so that an interpreter with narrower types fits. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A compiled definition; only the interpreter looks inside. */
export type CompiledMachine = object;

export interface StartRequest {
  readonly machine: CompiledMachine;
  readonly executionArn: string;
  readonly executionName: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  readonly input: Json;
  readonly startedAtMs: number;
  readonly seed: number | string;
  readonly type?: "STANDARD" | "EXPRESS";
}

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

/** An execution's state as plain data; the host keeps it and hands it back. */
export interface InterpretedExecution {
  readonly status: ExecutionStatus;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
}

/** An event of the history, in the shape of GetExecutionHistory but for its time. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly timestampMs: number;
}

export type Effect =
  | {
      readonly type: "start-task";
      readonly taskId: string;
      readonly stateName: string;
      readonly resource: string;
      readonly arguments: Json;
      /** The token of `.waitForTaskToken`. */
      readonly token: string | undefined;
    }
  | { readonly type: "cancel-task"; readonly taskId: string };

export type Signal =
  | { readonly type: "wake" }
  | { readonly type: "task-submitted"; readonly taskId: string; readonly output: Json }
  | { readonly type: "task-succeeded"; readonly taskId: string; readonly output: Json }
  | {
      readonly type: "task-failed";
      readonly taskId: string;
      readonly error?: string;
      readonly cause?: string;
    }
  | { readonly type: "task-heartbeat"; readonly taskId: string }
  | { readonly type: "abort"; readonly error?: string; readonly cause?: string }
  | { readonly type: "redrive" };

export interface Transition {
  readonly execution: InterpretedExecution;
  readonly effects: readonly Effect[];
  readonly events: readonly HistoryEvent[];
  /** When the execution wants to be woken, milliseconds since the epoch. */
  readonly wakeAtMs: number | undefined;
  /** State transitions so far, as AWS bills them. */
  readonly transitions: number;
}

export interface Interpreter {
  /** Throws on a definition that it refuses. */
  compile(definition: unknown): CompiledMachine;
  start(request: StartRequest): Promise<Transition>;
  advance(
    machine: CompiledMachine,
    execution: InterpretedExecution,
    signal: Signal,
    nowMs: number,
  ): Promise<Transition>;
}
