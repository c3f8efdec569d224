import {
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  type DescribeExecutionCommandOutput,
} from "@aws-sdk/client-sfn";
import type { Executions } from "@lifeboat/operations/ports";
import { clientFor, type Connection } from "./connection.ts";
import { callAws, callAwsForOne, failureOf } from "./failures.ts";

/** `arn:aws:states:eu-west-3:…` */
const regionOf = (arn: string): string => arn.split(":")[3] ?? "";

/** Executions of standard machines: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
export const createExecutions = (connection: Connection): Executions => {
  const sfn = (region: string): SFNClient =>
    clientFor(connection, "sfn", region, (settings) => new SFNClient(settings));
  const describe = (arn: string): Promise<DescribeExecutionCommandOutput | null> =>
    callAwsForOne("DescribeExecution", ["ExecutionDoesNotExist", "InvalidArn"], () =>
      sfn(regionOf(arn)).send(new DescribeExecutionCommand({ executionArn: arn })),
    );
  return {
    status: async (arn) => (await describe(arn))?.status ?? "NONE",
    async failure(arn) {
      const answer = await describe(arn);
      // Whoever stops an execution may name an error, too: that one is not the machine's own.
      return answer?.status === "FAILED" ? (answer.error ?? null) : null;
    },
    start: (machineArn, name, input) =>
      callAws("StartExecution", async () => {
        try {
          await sfn(regionOf(machineArn)).send(
            new StartExecutionCommand({ stateMachineArn: machineArn, name, input: JSON.stringify(input) }),
          );
        } catch (error) {
          // The name is taken: this very request was started before, with other sightings.
          if (failureOf(error).name !== "ExecutionAlreadyExists") throw error;
        }
      }),
  };
};
