import { AwsError } from "../../kernel/service.ts";
import type { ExecutionRecord } from "./execution-record.ts";

interface Held {
  readonly record: ExecutionRecord;
  readonly taskId: string;
  isOpen: boolean;
}

export interface TaskTokens {
  issue(token: string, record: ExecutionRecord, taskId: string): void;
  close(record: ExecutionRecord, taskId: string): void;
  closeAll(record: ExecutionRecord): void;
  /** InvalidToken for no token at all, TaskDoesNotExist for one of elsewhere, TaskTimedOut for one whose task is over. */
  redeem(token: string | undefined, region: string): Held;
}

const MAX_TOKEN_LENGTH = 2048;

/** Tokens of tasks that wait for a callback. https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html */
export const createTaskTokens = (): TaskTokens => {
  const tokens = new Map<string, Held>();
  const byExecution = new Map<string, Held[]>();
  const close = (record: ExecutionRecord, taskId: string | undefined): void => {
    for (const held of byExecution.get(record.arn) ?? []) {
      if (taskId === undefined || held.taskId === taskId) held.isOpen = false;
    }
  };
  return {
    issue(token, record, taskId) {
      const held = { record, taskId, isOpen: true };
      tokens.set(token, held);
      byExecution.set(record.arn, [...(byExecution.get(record.arn) ?? []), held]);
    },
    close,
    closeAll: (record) => close(record, undefined),
    redeem(token, region) {
      if (token === undefined || token === "" || token.length > MAX_TOKEN_LENGTH) {
        throw new AwsError("InvalidToken", "Invalid Token: 'Invalid token'");
      }
      const held = tokens.get(token);
      if (held === undefined || held.record.machine.region !== region) {
        throw new AwsError("TaskDoesNotExist", "Task does not exist");
      }
      if (!held.isOpen || held.record.state.status !== "RUNNING") {
        throw new AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
      }
      return held;
    },
  };
};
