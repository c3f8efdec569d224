import { StartExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { createExecutions } from "@lifeboat/aws/step-functions";
import type { Connection } from "@lifeboat/aws/connection";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAccount, PARIS, type Account } from "./cloud-account.ts";

describe("the adapter for executions", () => {
  let account: Account;
  let connection: Connection;
  beforeEach(() => {
    account = createAccount();
    connection = {
      region: PARIS,
      credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
      requestHandler: ({ timeoutMs }) => account.cloud.connect({ region: PARIS, timeoutMs }),
    };
  });
  afterEach(() => account.expectConformance());

  const start = async (state: object): Promise<string> => {
    const { arn } = account.cloud.sfn.createStateMachine({
      region: PARIS,
      name: "machine",
      definition: { QueryLanguage: "JSONata", StartAt: "A", States: { A: state } },
    });
    const { executionArn } = await account
      .sfn(PARIS)
      .send(new StartExecutionCommand({ stateMachineArn: arn }));
    return executionArn ?? "";
  };
  const asked = async (arn: string) => {
    const executions = createExecutions(connection);
    return { status: await executions.status(arn), failure: await executions.failure(arn) };
  };

  it("says with what error an execution has failed", async () => {
    await account.run(async () => {
      const arn = await start({ Type: "Fail", Error: "OutcomeNotRecorded", Cause: "no witness" });
      await account.cloud.sfn.whenEnded(arn);
      expect(await asked(arn)).toEqual({ status: "FAILED", failure: "OutcomeNotRecorded" });
    });
  });

  it("takes the word of whoever stopped an execution for no error of its own", async () => {
    await account.run(async () => {
      const executionArn = await start({ Type: "Wait", Seconds: 60, End: true });
      await account.sleep(1000);
      expect(await asked(executionArn)).toEqual({ status: "RUNNING", failure: null });
      const stop = new StopExecutionCommand({ executionArn, error: "OutcomeNotRecorded", cause: "drill" });
      await account.sfn(PARIS).send(stop);
      expect(await asked(executionArn)).toEqual({ status: "ABORTED", failure: null });
    });
  });

  it("says nothing of an execution that there is not", async () => {
    await account.run(async () => {
      const arn = await start({ Type: "Succeed" });
      expect(await asked(`${arn}-not`)).toEqual({ status: "NONE", failure: null });
    });
  });
});
