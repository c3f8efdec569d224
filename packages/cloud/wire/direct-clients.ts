import { Client } from "@smithy/core/client";
import type { AwsCredentialIdentity } from "@smithy/types";
import { bytesOf, textOf } from "./bytes.ts";
import type { DirectCall } from "./call-directly.ts";
import type { DirectHandler, DirectSettings, Output } from "./handler.ts";

interface SentBy {
  readonly config: {
    readonly requestHandler: object;
    readonly serviceId: string;
    readonly region: () => Promise<string>;
    readonly maxAttempts: () => Promise<number>;
    readonly credentials?: () => Promise<AwsCredentialIdentity>;
  };
}

/** `Auto Scaling`, `Route 53` and `RDS` are the packages `auto-scaling`, `route-53` and `rds`. */
const readSettings = async ({ settings }: DirectHandler, { config }: SentBy): Promise<DirectSettings> => {
  const read = {
    service: config.serviceId.toLowerCase().replaceAll(" ", "-"),
    region: await config.region(),
    attempts: await config.maxAttempts(),
    temporary: (await config.credentials?.())?.expiration !== undefined,
  };
  settings.set(config, read);
  return read;
};

const operations = new WeakMap<object, string>();

/** `PutObjectCommand` sends `PutObject`. */
const operationOf = ({ constructor }: object): string => {
  const known = operations.get(constructor);
  if (known !== undefined) return known;
  const operation = constructor.name.replace(/Command$/, "");
  operations.set(constructor, operation);
  return operation;
};

const keysOf = (identity: AwsCredentialIdentity | undefined): DirectCall["keys"] =>
  identity === undefined
    ? undefined
    : { accessKeyId: identity.accessKeyId, sessionToken: identity.sessionToken };

/** Texts that travel as bytes. */
const asBytes = (input: Record<string, unknown>): Record<string, unknown> => {
  const { Body, Payload } = input;
  if (typeof Body !== "string" && typeof Payload !== "string") return input;
  return {
    ...input,
    ...(typeof Body === "string" ? { Body: bytesOf(Body) } : {}),
    ...(typeof Payload === "string" ? { Payload: bytesOf(Payload) } : {}),
  };
};

/** As the SDK hands it over: bodies are streams. */
const toSdkOutput = (output: Output, attempts: number): Output => {
  const { Body } = output;
  const $metadata = { attempts };
  if (typeof Body !== "string" && !(Body instanceof Uint8Array)) return { ...output, $metadata };
  const text = typeof Body === "string" ? Body : textOf(Body);
  return { ...output, Body: { transformToString: () => Promise.resolve(text) }, $metadata };
};

/** The names that the SDK's standard mode retries, beyond status 429 and 5xx. */
const RETRIED = /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|TimeoutError|RequestTimeout/;

const isRetried = (error: unknown): boolean => {
  const { name = "", $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 500 || status === 429 || RETRIED.test(name);
};

/** Sends a call, and sends it again where the SDK would. */
const sendCall = (handler: DirectHandler, what: DirectCall, attempts: number, attempt = 1): Promise<Output> =>
  handler.call(what).then(
    (output) => toSdkOutput(output, attempt),
    (error: unknown) => {
      if (attempt >= attempts || !isRetried(error)) throw error;
      return handler.backOff(attempt).then(() => sendCall(handler, what, attempts, attempt + 1));
    },
  );

interface SentCommand {
  readonly input: Record<string, unknown>;
}

const sendFirst = async (
  handler: DirectHandler,
  { config }: SentBy,
  command: SentCommand,
): Promise<Output> => {
  const { service, region, attempts, temporary } =
    handler.settings.get(config) ?? (await readSettings(handler, { config }));
  const keys = temporary ? keysOf(await config.credentials?.()) : undefined;
  const operation = operationOf(command);
  return sendCall(handler, { service, region, operation, input: asBytes(command.input), keys }, attempts);
};

/**
 * While `run` goes on, clients whose handler is a {@link DirectHandler} hand their commands over without signing, spelling
 * and parsing them: what crosses the simulated network and when stays the same, at a fraction of the cost. For runs of many
 * seeds; a single simulation has no need of it.
 */
export const withDirectClients = async <Result>(run: () => Promise<Result>): Promise<Result> => {
  const { prototype } = Client as unknown as { prototype: { send: unknown } };
  const { send } = prototype;
  const sendDirectly = function (this: SentBy, command: SentCommand): Promise<Output> {
    const handler = this.config.requestHandler as Partial<DirectHandler>;
    if (handler.call === undefined)
      return (send as (command: unknown) => Promise<Output>).call(this, command);
    const known = (handler as DirectHandler).settings.get(this.config);
    if (known === undefined || known.temporary) return sendFirst(handler as DirectHandler, this, command);
    const { service, region, attempts } = known;
    const operation = operationOf(command);
    return sendCall(
      handler as DirectHandler,
      { service, region, operation, input: asBytes(command.input) },
      attempts,
    );
  };
  prototype.send = sendDirectly;
  try {
    return await run();
  } finally {
    prototype.send = send;
  }
};
