import { nextCron, parseCron } from "./cron.ts";

const MINUTE_MS = 60_000;
const UNITS_MS: Readonly<Record<string, number>> = {
  minute: MINUTE_MS,
  hour: 60 * MINUTE_MS,
  day: 1440 * MINUTE_MS,
};

/** When a schedule fires. */
export interface Timetable {
  /** The next time after `afterMs`; `startMs` is when the schedule began. Undefined: never again. */
  next(afterMs: number, startMs: number): number | undefined;
  readonly isOneOff: boolean;
}

/**
 * Reads `rate(5 minutes)`, `cron(0 12 * * ? *)` or `at(2026-01-31T10:00:00)`, in UTC. Throws SyntaxError.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export const parseScheduleExpression = (expression: string): Timetable => {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate !== null) {
    const periodMs = Number(rate[1]) * (UNITS_MS[rate[2] ?? ""] ?? 0);
    if (periodMs <= 0) throw new SyntaxError(`${expression}: the value must be positive`);
    return {
      isOneOff: false,
      next(afterMs, startMs) {
        // The Scheduler's grain is the minute.
        const firstMs = Math.ceil(startMs / MINUTE_MS) * MINUTE_MS;
        if (afterMs < firstMs) return firstMs;
        return firstMs + (Math.floor((afterMs - firstMs) / periodMs) + 1) * periodMs;
      },
    };
  }
  const at = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$/.exec(expression);
  if (at !== null) {
    const atMs = new Date(`${at[1] ?? ""}Z`).getTime();
    return { isOneOff: true, next: (afterMs) => (atMs > afterMs ? atMs : undefined) };
  }
  const cron = /^cron\((.+)\)$/.exec(expression);
  if (cron !== null) {
    const parsed = parseCron(cron[1] ?? "");
    return { isOneOff: false, next: (afterMs) => nextCron(parsed, afterMs) };
  }
  throw new SyntaxError(`${expression} is no schedule expression`);
};
