import type { Checker, Evidence, ExecutionEvidence, Version, Violation } from "./evidence.ts";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import { allEnteredAtMs, enteredAtMs, exitedAtMs } from "./read-execution.ts";

/** The clock of the site that wrote the record may be off by so much. */
const CLOCK_MS = 60_000;
/** Times in a history and in a record are both Step Functions' own, to the millisecond. */
const ROUNDING_MS = 5;

/**
 * Measured, not estimated (invariant 15): a record's times are those at which it happened, by Step Functions' history and by
 * the time at which S3 took the record; and a record is written once and never changed. That its loss holds what users
 * really lost is `loss-reported`.
 */
export const measured: Checker = (evidence) => [...rewritten(evidence), ...mistimed(evidence)];

const rewritten = ({ records }: Evidence): readonly Violation[] =>
  records
    .filter(
      ({ body }, index) => records.findIndex((other) => other.body.execution === body.execution) < index,
    )
    .map(({ body, atMs }) => ({
      invariant: "measured",
      message: `the record of ${body.execution} was written again`,
      atMs,
    }));

const mistimed = ({ records, executions }: Evidence): readonly Violation[] =>
  records.flatMap((record) => {
    const execution = executions.find(({ arn }) => arn === record.body.execution);
    if (execution === undefined) return [];
    return falseTimes(record, execution).map((what) => ({
      invariant: "measured",
      message: `the record of ${record.body.execution} says ${what}`,
      atMs: record.atMs,
    }));
  });

const falseTimes = (
  { atMs, body }: Version<RecoveryRecord>,
  execution: ExecutionEvidence,
): readonly string[] => {
  const begunAtMs = exitedAtMs(execution, "LoadPlan")[0] ?? execution.startedAtMs;
  const endingAtMs = enteredAtMs(execution, "RecordOutcome")[0] ?? atMs;
  const isBetween = (timeMs: number, fromMs: number, untilMs: number, marginMs: number): boolean =>
    timeMs >= fromMs - marginMs && timeMs <= untilMs + marginMs;
  const entries = allEnteredAtMs(execution);
  return [
    ...(isBetween(body.startedAtMs, execution.startedAtMs, begunAtMs, CLOCK_MS)
      ? []
      : [`that it began at ${body.startedAtMs}, and it began at ${execution.startedAtMs}`]),
    ...(isBetween(body.endedAtMs, endingAtMs, atMs, CLOCK_MS)
      ? []
      : [`that it ended at ${body.endedAtMs}, and it was written at ${atMs}`]),
    ...body.phases
      .filter(
        ({ startedAtMs, endedAtMs }) =>
          !entries.some((enteredMs) => Math.abs(enteredMs - startedAtMs) <= ROUNDING_MS) ||
          !isBetween(endedAtMs, startedAtMs, atMs, ROUNDING_MS),
      )
      .map(({ name, startedAtMs, endedAtMs }) => `that ${name} was from ${startedAtMs} to ${endedAtMs}`),
  ];
};
