import type {
  DescribeExecutionInput,
  DescribeStateMachineInput,
  GetExecutionHistoryInput,
  ListExecutionsInput,
} from "@aws-sdk/client-sfn";
import { AwsError, type Call } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import { describeExecution, type ExecutionRecord } from "./execution-record.ts";
import type { StateMachines } from "./state-machine.ts";

const EXECUTION_ARN = /^arn:aws:states:[a-z0-9-]+:\d{12}:(?:execution|express):.+$/;

/** InvalidArn; ExecutionDoesNotExist. */
export const findExecution = (
  executions: ReadonlyMap<string, ExecutionRecord>,
  region: string,
  arn: string | undefined,
): ExecutionRecord => {
  if (arn === undefined || !EXECUTION_ARN.test(arn)) {
    throw new AwsError("InvalidArn", `Invalid Arn: 'Invalid ARN prefix: ${arn ?? ""}'`);
  }
  const record = executions.get(arn);
  if (record === undefined || record.machine.region !== region) {
    throw new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
  }
  return record;
};

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: { readonly nextToken?: string };
}

const page = <Item>(
  all: readonly Item[],
  token: string | undefined,
  limit: number | undefined,
): Page<Item> => {
  const from = token === undefined ? 0 : Number(Buffer.from(token, "base64").toString());
  if (!Number.isInteger(from)) throw new AwsError("InvalidToken", `Invalid Token: '${token ?? ""}'`);
  const until = from + (limit === undefined || limit === 0 ? 100 : Math.min(limit, 1000));
  const isLast = until >= all.length;
  return {
    items: all.slice(from, until),
    next: isLast ? {} : { nextToken: Buffer.from(String(until)).toString("base64") },
  };
};

type Operations = Readonly<Record<string, (input: never, call: Call) => unknown>>;

/** What can be asked of machines and executions. */
export const queryOperations = (
  world: World,
  machines: StateMachines,
  executions: ReadonlyMap<string, ExecutionRecord>,
): Operations => ({
  DescribeExecution: ({ executionArn }: DescribeExecutionInput, { region }: Call) =>
    describeExecution(findExecution(executions, region, executionArn), world.clock.nowMs()),

  /** https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html */
  GetExecutionHistory: (input: GetExecutionHistoryInput, { region }: Call) => {
    const record = findExecution(executions, region, input.executionArn);
    const ordered = input.reverseOrder === true ? record.history.toReversed() : record.history;
    const { items, next } = page(ordered, input.nextToken, input.maxResults);
    const events = items.map(({ timestampMs, ...event }) => ({ ...event, timestamp: new Date(timestampMs) }));
    return { events, ...next };
  },

  /** Newest first. https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html */
  ListExecutions: (input: ListExecutionsInput, { region }: Call) => {
    const machine = machines.find(region, input.stateMachineArn);
    const found = [...executions.values()]
      .filter((record) => record.machine === machine)
      .filter(({ state }) => input.statusFilter === undefined || state.status === input.statusFilter)
      .toSorted((left, right) => right.startedAtMs - left.startedAtMs);
    const { items, next } = page(found, input.nextToken, input.maxResults);
    const summaries = items.map((record) => ({
      executionArn: record.arn,
      stateMachineArn: record.machine.arn,
      name: record.name,
      status: record.state.status,
      startDate: new Date(record.startedAtMs),
      ...(record.stoppedAtMs === undefined ? {} : { stopDate: new Date(record.stoppedAtMs) }),
      redriveCount: record.redrives,
      ...(record.redrivenAtMs === undefined ? {} : { redriveDate: new Date(record.redrivenAtMs) }),
    }));
    return { executions: summaries, ...next };
  },

  DescribeStateMachine: ({ stateMachineArn }: DescribeStateMachineInput, { region }: Call) => {
    const machine = machines.find(region, stateMachineArn);
    return {
      stateMachineArn: machine.arn,
      name: machine.name,
      status: "ACTIVE",
      definition: JSON.stringify(machine.definition),
      roleArn: machine.roleArn,
      type: machine.type,
      creationDate: new Date(machine.createdAtMs),
    };
  },

  ListStateMachines: (_input: object, { region }: Call) => ({
    stateMachines: machines.inRegion(region).map((machine) => ({
      stateMachineArn: machine.arn,
      name: machine.name,
      type: machine.type,
      creationDate: new Date(machine.createdAtMs),
    })),
  }),
});
