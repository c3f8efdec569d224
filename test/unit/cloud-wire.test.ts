import { request as httpRequest } from "node:http";
import { DescribeDBClustersCommand, RDSClient } from "@aws-sdk/client-rds";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { DescribeExecutionCommand, ListStateMachinesCommand, SFNClient } from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { createCloud } from "@lifeboat/cloud/cloud";
import { AwsError, type ServiceModel } from "@lifeboat/cloud/kernel/service";
import type { ApiModel } from "@lifeboat/cloud/wire/conformance/api-model";
import { checkValue } from "@lifeboat/cloud/wire/conformance/check-value";
import { isMutating } from "@lifeboat/cloud/wire/mutating";
import { describe, expect, it } from "vitest";
import { createAccount, failure, IRELAND, PARIS, START_MS, type Account } from "./cloud-account.ts";

const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
const BUCKET = { Bucket: "bucket" };

const withBucket = (): Account => {
  const account = createAccount();
  account.cloud.s3.createBucket({ name: "bucket", region: IRELAND });
  return account;
};

describe("a request", () => {
  it("takes a hop each way: short inside a region, longer between regions", async () => {
    const account = withBucket();
    await account.run(async () => {
      await account.s3(IRELAND, { from: IRELAND }).send(new ListObjectsV2Command(BUCKET));
      await account.s3(IRELAND, { from: PARIS }).send(new ListObjectsV2Command(BUCKET));
    });
    expect(account.wire.map(({ atMs, endedAtMs }) => endedAtMs - atMs)).toEqual([2, 24]);
  });

  it("that gets no answer ends with the client's timeout, and may have taken effect all the same", async () => {
    const account = withBucket();
    const { clock, network } = account.cloud.world;
    await account.run(async () => {
      const s3 = account.s3(IRELAND, { from: PARIS, timeoutMs: 3_000 });
      // The request arrives after 12 ms; its reply is lost.
      clock.after(14, () => network.cut(IRELAND, PARIS));
      const lost = await failure(s3.send(new PutObjectCommand({ ...BUCKET, Key: "k", Body: "x" })));
      expect(lost.name).toBe("TimeoutError");
      expect(clock.nowMs()).toBe(START_MS + 3_000);
      expect(account.cloud.s3.read("bucket", "k")).toBe("x");
      // This one does not even arrive.
      expect((await failure(s3.send(new PutObjectCommand({ ...BUCKET, Key: "l", Body: "x" })))).name).toBe(
        "TimeoutError",
      );
      expect(account.cloud.s3.read("bucket", "l")).toBeUndefined();
    });
    expect(
      account.wire.map(({ operation, mutating, outcome }) => [operation, mutating, outcome.type]),
    ).toEqual([
      ["PutObject", true, "no-answer"],
      ["PutObject", true, "no-answer"],
    ]);
  });

  it("can be aborted, before it is sent and on its way", async () => {
    const account = withBucket();
    const { clock } = account.cloud.world;
    await account.run(async () => {
      const s3 = account.s3(IRELAND);
      const send = (abortSignal: AbortSignal) =>
        failure(s3.send(new ListObjectsV2Command(BUCKET), { abortSignal }));
      expect((await send(AbortSignal.abort())).name).toBe("AbortError");
      const controller = new AbortController();
      clock.after(5, () => controller.abort());
      expect((await send(controller.signal)).name).toBe("AbortError");
      expect(clock.nowMs()).toBe(START_MS + 5);
    });
  });

  it("to a name that nobody has fails at once", async () => {
    const account = withBucket();
    const s3 = new S3Client({
      region: IRELAND,
      credentials,
      maxAttempts: 1,
      endpoint: "https://nobody.example.com",
      requestHandler: account.cloud.connect(),
    });
    await account.run(async () => {
      expect((await failure(s3.send(new ListObjectsV2Command(BUCKET)))).message).toContain(
        "ENOTFOUND bucket.nobody.example.com",
      );
    });
  });

  it("for what is not simulated says so, and counts as a violation", async () => {
    const account = createAccount();
    const rds = new RDSClient({
      region: IRELAND,
      credentials,
      maxAttempts: 1,
      requestHandler: account.cloud.connect(),
    });
    await account.run(async () => {
      expect(await failure(rds.send(new DescribeDBClustersCommand({})))).toMatchObject({
        name: "NotSimulated",
        message: "The simulated cloud has no rds:DescribeDBClusters",
      });
    });
    if (account.cloud.violations.length > 0) {
      expect(account.cloud.violations).toMatchObject([
        { rule: "NotSimulated", operation: "DescribeDBClusters" },
      ]);
    }
  });

  it("is recorded with input, answer and caller", async () => {
    const account = withBucket();
    await account.run(async () => {
      const s3 = account.s3(IRELAND, { from: PARIS });
      await failure(s3.send(new GetObjectCommand({ ...BUCKET, Key: "missing" })));
    });
    expect(account.wire).toMatchObject([
      {
        atMs: START_MS,
        endedAtMs: START_MS + 24,
        origin: { place: PARIS, principal: `test@${PARIS}` },
        service: "s3",
        region: IRELAND,
        operation: "GetObject",
        input: { Bucket: "bucket", Key: "missing" },
        mutating: false,
        outcome: { type: "error", code: "NoSuchKey", status: 404 },
      },
    ]);
  });

  it("costs well under a millisecond of real time at the service", async () => {
    const account = withBucket();
    account.cloud.s3.seed("bucket", "k", "x");
    const s3 = account.s3(IRELAND);
    const read = async (times: number): Promise<void> => {
      for (let index = 0; index < times; index++)
        await s3.send(new HeadObjectCommand({ ...BUCKET, Key: "k" }));
    };
    await account.run(() => read(200));
    const before = process.cpuUsage();
    await account.run(() => read(1_000));
    const { user, system } = process.cpuUsage(before);
    // The real client's own half millisecond included; loose, for slow machines.
    expect((user + system) / 1_000 / 1_000).toBeLessThan(3);
  });
});

describe("the same seed", () => {
  it("gives the same exchanges, to the millisecond", async () => {
    const play = async (): Promise<string> => {
      const account = createAccount({
        seed: 7,
        functions: {
          job: async ({ region }, { s3 }) => {
            await s3(region).send(new PutObjectCommand({ ...BUCKET, Key: "k", Body: "x", IfNoneMatch: "*" }));
          },
        },
      });
      account.cloud.s3.createBucket({ name: "bucket", region: IRELAND });
      const { functionArn } = account.cloud.lambda.createFunction({ region: IRELAND, functionName: "job" });
      account.cloud.scheduler.createSchedule({
        region: IRELAND,
        name: "job",
        expression: "rate(1 minute)",
        targetArn: functionArn,
      });
      await account.cloud.world.clock.run({ untilMs: START_MS + 600_000 });
      return JSON.stringify(account.wire);
    };
    const first = await play();
    expect(first.length).toBeGreaterThan(1_000);
    expect(await play()).toBe(first);
  });
});

describe("any other client", () => {
  it("of AWS can use a port on the loopback address, whatever service it calls", async () => {
    const account = withBucket();
    const topic = account.cloud.sns.createTopic(PARIS, "operators");
    const port = await account.cloud.listen();
    try {
      const options = (region: string) => ({ region, credentials, maxAttempts: 1, endpoint: port.endpoint });
      const s3 = new S3Client({ ...options(IRELAND), forcePathStyle: true });
      account.cloud.s3.seed("bucket", "a key/with ü", "text");
      const { Body } = await s3.send(new GetObjectCommand({ ...BUCKET, Key: "a key/with ü" }));
      expect(await Body?.transformToString()).toBe("text");
      expect(await failure(s3.send(new HeadObjectCommand({ ...BUCKET, Key: "none" })))).toMatchObject({
        status: 404,
      });
      await new SNSClient(options(PARIS)).send(new PublishCommand({ TopicArn: topic, Message: "hello" }));
      expect(account.cloud.sns.messages).toHaveLength(1);
      const sfn = new SFNClient(options(PARIS));
      expect((await sfn.send(new ListStateMachinesCommand({}))).stateMachines).toEqual([]);
      const missing = new DescribeExecutionCommand({
        executionArn: `arn:aws:states:${PARIS}:111122223333:execution:m:e`,
      });
      expect((await failure(sfn.send(missing))).name).toBe("ExecutionDoesNotExist");
      account.cloud.world.network.lose(PARIS);
      expect((await failure(sfn.send(new ListStateMachinesCommand({})))).message).toMatch(
        /socket hang up|ECONNRESET/,
      );
    } finally {
      await port.close();
    }
  });

  it("may send no SDK headers at all, and let its port drive the clock", async () => {
    const account = withBucket();
    const port = await account.cloud.listen({ drivesClock: true });
    const send = (method: string, path: string, body = "") =>
      new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
        const headers = { host: `bucket.s3.${IRELAND}.amazonaws.com` };
        const sent = httpRequest(
          { port: port.port, host: "127.0.0.1", method, path, headers },
          (response) => {
            let text = "";
            response.on("data", (part: Buffer) => (text += part.toString()));
            response.on("end", () => resolve({ status: response.statusCode, text }));
          },
        );
        sent.on("error", reject);
        sent.end(body);
      });
    try {
      expect((await send("PUT", "/folder/k", "hello")).status).toBe(200);
      expect(await send("GET", "/folder/k")).toEqual({ status: 200, text: "hello" });
      expect((await send("GET", "/?list-type=2&prefix=folder%2F")).text).toContain("<Key>folder/k</Key>");
      expect((await send("GET", "/none")).text).toContain("<Code>NoSuchKey</Code>");
      expect(account.cloud.world.clock.nowMs()).toBeGreaterThan(START_MS);
    } finally {
      await port.close();
    }
  });
});

describe("the check against AWS's models", () => {
  const model: ApiModel = {
    service: "sns",
    operations: { Publish: { input: "In", output: "Out", errors: ["NotFoundException"] } },
    shapes: {
      In: {
        type: "structure",
        required: ["Message"],
        members: {
          Message: { shape: "Text" },
          TopicArn: { shape: "Arn" },
          Subject: { shape: "Subject" },
          MessageAttributes: { shape: "Map" },
        },
      },
      Out: { type: "structure", members: { MessageId: { shape: "Id" }, Count: { shape: "Count" } } },
      Text: { type: "string", min: 1 },
      Subject: { type: "string", max: 5 },
      Arn: { type: "string", pattern: "arn:aws:sns:[a-z0-9-]+:\\d{12}:\\w+" },
      Id: { type: "string", enum: ["one", "two"] },
      Count: { type: "integer", min: 1, max: 3 },
      Map: { type: "map", key: { shape: "Text" }, value: { shape: "Text" }, max: 1 },
      NotFoundException: { type: "structure", exception: true },
      Other: { type: "structure", exception: true },
    },
  };
  const rules = (shape: string, value: object): string[] =>
    checkValue(model, shape, value).map(({ path, rule }) => `${path} ${rule}`);

  it("finds what is missing, unknown, of a wrong type, too long, too short, out of range or of another form", () => {
    expect(rules("In", {})).toEqual(["Message required"]);
    expect(rules("In", { Message: "", Topic: "x" })).toEqual(["Message length", "Topic unknown-member"]);
    expect(rules("In", { Message: 5, Subject: "longer" })).toEqual(["Message type", "Subject length"]);
    expect(rules("In", { Message: "x", TopicArn: "xarn:aws:sns:eu-west-1:111122223333:t" })).toEqual([
      "TopicArn pattern",
    ]);
    expect(rules("In", { Message: "x", MessageAttributes: { a: "b", c: "" } })).toEqual([
      "MessageAttributes length",
      "MessageAttributes.c length",
    ]);
    expect(rules("Out", { MessageId: "three", Count: 4 })).toEqual(["MessageId enum", "Count range"]);
    expect(rules("Out", { Count: 1.5 })).toEqual(["Count type"]);
  });

  it("accuses whoever caused it: the caller for a request, the model for a reply, an error or a refusal", async () => {
    let answer: () => unknown = () => ({ MessageId: "one" });
    const sns: ServiceModel = { service: "sns", operations: { Publish: () => answer() } };
    const cloud = createCloud({
      seed: 1,
      startMs: START_MS,
      accountId: "111122223333",
      regions: [IRELAND],
      interpreter: {
        compile: () => ({}),
        start: () => Promise.reject(new Error()),
        advance: () => Promise.reject(new Error()),
      },
      functionHost: { invoke: () => Promise.resolve() },
      models: () => [sns],
      conformance: { of: (service) => (service === "sns" ? model : undefined) },
    });
    const client = new SNSClient({
      region: IRELAND,
      credentials,
      maxAttempts: 1,
      requestHandler: cloud.connect(),
    });
    const publish = async (input: object): Promise<void> => {
      let isOver = false;
      const sending = client.send(new PublishCommand({ Message: "x", ...input })).then(
        () => (isOver = true),
        () => (isOver = true),
      );
      await cloud.world.clock.run({ untilMs: Number.POSITIVE_INFINITY, until: () => isOver });
      await sending;
    };
    await publish({});
    expect(cloud.violations).toEqual([]);
    await publish({ Subject: "too long" });
    answer = () => ({ MessageId: "zero" });
    await publish({});
    for (const code of ["NotFoundException", "Other", "Invented", "ThrottlingException"]) {
      answer = () => {
        throw new AwsError(code, "no");
      };
      await publish({});
    }
    answer = () => {
      throw new TypeError("undefined is not a function");
    };
    await publish({});
    expect(cloud.violations.map(({ part, path, rule }) => [part, path, rule])).toEqual([
      ["request", "Subject", "length"],
      ["reply", "MessageId", "enum"],
      ["error", "", "Other"],
      ["error", "", "Invented"],
      ["error", "", "SimulationFault"],
    ]);
    expect(cloud.violations[0]?.principal).toBe("operator");
  });
});

it("operations are reads or changes by their verb, but for named exceptions", () => {
  const changes = [
    "rds:FailoverGlobalCluster",
    "s3:PutObject",
    "sfn:StartExecution",
    "sns:Publish",
    "kms:DisableKey",
    "sfn:GetActivityTask",
  ];
  const reads = [
    "rds:DescribeDBClusters",
    "s3:HeadObject",
    "s3:ListObjectsV2",
    "lambda:Invoke",
    "kms:Decrypt",
    "eventbridge:TestEventPattern",
  ];
  const judge = (name: string): boolean => {
    const [service = "", operation = ""] = name.split(":");
    return isMutating(service, operation);
  };
  expect(changes.filter((name) => !judge(name))).toEqual([]);
  expect(reads.filter(judge)).toEqual([]);
});
