import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { createLab, type Lab } from "@lifeboat/lab/create-lab";
import { beforeAll, describe, expect, it } from "vitest";
import { exampleText, readValid } from "../unit/plan-example.ts";

/* What people hear about Lifeboat itself: from the event on the bus to the message that leaves the topic. */

const { plan } = readValid(exampleText);
const [PARIS, FRANKFURT] = ["eu-west-3", "eu-central-1"];

const change = (alarmName: string, value: string, previous: string) => ({
  source: "aws.cloudwatch",
  detailType: "CloudWatch Alarm State Change",
  resources: [],
  detail: {
    alarmName,
    configuration: { description: `${alarmName}, in words` },
    state: { value, reason: "because" },
    previousState: { value: previous },
  },
});

describe("trouble with Lifeboat itself", () => {
  let lab: Lab;
  const heardAfter = async (act: () => void): Promise<readonly string[]> => {
    const before = lab.cloud.sns.messages.length;
    act();
    const { clock } = lab.cloud.world;
    await clock.run({ untilMs: clock.nowMs() + 30_000 });
    return lab.cloud.sns.messages
      .slice(before)
      .map(({ region, subject }) => `${region}: ${subject ?? ""}`)
      .toSorted();
  };
  const unique = (messages: readonly string[]): readonly string[] => [...new Set(messages)];

  beforeAll(async () => {
    lab = await createLab({ plan, seed: 11 });
  });

  it("is told where it is raised, and from the witness", async () => {
    const heard = await heardAfter(() =>
      lab.cloud.world.emit(PARIS, change("lifeboat-spacelift-no-watch", "ALARM", "OK")),
    );
    expect(unique(heard)).toEqual([
      `${FRANKFURT}: ALARM: lifeboat-spacelift-no-watch in ${PARIS}`,
      `${PARIS}: ALARM: lifeboat-spacelift-no-watch in ${PARIS}`,
    ]);
  });

  it("of the witness is told from the standby as well", async () => {
    const heard = await heardAfter(() =>
      lab.cloud.world.emit(FRANKFURT, change("lifeboat-spacelift-dead-letters", "ALARM", "OK")),
    );
    expect(unique(heard).map((line) => line.split(":")[0])).toEqual([FRANKFURT, PARIS]);
  });

  it("is told when it is over; a new alarm that finds all well is not", async () => {
    expect(
      await heardAfter(() =>
        lab.cloud.world.emit(PARIS, change("lifeboat-spacelift-no-watch", "OK", "INSUFFICIENT_DATA")),
      ),
    ).toEqual([]);
    const over = await heardAfter(() =>
      lab.cloud.world.emit(PARIS, change("lifeboat-spacelift-no-watch", "OK", "ALARM")),
    );
    expect(unique(over)).toContain(`${PARIS}: OK again: lifeboat-spacelift-no-watch in ${PARIS}`);
  });

  it("that is another workload's is not told", async () => {
    expect(
      await heardAfter(() => lab.cloud.world.emit(PARIS, change("lifeboat-other-no-watch", "ALARM", "OK"))),
    ).toEqual([]);
  });

  it("is told of an execution that fails, with where to look for what it came to", async () => {
    const client = new SFNClient({
      region: PARIS,
      credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
      requestHandler: lab.cloud.connect({ region: PARIS }),
    });
    const machine = "arn:aws:states:eu-west-3:111122223333:stateMachine:lifeboat-spacelift-failover";
    const heard = await heardAfter(
      () =>
        void client.send(
          new StartExecutionCommand({ stateMachineArn: machine, name: "typo", input: '{"workloda": "x"}' }),
        ),
    );
    expect(unique(heard)).toEqual([
      `${PARIS}: FAILED: an execution of lifeboat-spacelift-failover in ${PARIS}`,
    ]);
    const message = lab.cloud.sns.messages.at(-1)?.message;
    expect(message).toContain("lifeboat-spacelift-failover:typo");
    expect(message).toContain("if that was recorded, is in <workload>/records/");
  });
});
