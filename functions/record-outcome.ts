import { recordOutcome as appendOutcome } from "@lifeboat/operations/steps/record-outcome";
import { moveDurationMs, outcomes, type RecoveryRecord } from "@lifeboat/recovery/outcome";
import type { PhaseName } from "@lifeboat/recovery/phases";
import { MetricUnit } from "@aws-lambda-powertools/metrics";
import * as z from "zod/mini";
import { announce } from "./runtime/announce.ts";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { finishes, stepBase } from "./runtime/step-input.ts";
import { databases, notices, records } from "./runtime/ports.ts";
import type { Runtime } from "./runtime/runtime.ts";

const bring = (runtime: Runtime) => ({
  ...databases(runtime),
  ...notices(runtime),
  ...records(runtime),
});

const timing = z.strictObject({ name: z.string(), startedAt: z.string(), endedAt: z.string() });

/** The loss as `activate` measured it; null where nothing was promoted. */
const loss = z.union([
  z.object({ known: z.literal(true), interval: z.strictObject({ minMs: z.number(), maxMs: z.number() }) }),
  z.object({ known: z.literal(false), reason: z.string() }),
]);

/** Ends an execution with a written outcome: the record, the ledger, a notice. */
export const recordOutcome = defineFunction({
  name: "record-outcome",
  input: z.strictObject({
    ...stepBase,
    outcome: z.enum(outcomes),
    reason: z.string(),
    abortedByPerson: z.boolean(),
    trigger: z.string(),
    from: z.string(),
    to: z.string(),
    epoch: z.number(),
    startedAtMs: z.number(),
    basis: z.nullable(z.enum(["confirmed", "lease-run-out", "presumed", "override"])),
    loss: z.nullable(loss),
    timings: z.array(timing),
    remaining: z.array(z.string()),
    finishes,
    /** When the machine first came to record it; null: now. */
    firstTriedAtMs: z.nullable(z.number()),
  }),
  run: async (input, tools) => {
    const { runtime, metrics, logger } = tools;
    const context = await loadSiteContext(runtime, input.workload, null, bring);
    const ended: RecoveryRecord = {
      workload: input.workload,
      execution: input.execution,
      outcome: input.outcome,
      reason: input.reason,
      dryRun: false,
      trigger: input.trigger,
      from: input.from,
      to: input.to,
      epoch: input.epoch,
      planHash: input.planHash,
      fencing: input.basis,
      rpo: input.loss?.known === true ? input.loss.interval : null,
      phases: input.timings.map(({ name, startedAt, endedAt }) => ({
        name: name as PhaseName,
        startedAtMs: Date.parse(startedAt),
        endedAtMs: Date.parse(endedAt),
      })),
      startedAtMs: input.startedAtMs,
      endedAtMs: context.ports.clock.nowMs(),
      remaining: input.remaining,
      ...(input.finishes === null ? {} : { finishes: input.finishes }),
    };
    const { firstTriedAtMs } = input;
    // How long the ledger was out of reach after that is no part of the recovery.
    const record = firstTriedAtMs === null ? ended : { ...ended, endedAtMs: firstTriedAtMs };
    await appendOutcome(context, record, {
      abortedByPerson: input.abortedByPerson,
      wasPutOff: firstTriedAtMs !== null,
    });
    const durationMs = record.endedAtMs - record.startedAtMs;
    const moveMs = moveDurationMs(record);
    const lossMs = record.rpo?.maxMs ?? null;
    // Written once in a recovery, so that they cost an hour of a custom metric, and no more.
    metrics.addDimensions({ Outcome: record.outcome, Workload: record.workload });
    if (moveMs !== null) metrics.addMetric("RecoveryDuration", MetricUnit.Milliseconds, moveMs);
    if (lossMs !== null) metrics.addMetric("RecoveryLoss", MetricUnit.Milliseconds, lossMs);
    logger.info(record.reason, { outcome: record.outcome, durationMs, lossMs: lossMs ?? "unknown" });
    const { execution, outcome, reason, from, to, epoch } = record;
    await announce(tools, context, {
      type: "lifeboat.recovery.ended",
      execution,
      outcome,
      reason,
      from,
      to,
      epoch,
      durationMs,
      moveMs,
      lossMs,
    });
    return record;
  },
});

export const handler = onLambda(recordOutcome);
