import type { HistoryEvent, InterpretedExecution } from "./interpreter-port.ts";
import type { StateMachine } from "./state-machine.ts";

/** An execution as the service keeps it. */
export interface ExecutionRecord {
  readonly arn: string;
  readonly name: string;
  readonly machine: StateMachine;
  /** As it was given: redrives and comparisons use the text. */
  readonly input: string;
  readonly startedAtMs: number;
  /** The execution that started this one. */
  readonly startedBy: string | undefined;
  stoppedAtMs: number | undefined;
  state: InterpretedExecution;
  readonly history: HistoryEvent[];
  /** Billed state transitions so far. */
  transitions: number;
  redrives: number;
  redrivenAtMs: number | undefined;
}

const date = (atMs: number): Date => new Date(atMs);

/** The answer of DescribeExecution. https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html */
export const describeExecution = (record: ExecutionRecord, nowMs: number): Record<string, unknown> => {
  const { status, output, error, cause } = record.state;
  const succeeded = status === "SUCCEEDED";
  const expired = record.stoppedAtMs !== undefined && nowMs - record.stoppedAtMs > REDRIVE_WINDOW_MS;
  const redrivable =
    !["RUNNING", "SUCCEEDED"].includes(status) && !expired && record.machine.type === "STANDARD";
  return {
    executionArn: record.arn,
    stateMachineArn: record.machine.arn,
    name: record.name,
    status,
    startDate: date(record.startedAtMs),
    // Undefined is not sent.
    stopDate: record.stoppedAtMs === undefined ? undefined : date(record.stoppedAtMs),
    input: record.input,
    inputDetails: { included: true },
    output: succeeded ? JSON.stringify(output ?? null) : undefined,
    outputDetails: succeeded ? { included: true } : undefined,
    error,
    cause,
    redriveCount: record.redrives,
    redriveDate: record.redrivenAtMs === undefined ? undefined : date(record.redrivenAtMs),
    redriveStatus: redrivable ? "REDRIVABLE" : "NOT_REDRIVABLE",
    redriveStatusReason: redrivable ? undefined : redriveReason(record, expired),
  };
};

const redriveReason = ({ state: { status } }: ExecutionRecord, expired: boolean): string => {
  if (expired) return "Execution history is no longer available for redrive";
  if (status === "RUNNING" || status === "SUCCEEDED") return `Execution is ${status} and cannot be redriven`;
  return "Execution was started by an EXPRESS state machine and cannot be redriven";
};

/** https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html */
export const REDRIVE_WINDOW_MS = 14 * 86_400_000;

/** The detail of the event that Step Functions emits at each change of status. */
export const statusChangeDetail = (record: ExecutionRecord): Record<string, unknown> => {
  const { status, output, error, cause } = record.state;
  const succeeded = status === "SUCCEEDED";
  return {
    executionArn: record.arn,
    stateMachineArn: record.machine.arn,
    name: record.name,
    status,
    startDate: record.startedAtMs,
    stopDate: record.stoppedAtMs ?? null,
    input: record.input,
    inputDetails: { included: true },
    output: succeeded ? JSON.stringify(output ?? null) : null,
    outputDetails: succeeded ? { included: true } : null,
    error: error ?? null,
    cause: cause ?? null,
  };
};
