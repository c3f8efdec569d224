import type { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { MetricUnit, type Metrics } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import { RecoveryError } from "@lifeboat/recovery/errors";
import type { Context } from "aws-lambda";
import * as z from "zod/mini";
import en from "zod/v4/locales/en.js";
import type { Runtime } from "./runtime.ts";
import { createLogger, createMetrics } from "./telemetry.ts";

export interface Tools<Kept = undefined> {
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The function's own context: how long it may still run. */
  readonly remainingMs: () => number;
  /** What this container keeps from one invocation to the next. Another container has its own, and any may be gone. */
  readonly kept: Kept;
}

export interface FunctionDefinition<Input, Output> {
  readonly name: string;
  /** One function for one container; called with Lambda's event and context. */
  readonly build: (runtime: Runtime) => (event: unknown, context: Context) => Promise<Output>;
  /** Never set; carries the input's type. */
  readonly input?: Input;
}

// The functional form of zod comes without words, and whoever sent the event is to read what is wrong with it.
z.config(en());

/** Refuses an event of another shape with one message that names every field that is wrong. */
const parseEvent = <Input>(schema: z.ZodMiniType<Input>, event: unknown): Input => {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join(".") || "the input"}: ${issue.message}`,
  );
  throw new RecoveryError("InputInvalid", problems.join("; "));
};

/** The epoch of the recovery that an invocation is a step of. */
const epochOf = (input: unknown): number | null => {
  const { epoch } = (input ?? {}) as { readonly epoch?: unknown };
  return typeof epoch === "number" ? epoch : null;
};

/**
 * A Lambda function of Lifeboat: middy around one `run`. The stack: Powertools' logger with the invocation's context,
 * metrics in the embedded format, the check of the input, and a log line for a failure. Errors keep their name: Lambda
 * reports it as `errorType`, and the state machines catch by it.
 */
export const defineFunction = <Input, Output, Kept = undefined>(
  options: {
    readonly name: string;
    readonly input: z.ZodMiniType<Input>;
    readonly run: (input: Input, tools: Tools<Kept>) => Promise<Output>;
  } & (undefined extends Kept ? { readonly keep?: () => Kept } : { readonly keep: () => Kept }),
): FunctionDefinition<Input, Output> => ({
  name: options.name,
  build(runtime) {
    const kept = options.keep?.() as Kept;
    const container = {};
    const logger = createLogger(options.name, runtime.writeLine);
    const metrics = createMetrics(options.name, runtime.writeLine);
    // No early answer before Lambda's own timeout: a step may be killed at any line, and its timer would keep a laptop waiting.
    const handler = middy<unknown, Output>({ timeoutEarlyInMillis: 0 })
      .use(injectLambdaContext(logger, { logEvent: false }))
      .use(logMetrics(metrics))
      .use({
        onError: ({ error }) => {
          const name = error?.name ?? "Unknown";
          metrics.addMetric(`Failed`, MetricUnit.Count, 1);
          logger.error(`${options.name} failed`, { error: name, reason: error?.message ?? "" });
        },
      })
      .handler((event, context) => {
        const input = parseEvent(options.input, event);
        return options.run(input, {
          runtime: { ...runtime, acting: { name: options.name, epoch: epochOf(input), container } },
          logger,
          metrics,
          remainingMs: () => context.getRemainingTimeInMillis(),
          kept,
        });
      });
    return (event, context) => handler(event, context);
  },
});
