import {
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { currentInvocation } from "@lifeboat/cloud/kernel/invocation";
import type { FunctionRequest } from "@lifeboat/cloud/services/lambda/function-host";
import { describe, expect, it } from "vitest";
import {
  createAccount,
  failure,
  IRELAND,
  PARIS,
  START_MS,
  type Account,
  type FunctionCode,
} from "./cloud-account.ts";

const MINUTE_MS = 60_000;
const ARN = `arn:aws:lambda:${IRELAND}:111122223333:function:job`;

interface Setup {
  readonly account: Account;
  readonly requests: readonly FunctionRequest[];
  readonly invoke: (
    payload?: unknown,
  ) => Promise<{ error: string | undefined; payload: unknown; status: number | undefined }>;
  readonly invokeLater: (payload?: unknown) => Promise<number | undefined>;
}

const setUp = (
  code: FunctionCode,
  more: { timeoutSeconds?: number; reservedConcurrency?: number } = {},
): Setup => {
  const requests: FunctionRequest[] = [];
  const account = createAccount({
    functions: {
      job: (request, inside) => {
        requests.push(request);
        return code(request, inside);
      },
    },
  });
  account.cloud.lambda.createFunction({ region: IRELAND, functionName: "job", timeoutSeconds: 10, ...more });
  account.cloud.s3.createBucket({ name: "bucket", region: IRELAND });
  account.cloud.s3.createBucket({ name: "bucket-paris", region: PARIS });
  const send = (payload: unknown, type: "RequestResponse" | "Event") =>
    account
      .lambda(IRELAND, { timeoutMs: 60_000 })
      .send(new InvokeCommand({ FunctionName: ARN, InvocationType: type, Payload: JSON.stringify(payload) }));
  return {
    account,
    requests,
    async invoke(payload = {}) {
      const { FunctionError, Payload, StatusCode } = await send(payload, "RequestResponse");
      return {
        error: FunctionError,
        payload: JSON.parse(Payload?.transformToString() ?? "null"),
        status: StatusCode,
      };
    },
    invokeLater: async (payload = {}) => (await send(payload, "Event")).StatusCode,
  };
};

describe("a synchronous invocation", () => {
  it("answers with what the function returned; undefined becomes null", async () => {
    const { account, invoke } = setUp(({ payload }) => (payload as { echo?: unknown }).echo);
    await account.run(async () => {
      expect(await invoke({ echo: [1, { a: "ü" }] })).toEqual({
        error: undefined,
        payload: [1, { a: "ü" }],
        status: 200,
      });
      expect(await invoke()).toEqual({ error: undefined, payload: null, status: 200 });
    });
    account.expectConformance();
  });

  it("answers an error of the function with status 200, its type and its message", async () => {
    class LedgerUnreadable extends Error {
      override name = "LedgerUnreadable";
    }
    const { account, invoke } = setUp(() => {
      throw new LedgerUnreadable("no answer from the witness");
    });
    await account.run(async () => {
      expect(await invoke()).toEqual({
        status: 200,
        error: "Unhandled",
        payload: {
          errorType: "LedgerUnreadable",
          errorMessage: "no answer from the witness",
          trace: ["LedgerUnreadable: no answer from the witness"],
        },
      });
    });
  });

  it("starts cold once per container and then reuses it", async () => {
    const { account, invoke, requests } = setUp(async (_request, { sleep }) => sleep(1_000));
    await account.run(async () => {
      await Promise.all([invoke(), invoke()]);
      await invoke();
    });
    expect(requests.map(({ coldStart }) => coldStart)).toEqual([true, true, false]);
    expect(new Set(requests.map(({ containerId }) => containerId)).size).toBe(2);
    const [cold, , warm] = account.cloud.lambda.invocations;
    expect((cold?.endedAtMs ?? 0) - (cold?.startedAtMs ?? 0)).toBeGreaterThan(1_290);
    expect((warm?.endedAtMs ?? 0) - (warm?.startedAtMs ?? 0)).toBeLessThan(1_020);
  });

  it("refuses a function that does not exist, JSON that is none, and a function of another region", async () => {
    const { account } = setUp(() => null);
    await account.run(async () => {
      const lambda = account.lambda(IRELAND);
      expect(await failure(lambda.send(new InvokeCommand({ FunctionName: "other" })))).toMatchObject({
        name: "ResourceNotFoundException",
        status: 404,
      });
      expect(
        await failure(lambda.send(new InvokeCommand({ FunctionName: "job", Payload: "{" }))),
      ).toMatchObject({
        name: "InvalidRequestContentException",
        status: 400,
      });
      expect(
        await failure(account.lambda(PARIS).send(new InvokeCommand({ FunctionName: ARN }))),
      ).toMatchObject({
        name: "ResourceNotFoundException",
      });
      const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: "job" }));
      expect(Configuration).toMatchObject({ Timeout: 10, State: "Active" });
    });
    account.expectConformance();
  });

  it("is throttled beyond the reserved concurrency", async () => {
    const { account, invoke } = setUp((_request, { sleep }) => sleep(1_000), { reservedConcurrency: 1 });
    await account.run(async () => {
      const first = invoke();
      expect(await failure(invoke())).toMatchObject({ name: "TooManyRequestsException", status: 429 });
      await first;
      await invoke();
    });
    account.expectConformance();
  });

  it("is throttled by a person who reserves none, until some are reserved again", async () => {
    const { account, invoke } = setUp(() => "done", { reservedConcurrency: 3 });
    const client = account.lambda(IRELAND);
    const reserve = (count: number) =>
      client.send(
        new PutFunctionConcurrencyCommand({ FunctionName: "job", ReservedConcurrentExecutions: count }),
      );
    await account.run(async () => {
      expect(await reserve(0)).toMatchObject({ ReservedConcurrentExecutions: 0 });
      expect(await failure(invoke())).toMatchObject({ name: "TooManyRequestsException", status: 429 });
      const { ReservedConcurrentExecutions } = await client.send(
        new GetFunctionConcurrencyCommand({ FunctionName: "job" }),
      );
      expect(ReservedConcurrentExecutions).toBe(0);
      await reserve(3);
      expect(await invoke()).toMatchObject({ payload: "done" });
    });
    account.expectConformance();
  });
});

describe("an invocation that takes too long", () => {
  const code: FunctionCode = async ({ region }, { s3, sleep }) => {
    await sleep(2_500);
    await s3(region).send(new PutObjectCommand({ Bucket: "bucket", Key: "in-time", Body: "x" }));
    await sleep(2_000);
    await s3(region).send(new PutObjectCommand({ Bucket: "bucket", Key: "too-late", Body: "x" }));
    return "done";
  };

  it("ends as Sandbox.Timedout after its time limit", async () => {
    const { account, invoke } = setUp(code, { timeoutSeconds: 3 });
    await account.run(async () => {
      const { error, payload } = await invoke();
      expect(error).toBe("Unhandled");
      expect(payload).toMatchObject({ errorType: "Sandbox.Timedout" });
      expect((payload as { errorMessage: string }).errorMessage).toMatch(
        /^RequestId: [0-9a-f-]{36} Error: Task timed out after 3\.00 seconds$/,
      );
    });
  });

  it("is abandoned: what its code sends later goes nowhere, and its container is not used again", async () => {
    const { account, invoke, requests } = setUp(code, { timeoutSeconds: 3 });
    await account.run(async () => {
      await invoke();
      await account.sleep(10_000);
      expect(account.cloud.s3.read("bucket", "in-time")).toBe("x");
      expect(account.cloud.s3.read("bucket", "too-late")).toBeUndefined();
      expect(account.wire.filter(({ operation }) => operation === "PutObject")).toHaveLength(1);
      await invoke();
    });
    expect(requests.map(({ coldStart }) => coldStart)).toEqual([true, true]);
  });
});

describe("calls of a function", () => {
  it("carry the function as their origin, and the deadline leaves the rest of the time limit", async () => {
    const { account, invoke, requests } = setUp(async ({ region }, { s3 }) => {
      await s3(region).send(new PutObjectCommand({ Bucket: "bucket", Key: "k", Body: "x" }));
      return currentInvocation()?.requestId;
    });
    await account.run(invoke);
    const put = account.wire.find(({ operation }) => operation === "PutObject");
    expect(put?.origin).toEqual({ place: IRELAND, principal: `function/job@${IRELAND}` });
    const [request] = requests;
    expect((request?.deadlineMs ?? 0) - START_MS).toBeGreaterThan(10_000);
  });

  it("of a lost region go nowhere, even after the region is back", async () => {
    const { account, invoke, requests } = setUp(async (_request, { s3, sleep }) => {
      await sleep(2_000);
      await s3(PARIS).send(new PutObjectCommand({ Bucket: "bucket-paris", Key: "ghost", Body: "x" }));
    });
    const { network, clock } = account.cloud.world;
    await account.run(async () => {
      const waiting = failure(invoke());
      clock.after(1_000, () => network.lose(IRELAND));
      clock.after(1_500, () => network.restore(IRELAND));
      expect((await waiting).name).toBe("TimeoutError");
      expect(account.cloud.s3.read("bucket-paris", "ghost")).toBeUndefined();
      await invoke();
    });
    expect(requests.map(({ coldStart }) => coldStart)).toEqual([true, true]);
    expect(account.cloud.lambda.invocations[0]?.result).toEqual({ type: "lost" });
  });
});

describe("an asynchronous invocation", () => {
  it("is accepted at once, and retried twice after a minute and after two", async () => {
    const { account, invokeLater, requests } = setUp(() => {
      throw new Error("again");
    });
    await account.run(async () => {
      expect(await invokeLater({ n: 1 })).toBe(202);
      await account.sleep(10 * MINUTE_MS);
    });
    expect(requests.map(({ payload }) => payload)).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
    // One event keeps one request id, whatever the attempt.
    expect(new Set(requests.map(({ requestId }) => requestId)).size).toBe(1);
    expect(account.cloud.lambda.dropped).toMatchObject([{ functionName: "job", reason: "RetriesExhausted" }]);
  });

  it("outlives throttling and the loss of its region", async () => {
    const { account, invokeLater } = setUp((_request, { sleep }) => sleep(5_000));
    const ends = () => account.cloud.lambda.invocations.map(({ result }) => result?.type);
    const { network, clock } = account.cloud.world;
    await account.run(async () => {
      await invokeLater();
      clock.after(2_000, () => network.lose(IRELAND));
      clock.after(20 * MINUTE_MS, () => network.restore(IRELAND));
      await account.sleep(19 * MINUTE_MS);
      expect(ends()).toEqual(["lost"]);
      await account.sleep(3 * MINUTE_MS);
      expect(ends()).toEqual(["lost", "succeeded"]);
    });
    expect(account.cloud.lambda.dropped).toEqual([]);
  });
});

describe("a function of another account", () => {
  it("is invoked by its ARN, and by no name: a name is of the caller's account", async () => {
    const account = createAccount({ functions: { canary: () => "beat" } });
    account.cloud.lambda.createFunction({ region: PARIS, functionName: "canary", accountId: "222233334444" });
    const invoke = (FunctionName: string) => account.lambda(PARIS).send(new InvokeCommand({ FunctionName }));
    await account.run(async () => {
      const arn = `arn:aws:lambda:${PARIS}:222233334444:function:canary`;
      expect((await invoke(arn)).Payload?.transformToString()).toBe('"beat"');
      const notFound = { name: "ResourceNotFoundException", status: 404 };
      expect(await failure(invoke("canary"))).toMatchObject(notFound);
      expect(await failure(invoke(arn.replace("222233334444", "111122223333")))).toMatchObject(notFound);
    });
  });
});
