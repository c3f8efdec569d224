import type { PutCompositeAlarmInput, PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { QUIET } from "../../kernel/clock.ts";
import { AwsError } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import { alarmsIn, parseAlarmRule, ruleHolds } from "./alarm-rule.ts";
import { evaluateMetricAlarm, watchOf } from "./metric-alarm.ts";
import type { MetricStore } from "./metric-store.ts";
import { stateChangeDetail } from "./state-change-event.ts";
import type { Alarm, StateRecord } from "./state.ts";

/** An action of an alarm that changed state: an SNS topic's ARN, a Lambda function's, … Who delivers is another model. */
export interface AlarmAction {
  readonly region: string;
  readonly actionArn: string;
  readonly alarmArn: string;
  readonly alarmName: string;
  readonly state: StateRecord;
  readonly previousState: StateRecord;
}

/** An alarm that came into another state. */
export interface AlarmChange {
  readonly atMs: number;
  readonly region: string;
  readonly name: string;
  readonly value: StateRecord["value"];
}

export interface Alarms {
  /** Every change of a state, in order of time; also those that could not be announced, in a region whose control plane is lost. */
  readonly changes: readonly AlarmChange[];
  putMetricAlarm(region: string, input: PutMetricAlarmInput): void;
  putCompositeAlarm(region: string, input: PutCompositeAlarmInput): void;
  get(region: string, nameOrArn: string): Alarm | undefined;
  inRegion(region: string): readonly Alarm[];
  remove(alarm: Alarm): void;
  /** Changes the state until the next evaluation does. */
  setState(alarm: Alarm, state: StateRecord): void;
  readonly onAction: (listener: (action: AlarmAction) => void) => void;
}

/** Standard alarms are evaluated every minute, high-resolution ones every ten seconds (CloudWatch User Guide, "Alarm evaluation"). */
const MINUTE_MS = 60_000;
const TEN_SECONDS_MS = 10_000;

export const createAlarms = (world: World, store: MetricStore): Alarms => {
  const { clock, network, accountId } = world;
  const alarms = new Map<string, Alarm>();
  const listeners: ((action: AlarmAction) => void)[] = [];
  const changes: AlarmChange[] = [];

  const arnOf = (region: string, name: string): string =>
    `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`;
  const nameOf = (nameOrArn: string): string =>
    /^arn:aws:cloudwatch:[^:]*:\d*:alarm:(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn;
  const get = (region: string, nameOrArn: string): Alarm | undefined =>
    alarms.get(`${region}/${nameOf(nameOrArn)}`);
  const inRegion = (region: string): Alarm[] =>
    [...alarms.values()].filter((alarm) => alarm.region === region);

  const actionsFor = ({ input }: Alarm, value: StateRecord["value"]): readonly string[] => {
    switch (value) {
      case "ALARM":
        return input.AlarmActions ?? [];
      case "OK":
        return input.OKActions ?? [];
      case "INSUFFICIENT_DATA":
        return input.InsufficientDataActions ?? [];
    }
  };

  const setState = (alarm: Alarm, state: StateRecord): void => {
    const previousState = alarm.state;
    alarm.state = state;
    // Only a change is news; an alarm that stays in ALARM says nothing more.
    if (previousState.value === state.value) return;
    changes.push({ atMs: clock.nowMs(), region: alarm.region, name: alarm.name, value: state.value });
    world.emit(alarm.region, {
      source: "aws.cloudwatch",
      detailType: "CloudWatch Alarm State Change",
      resources: [alarm.arn],
      detail: stateChangeDetail(alarm, previousState),
    });
    if (alarm.actionsEnabled) {
      for (const actionArn of actionsFor(alarm, state.value)) {
        const action = {
          region: alarm.region,
          actionArn,
          alarmArn: alarm.arn,
          alarmName: alarm.name,
          state,
          previousState,
        };
        for (const listener of listeners) listener(action);
      }
    }
    for (const other of inRegion(alarm.region)) {
      if (other.type === "composite" && alarmsIn(other.rule).some((name) => nameOf(name) === alarm.name)) {
        evaluateComposite(other, alarm);
      }
    }
  };

  const evaluateComposite = (alarm: Alarm & { type: "composite" }, trigger: Alarm | undefined): void => {
    if (network.isLost(alarm.region)) return;
    const value = ruleHolds(alarm.rule, (name) => get(alarm.region, name)?.state.value) ? "ALARM" : "OK";
    if (value === alarm.state.value) return;
    setState(alarm, {
      value,
      reason:
        trigger === undefined
          ? `${alarm.arn} transitioned to ${value} at creation`
          : `${trigger.arn} transitioned to ${trigger.state.value} at ${new Date(clock.nowMs()).toUTCString()}`,
      reasonData: JSON.stringify({
        triggeringAlarms:
          trigger === undefined
            ? []
            : [{ arn: trigger.arn, state: { value: trigger.state.value, timestamp: trigger.state.atMs } }],
      }),
      atMs: clock.nowMs(),
    });
  };

  /** Evaluates an alarm in each of its periods. Answers what ends it. */
  const watch = (alarm: Alarm & { type: "metric" }): (() => void) => {
    const periodMs = alarm.watch.periodSeconds < 60 ? TEN_SECONDS_MS : MINUTE_MS;
    // Each alarm has its own place within the period, late enough for the last values to have arrived.
    const offsetMs = world.random
      .stream(`cloudwatch/${alarm.arn}`)
      .integer(3000, periodMs === MINUTE_MS ? 20_000 : 6000);
    let stopped = false;
    const round = (): void => {
      const nextMs = (Math.floor((clock.nowMs() - offsetMs) / periodMs) + 1) * periodMs + offsetMs;
      clock.at(nextMs, () => {
        if (stopped) return QUIET;
        round();
        if (network.isLost(alarm.region)) return QUIET;
        const next = evaluateMetricAlarm(world, store, alarm);
        if (next === undefined) return QUIET;
        setState(alarm, next);
        return undefined;
      });
    };
    round();
    return () => {
      stopped = true;
    };
  };

  const fresh = (
    region: string,
    name: string,
    old: Alarm | undefined,
    actionsEnabled: boolean | undefined,
  ) => ({
    name,
    arn: arnOf(region, name),
    region,
    actionsEnabled: actionsEnabled ?? true,
    updatedAtMs: clock.nowMs(),
    // An update keeps the state (API_PutMetricAlarm).
    state: old?.state ?? {
      value: "INSUFFICIENT_DATA" as const,
      reason: "Unchecked: Initial alarm creation",
      reasonData: undefined,
      atMs: clock.nowMs(),
    },
  });

  const remove = (alarm: Alarm): void => {
    if (alarm.type === "metric") alarm.stop();
    alarms.delete(`${alarm.region}/${alarm.name}`);
  };

  return {
    putMetricAlarm(region, input) {
      const name = input.AlarmName ?? "";
      const watched = watchOf(input);
      const old = get(region, name);
      if (old !== undefined) remove(old);
      const alarm: Alarm & { type: "metric" } = {
        ...fresh(region, name, old, input.ActionsEnabled),
        type: "metric",
        input,
        watch: watched,
        stop: () => undefined,
      };
      alarms.set(`${region}/${name}`, alarm);
      alarm.stop = watch(alarm);
    },
    putCompositeAlarm(region, input) {
      const name = input.AlarmName ?? "";
      if (input.ActionsSuppressor !== undefined) throw new Error("action suppression is not modelled");
      const rule = parseAlarmRule(input.AlarmRule ?? "");
      const unknown = alarmsIn(rule).find((child) => get(region, child) === undefined);
      if (unknown !== undefined) {
        throw new AwsError("ValidationError", `AlarmRule contains an alarm that does not exist: ${unknown}`);
      }
      const old = get(region, name);
      if (old !== undefined) remove(old);
      const alarm: Alarm & { type: "composite" } = {
        ...fresh(region, name, old, input.ActionsEnabled),
        type: "composite",
        input,
        rule,
      };
      alarms.set(`${region}/${name}`, alarm);
      evaluateComposite(alarm, undefined);
    },
    get,
    inRegion,
    remove,
    setState,
    changes,
    onAction: (listener) => void listeners.push(listener),
  };
};
