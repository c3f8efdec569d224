import type {
  CompositeAlarm,
  DeleteAlarmsCommandInput,
  DescribeAlarmsCommandInput,
  DisableAlarmActionsCommandInput,
  EnableAlarmActionsCommandInput,
  GetMetricDataCommandInput,
  MetricAlarm,
  PutCompositeAlarmCommandInput,
  PutCompositeAlarmInput,
  PutMetricAlarmCommandInput,
  PutMetricAlarmInput,
  PutMetricDataCommandInput,
  SetAlarmStateCommandInput,
} from "@aws-sdk/client-cloudwatch";
import { AwsError, type Call, type ServiceModel } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import { createAlarms, type Alarms } from "./alarms.ts";
import type { AlarmState } from "./evaluate.ts";
import { createMetricStore, type MetricId, type MetricStore } from "./metric-store.ts";
import type { Alarm } from "./state.ts";

export interface CloudWatch extends ServiceModel {
  /** Fixture: as `PutMetricAlarm`. A state that it has long had may be given. */
  createMetricAlarm(region: string, input: PutMetricAlarmInput, state?: AlarmState): void;
  /** Fixture: as `PutCompositeAlarm`. */
  createCompositeAlarm(region: string, input: PutCompositeAlarmInput): void;
  stateOf(region: string, alarmName: string): AlarmState;
  readonly alarmChanges: Alarms["changes"];
  readonly metrics: MetricStore;
  /** Actions of alarms that changed state, for the models that deliver them (SNS, Lambda). */
  readonly onAlarmAction: Alarms["onAction"];
}

const PAGE = 100;

/** Undefined is not sent: an object whose form is always the same costs a fraction of one that is put together. */
const core = (alarm: Alarm) => ({
  AlarmName: alarm.name,
  AlarmArn: alarm.arn,
  AlarmDescription: alarm.input.AlarmDescription,
  AlarmConfigurationUpdatedTimestamp: new Date(alarm.updatedAtMs),
  ActionsEnabled: alarm.actionsEnabled,
  OKActions: alarm.input.OKActions ?? [],
  AlarmActions: alarm.input.AlarmActions ?? [],
  InsufficientDataActions: alarm.input.InsufficientDataActions ?? [],
  StateValue: alarm.state.value,
  StateReason: alarm.state.reason,
  StateReasonData: alarm.state.reasonData,
  StateUpdatedTimestamp: new Date(alarm.state.atMs),
  StateTransitionedTimestamp: new Date(alarm.state.atMs),
});

const describeMetricAlarm = (alarm: Alarm & { type: "metric" }): MetricAlarm => {
  const { input, watch } = alarm;
  const isSingle = input.Metrics === undefined;
  return {
    ...core(alarm),
    MetricName: isSingle ? watch.metric.metricName : undefined,
    Namespace: isSingle ? watch.metric.namespace : undefined,
    Statistic: isSingle ? input.Statistic : undefined,
    ExtendedStatistic: isSingle ? input.ExtendedStatistic : undefined,
    Dimensions: isSingle ? (input.Dimensions ?? []) : undefined,
    Period: isSingle ? watch.periodSeconds : undefined,
    Metrics: input.Metrics,
    EvaluationPeriods: watch.periods,
    DatapointsToAlarm: watch.datapointsToAlarm,
    Threshold: input.Threshold,
    ComparisonOperator: input.ComparisonOperator,
    TreatMissingData: input.TreatMissingData ?? "missing",
  };
};

const describeComposite = (alarm: Alarm & { type: "composite" }): CompositeAlarm => ({
  ...core(alarm),
  AlarmRule: alarm.input.AlarmRule,
});

/** The metric operations (CloudWatch API Reference). */
const metricOperations = (world: World, metrics: MetricStore) => ({
  PutMetricData(input: PutMetricDataCommandInput, { region }: Call) {
    for (const datum of input.MetricData ?? []) {
      const metric: MetricId = {
        namespace: input.Namespace ?? "",
        metricName: datum.MetricName ?? "",
        dimensions: Object.fromEntries(
          (datum.Dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]),
        ),
      };
      if (datum.StatisticValues !== undefined)
        throw new Error("PutMetricData with StatisticValues is not modelled");
      const single = datum.Value === undefined ? [] : [datum.Value];
      const values = datum.Values ?? single;
      if (values.length === 0) {
        throw new AwsError(
          "MissingRequiredParameterException",
          "At least one of Value, Values or StatisticValues is required",
        );
      }
      const resolutionSeconds = datum.StorageResolution === 1 ? 1 : 60;
      for (const [index, value] of values.entries()) {
        metrics.put(region, metric, {
          atMs: datum.Timestamp?.getTime() ?? world.clock.nowMs(),
          value,
          count: datum.Counts?.[index] ?? 1,
          resolutionSeconds,
        });
      }
    }
    return {};
  },

  GetMetricData(input: GetMetricDataCommandInput, { region }: Call) {
    const startMs = input.StartTime?.getTime() ?? 0;
    const endMs = input.EndTime?.getTime() ?? 0;
    if (startMs >= endMs)
      throw new AwsError("ValidationError", "The parameter EndTime must be greater than StartTime.");
    return {
      MetricDataResults: (input.MetricDataQueries ?? [])
        .filter(({ ReturnData }) => ReturnData !== false)
        .map(({ Id, Label, MetricStat: stat }) => {
          if (stat?.Metric === undefined) throw new Error("GetMetricData with expressions is not modelled");
          const metric: MetricId = {
            namespace: stat.Metric.Namespace ?? "",
            metricName: stat.Metric.MetricName ?? "",
            dimensions: Object.fromEntries(
              (stat.Metric.Dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]),
            ),
          };
          const points = metrics
            .read(region, metric, {
              startMs,
              endMs,
              periodSeconds: stat.Period ?? 60,
              statistic: stat.Stat ?? "Average",
            })
            .filter((point) => point.value !== undefined);
          const ordered = input.ScanBy === "TimestampAscending" ? points : points.toReversed();
          return {
            Id,
            Label: Label ?? metric.metricName,
            Timestamps: ordered.map(({ atMs }) => new Date(atMs)),
            Values: ordered.map(({ value }) => value ?? 0),
            StatusCode: "Complete" as const,
          };
        }),
      Messages: [],
    };
  },
});

/** Metrics and alarms of all regions (Amazon CloudWatch User Guide and API Reference). Alarms are evaluated on the virtual clock. */
export const createCloudWatch = (world: World): CloudWatch => {
  const metrics = createMetricStore(world);
  const alarms = createAlarms(world, metrics);
  world.onMeasure((region, { namespace, metricName, dimensions, atMs, value, storageResolutionSeconds }) => {
    metrics.put(
      region,
      { namespace, metricName, dimensions },
      { atMs, value, resolutionSeconds: storageResolutionSeconds },
    );
  });

  const named = (region: string, name = ""): Alarm => {
    const found = alarms.get(region, name);
    if (found === undefined) throw new AwsError("ResourceNotFound", `Unknown alarm ${name}`, 404);
    return found;
  };
  const setActions = (region: string, names: readonly string[] | undefined, enabled: boolean): void => {
    for (const name of names ?? []) {
      const alarm = alarms.get(region, name);
      if (alarm !== undefined) alarm.actionsEnabled = enabled;
    }
  };

  return {
    service: "cloudwatch",
    operations: {
      ...metricOperations(world, metrics),

      PutMetricAlarm(input: PutMetricAlarmCommandInput, { region }: Call) {
        alarms.putMetricAlarm(region, input);
        return {};
      },

      PutCompositeAlarm(input: PutCompositeAlarmCommandInput, { region }: Call) {
        alarms.putCompositeAlarm(region, input);
        return {};
      },

      DeleteAlarms(input: DeleteAlarmsCommandInput, { region }: Call) {
        for (const alarm of (input.AlarmNames ?? []).map((name) => named(region, name))) alarms.remove(alarm);
        return {};
      },

      SetAlarmState(input: SetAlarmStateCommandInput, { region }: Call) {
        alarms.setState(named(region, input.AlarmName), {
          value: input.StateValue as AlarmState,
          reason: input.StateReason ?? "",
          reasonData: input.StateReasonData,
          atMs: world.clock.nowMs(),
        });
        return {};
      },

      EnableAlarmActions(input: EnableAlarmActionsCommandInput, { region }: Call) {
        setActions(region, input.AlarmNames, true);
        return {};
      },

      DisableAlarmActions(input: DisableAlarmActionsCommandInput, { region }: Call) {
        setActions(region, input.AlarmNames, false);
        return {};
      },

      /** Without `AlarmTypes` only metric alarms are shown (API_DescribeAlarms). */
      DescribeAlarms(input: DescribeAlarmsCommandInput, { region }: Call) {
        const types = input.AlarmTypes ?? ["MetricAlarm"];
        const from = input.NextToken === undefined ? 0 : Number(input.NextToken);
        if (!Number.isSafeInteger(from))
          throw new AwsError("InvalidNextToken", "The next token is not valid");
        const found = alarms
          .inRegion(region)
          .filter(
            (alarm) =>
              types.includes(alarm.type === "metric" ? "MetricAlarm" : "CompositeAlarm") &&
              (input.AlarmNames === undefined || input.AlarmNames.includes(alarm.name)) &&
              alarm.name.startsWith(input.AlarmNamePrefix ?? "") &&
              (input.StateValue === undefined || alarm.state.value === input.StateValue),
          );
        const to = from + (input.MaxRecords ?? PAGE);
        const shown = found.slice(from, to);
        return {
          MetricAlarms: shown.flatMap((alarm) =>
            alarm.type === "metric" ? [describeMetricAlarm(alarm)] : [],
          ),
          CompositeAlarms: shown.flatMap((alarm) =>
            alarm.type === "composite" ? [describeComposite(alarm)] : [],
          ),
          ...(to < found.length ? { NextToken: String(to) } : {}),
        };
      },
    },

    createMetricAlarm(region, input, state) {
      alarms.putMetricAlarm(region, input);
      const alarm = named(region, input.AlarmName);
      if (state !== undefined) alarm.state = { ...alarm.state, value: state };
    },
    createCompositeAlarm: (region, input) => alarms.putCompositeAlarm(region, input),
    stateOf: (region, name) => named(region, name).state.value,
    metrics,
    alarmChanges: alarms.changes,
    onAlarmAction: alarms.onAction,
  };
};
