import type { PutCompositeAlarmInput, PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import type { AlarmRule } from "./alarm-rule.ts";
import type { AlarmState } from "./evaluate.ts";
import type { MetricId } from "./metric-store.ts";

/** A state with its reason, as it is shown and sent. */
export interface StateRecord {
  readonly value: AlarmState;
  readonly reason: string;
  /** JSON, as the API has it; undefined where CloudWatch gives none. */
  readonly reasonData: string | undefined;
  readonly atMs: number;
}

/** The part of a metric alarm that is evaluated. */
export interface MetricWatch {
  readonly metric: MetricId;
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly periods: number;
  readonly datapointsToAlarm: number;
}

interface AlarmCore {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  actionsEnabled: boolean;
  updatedAtMs: number;
  state: StateRecord;
}

export type Alarm =
  | (AlarmCore & {
      readonly type: "metric";
      input: PutMetricAlarmInput;
      watch: MetricWatch;
      stop: () => void;
    })
  | (AlarmCore & { readonly type: "composite"; input: PutCompositeAlarmInput; rule: AlarmRule });

/** `2026-11-03T09:41:00.123+0000`, as CloudWatch writes times into events and reasons. */
export const stamp = (atMs: number): string => new Date(atMs).toISOString().replace("Z", "+0000");
