import { existsSync } from "node:fs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SFNClient } from "@aws-sdk/client-sfn";
import { advance, compile, start, type Execution, type Machine } from "@lifeboat/asl/interpreter";
import { createCloud, type Cloud, type CloudOptions } from "@lifeboat/cloud/cloud";
import type { Origin, WireRecord } from "@lifeboat/cloud/kernel/service";
import type { FunctionRequest } from "@lifeboat/cloud/services/lambda/function-host";
import type { Interpreter } from "@lifeboat/cloud/services/sfn/interpreter-port";
import { load } from "@lifeboat/cloud/wire/conformance/load";
import { expect } from "vitest";

export const IRELAND = "eu-west-1";
export const PARIS = "eu-west-3";
export const FRANKFURT = "eu-central-1";
export const ACCOUNT = "111122223333";
export const START_MS = Date.UTC(2026, 10, 3, 9);

const MODELS = "../shared/conformance/aws-api";
const HOUR_MS = 3_600_000;

const interpreter: Interpreter = {
  compile,
  start: (request) => start({ ...request, machine: request.machine as Machine }),
  advance: (machine, execution, signal, nowMs) =>
    advance(machine as Machine, execution as Execution, signal, nowMs),
};

export type FunctionCode = (request: FunctionRequest, account: Account) => unknown;

export interface Account {
  readonly cloud: Cloud;
  readonly wire: readonly WireRecord[];
  /** Runs the clock until `work` is done, or an hour has passed for nothing. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly s3: (region: string, options?: ClientOptions) => S3Client;
  readonly lambda: (region: string, options?: ClientOptions) => LambdaClient;
  readonly sfn: (region: string, options?: ClientOptions) => SFNClient;
  readonly events: (region: string) => EventBridgeClient;
  readonly scheduler: (region: string) => SchedulerClient;
  /** Fails on anything that went over the wire and that AWS would not accept or not say. */
  readonly expectConformance: () => void;
}

export interface ClientOptions {
  readonly timeoutMs?: number;
  readonly from?: string;
}

export interface AccountOptions {
  readonly seed?: number;
  /** Code of functions by name, the same in all regions. */
  readonly functions?: Readonly<Record<string, FunctionCode>>;
  /** Further services. */
  readonly models?: CloudOptions["models"];
}

/** A simulated account with real SDK clients at its wire, checked against AWS's own models where those are there. */
export const createAccount = ({ seed = 1, functions = {}, models }: AccountOptions = {}): Account => {
  const cloud = createCloud({
    seed,
    startMs: START_MS,
    accountId: ACCOUNT,
    regions: [IRELAND, PARIS, FRANKFURT],
    interpreter,
    functionHost: {
      async invoke(request) {
        const code = functions[request.functionName];
        if (code === undefined) throw new Error(`no code for ${request.functionName}`);
        return code(request, account);
      },
    },
    ...(models === undefined ? {} : { models }),
    ...(existsSync(MODELS) ? { conformance: load(MODELS) } : {}),
  });
  const wire: WireRecord[] = [];
  cloud.observe((record) => wire.push(record));
  const { clock } = cloud.world;
  const settings = (region: string, { timeoutMs = 5_000, from }: ClientOptions = {}) => {
    const origin: Origin | undefined =
      from === undefined ? undefined : { place: from, principal: `test@${from}` };
    return {
      region,
      credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
      maxAttempts: 1,
      requestHandler: cloud.connect({ timeoutMs, ...(origin === undefined ? {} : { origin }) }),
    };
  };
  const account: Account = {
    cloud,
    wire,
    async run(work) {
      let isOver = false;
      const working = work().finally(() => {
        isOver = true;
      });
      // Looked at below, after the clock has stopped.
      working.catch(() => undefined);
      await clock.run({ untilMs: clock.nowMs() + HOUR_MS, until: () => isOver });
      if (!isOver) throw new Error("an hour of virtual time was not enough");
      return working;
    },
    sleep: (ms) => clock.sleep(ms),
    s3: (region, options) => new S3Client(settings(region, options)),
    lambda: (region, options) => new LambdaClient(settings(region, options)),
    sfn: (region, options) => new SFNClient(settings(region, options)),
    events: (region) => new EventBridgeClient(settings(region)),
    scheduler: (region) => new SchedulerClient(settings(region)),
    expectConformance: () => expect(cloud.violations).toEqual([]),
  };
  return account;
};

/** What a promise rejects with, as far as AWS's errors go. */
export const failure = async (
  promise: Promise<unknown>,
): Promise<{ name: string; status: number | undefined; message: string }> => {
  try {
    await promise;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, message, status: $metadata?.httpStatusCode };
  }
  throw new Error("expected a failure");
};
