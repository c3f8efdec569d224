import { createTending } from "@lifeboat/aws/tending-functions";
import type { Connection } from "@lifeboat/aws/connection";
import type { FunctionRequest } from "@lifeboat/cloud/services/lambda/function-host";
import { beforeEach, describe, expect, it } from "vitest";
import { createAccount, PARIS, type Account } from "./cloud-account.ts";

const PREFIX = "lifeboat-spacelift-tend-";
const claimed = { workload: "spacelift", claimRevision: 7 };
const toResume = { ...claimed, unnoted: true };

describe("the adapter for the functions that act for the watch", () => {
  let account: Account;
  let connection: Connection;
  let answer: (request: FunctionRequest) => unknown;
  let heard: unknown[];
  const tending = () => createTending(connection, PREFIX);

  beforeEach(() => {
    heard = [];
    const code = (request: FunctionRequest): unknown => {
      heard.push(request.payload);
      return answer(request);
    };
    account = createAccount({ functions: { [`${PREFIX}services`]: code, [`${PREFIX}standby`]: code } });
    for (const name of ["services", "standby"])
      account.cloud.lambda.createFunction({
        region: PARIS,
        functionName: `${PREFIX}${name}`,
        timeoutSeconds: 60,
        reservedConcurrency: 1,
      });
    connection = {
      region: PARIS,
      credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
      requestHandler: ({ timeoutMs }) => account.cloud.connect({ region: PARIS, timeoutMs }),
    };
  });

  it("asks one function for what concerns services, and answers what that answers", async () => {
    answer = () => ({ ran: ["services/server"], noted: false });
    expect(
      await account.run(() => tending().fence(PARIS, { workload: "spacelift", unnoted: false, news: null })),
    ).toEqual({
      ran: ["services/server"],
      noted: false,
    });
    answer = () => ({ type: "ledger-changed" });
    expect(await account.run(() => tending().resume(PARIS, toResume))).toEqual({ type: "ledger-changed" });
    expect(await account.run(() => tending().retire(PARIS, claimed))).toEqual({ type: "ledger-changed" });
    expect(heard).toEqual([
      { act: "fence", workload: "spacelift", unnoted: false, news: null },
      { act: "resume", ...toResume },
      { act: "retire", ...claimed },
    ]);
    expect(account.cloud.lambda.invocations.map(({ functionName }) => functionName)).toEqual(
      Array(3).fill(`${PREFIX}services`),
    );
    account.expectConformance();
  });

  it("asks another one for what concerns the standby", async () => {
    answer = () => ({ type: "looked", protected: false, missing: ["stores/database"] });
    const request = { ...claimed, running: [] };
    expect(await account.run(() => tending().protect(PARIS, request))).toMatchObject({ protected: false });
    expect(account.cloud.lambda.invocations.map(({ functionName }) => functionName)).toEqual([
      `${PREFIX}standby`,
    ]);
  });

  it("throws what the function threw, by its name", async () => {
    answer = () => {
      throw new Error("the ledger cannot be read");
    };
    await expect(account.run(() => tending().resume(PARIS, toResume))).rejects.toMatchObject({
      name: "AwsUnavailable",
      message: expect.stringMatching(/tend-services to resume.*the ledger cannot be read/),
    });
  });

  it("waits no longer than a tick can spare, asks once, and is refused as long as that act goes on", async () => {
    answer = () => account.sleep(30_000);
    const startMs = account.cloud.world.clock.nowMs();
    await expect(account.run(() => tending().resume(PARIS, toResume))).rejects.toMatchObject({
      name: "AwsUnavailable",
    });
    expect(account.cloud.world.clock.nowMs() - startMs).toBeLessThanOrEqual(10_000);
    expect(heard).toHaveLength(1);
    await expect(
      account.run(() => tending().fence(PARIS, { workload: "spacelift", unnoted: false, news: null })),
    ).rejects.toThrow(/TooManyRequests/);
    expect(heard).toHaveLength(1);
    await account.run(() => account.sleep(30_000));
    answer = () => ({ ran: [], noted: true });
    expect(
      await account.run(() => tending().fence(PARIS, { workload: "spacelift", unnoted: false, news: null })),
    ).toMatchObject({ ran: [] });
  });
});
