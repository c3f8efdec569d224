import type {
  CreateScheduleInput,
  DeleteScheduleInput,
  GetScheduleInput,
  ListSchedulesInput,
} from "@aws-sdk/client-scheduler";
import { QUIET } from "../../kernel/clock.ts";
import { AwsError, type Call, type ServiceModel } from "../../kernel/service.ts";
import { createWhenUp } from "../../kernel/when-up.ts";
import type { World } from "../../kernel/world.ts";
import type { LambdaModel } from "../lambda/create-lambda.ts";
import type { StepFunctionsModel } from "../sfn/create-step-functions.ts";
import { parseScheduleExpression, type Timetable } from "./schedule-expression.ts";

export interface ScheduleOptions {
  readonly region: string;
  readonly name: string;
  /** `rate(…)`, `cron(…)` or `at(…)`, in UTC. */
  readonly expression: string;
  /** A function's or a state machine's ARN. */
  readonly targetArn: string;
  /** JSON text with `<aws.scheduler.…>` attributes; the Scheduler's own event where left out. */
  readonly input?: string;
  readonly roleArn?: string;
  /** The queue for what the target could not be given. */
  readonly deadLetterArn?: string;
  readonly group?: string;
  readonly enabled?: boolean;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly deleteAfterCompletion?: boolean;
}

export interface Schedule extends ScheduleOptions {
  readonly arn: string;
  readonly group: string;
  readonly timetable: Timetable;
  readonly createdAtMs: number;
  enabled: boolean;
  cancel: () => void;
  isWaitingForRegion: boolean;
}

/** One firing: when it was due, and when its target got it. */
export interface Firing {
  readonly schedule: string;
  readonly region: string;
  readonly dueAtMs: number;
  readonly atMs: number;
  readonly error: string | undefined;
}

export interface SchedulerTargets {
  readonly lambda: LambdaModel;
  readonly sfn: StepFunctionsModel;
}

export interface SchedulerModel extends ServiceModel {
  createSchedule(options: ScheduleOptions): Schedule;
  readonly firings: readonly Firing[];
}

const validation = (message: string): AwsError => new AwsError("ValidationException", message, 400);

/** EventBridge Scheduler of the simulated account. */
export const createScheduler = (world: World, targets: () => SchedulerTargets): SchedulerModel => {
  const { clock, network } = world;
  const random = world.random.stream("scheduler");
  const whenUp = createWhenUp(network);
  const schedules = new Map<string, Schedule>();
  const firings: Firing[] = [];
  const keyOf = (region: string, group: string, name: string): string => `${region}/${group}/${name}`;

  const payload = (schedule: Schedule, dueAtMs: number): unknown => {
    const time = new Date(dueAtMs).toISOString().replace(".000Z", "Z");
    const executionId = random.hex(16);
    if (schedule.input === undefined) {
      return {
        version: "0",
        id: random.uuid(),
        "detail-type": "Scheduled Event",
        source: "aws.scheduler",
        account: world.accountId,
        time,
        region: schedule.region,
        resources: [schedule.arn],
        detail: "{}",
      };
    }
    const attributes: Readonly<Record<string, string>> = {
      "schedule-arn": schedule.arn,
      "scheduled-time": time,
      "execution-id": executionId,
      "attempt-number": "1",
    };
    return JSON.parse(
      schedule.input.replaceAll(
        /<aws\.scheduler\.([a-z-]+)>/g,
        (whole, name: string) => attributes[name] ?? whole,
      ),
    ) as unknown;
  };

  const deliver = (schedule: Schedule, dueAtMs: number): void => {
    const { region, targetArn } = schedule;
    const body = payload(schedule, dueAtMs);
    let error: string | undefined;
    const principal = `scheduler/${schedule.name}@${region}`;
    const isFunction = targetArn.startsWith("arn:aws:lambda:");
    const refusal = world.access.ask?.({
      principal,
      service: isFunction ? "lambda" : "sfn",
      action: isFunction ? "lambda:InvokeFunction" : "states:StartExecution",
      resource: targetArn,
    });
    try {
      if (refusal !== undefined) throw refusal;
      if (isFunction) targets().lambda.invokeLater(region, targetArn, body);
      else targets().sfn.start(region, { stateMachineArn: targetArn, input: JSON.stringify(body) });
    } catch (failure) {
      if (!(failure instanceof AwsError)) throw failure;
      error = `${failure.code}: ${failure.message}`;
      if (schedule.deadLetterArn !== undefined)
        world.access.ask?.({
          principal,
          service: "sqs",
          action: "sqs:SendMessage",
          resource: schedule.deadLetterArn,
        });
    }
    firings.push({ schedule: schedule.name, region, dueAtMs, atMs: clock.nowMs(), error });
  };

  const fire = (schedule: Schedule, dueAtMs: number): void => {
    // A lost region's firings are retried when it is back; of those that piled up, one: late and alone is bad enough.
    if (schedule.isWaitingForRegion) return;
    if (world.faults.skipsFiring?.(schedule.region, schedule.name) === true) return;
    schedule.isWaitingForRegion = network.isControlLost(schedule.region);
    whenUp(schedule.region, () => {
      schedule.isWaitingForRegion = false;
      // Mostly within a second or two; the Scheduler promises the minute.
      const delayMs = random.next() < 0.9 ? random.integer(50, 2_000) : random.integer(2_000, 9_000);
      clock.after(delayMs, () => whenUp(schedule.region, () => deliver(schedule, dueAtMs)));
    });
  };

  const arm = (schedule: Schedule): void => {
    schedule.cancel();
    if (!schedule.enabled) return;
    const startMs = schedule.startMs ?? schedule.createdAtMs;
    const dueAtMs = schedule.timetable.next(Math.max(clock.nowMs(), startMs - 1), startMs);
    if (dueAtMs === undefined || dueAtMs > (schedule.endMs ?? Number.POSITIVE_INFINITY)) {
      if (schedule.deleteAfterCompletion === true) remove(schedule);
      return;
    }
    schedule.cancel = clock.at(dueAtMs, () => {
      fire(schedule, dueAtMs);
      arm(schedule);
      return QUIET;
    });
  };

  const remove = (schedule: Schedule): void => {
    schedule.cancel();
    schedules.delete(keyOf(schedule.region, schedule.group, schedule.name));
  };

  const createSchedule = (options: ScheduleOptions): Schedule => {
    const { region, name, targetArn, group = "default" } = options;
    if (!targetArn.startsWith("arn:aws:lambda:") && !targetArn.startsWith("arn:aws:states:")) {
      throw new AwsError("NotSimulated", `Schedules with the target ${targetArn} are not simulated`, 501);
    }
    let timetable: Timetable;
    try {
      timetable = parseScheduleExpression(options.expression);
    } catch (error) {
      throw validation(`Invalid Schedule Expression ${options.expression}: ${(error as Error).message}`);
    }
    const schedule: Schedule = {
      ...options,
      group,
      arn: `arn:aws:scheduler:${region}:${world.accountId}:schedule/${group}/${name}`,
      timetable,
      createdAtMs: clock.nowMs(),
      enabled: options.enabled ?? true,
      cancel: () => undefined,
      isWaitingForRegion: false,
    };
    schedules.set(keyOf(region, group, name), schedule);
    arm(schedule);
    return schedule;
  };

  const find = (region: string, group = "default", name = ""): Schedule => {
    const schedule = schedules.get(keyOf(region, group, name));
    if (schedule === undefined) {
      throw new AwsError("ResourceNotFoundException", `Schedule ${name} does not exist.`, 404);
    }
    return schedule;
  };

  const fromApi = (input: CreateScheduleInput, region: string): ScheduleOptions => {
    const zone = input.ScheduleExpressionTimezone;
    if (zone !== undefined && zone !== "UTC") {
      throw new AwsError("NotSimulated", `Schedules in the time zone ${zone} are not simulated`, 501);
    }
    const { Input: text, RoleArn: roleArn } = input.Target ?? {};
    return {
      region,
      name: input.Name ?? "",
      expression: input.ScheduleExpression ?? "",
      targetArn: input.Target?.Arn ?? "",
      enabled: input.State !== "DISABLED",
      ...(text === undefined ? {} : { input: text }),
      ...(roleArn === undefined ? {} : { roleArn }),
      ...(input.GroupName === undefined ? {} : { group: input.GroupName }),
      ...(input.StartDate === undefined ? {} : { startMs: input.StartDate.getTime() }),
      ...(input.EndDate === undefined ? {} : { endMs: input.EndDate.getTime() }),
      deleteAfterCompletion: input.ActionAfterCompletion === "DELETE",
    };
  };

  return {
    service: "scheduler",
    operations: {
      CreateSchedule: (input: CreateScheduleInput, { region }: Call) => {
        const options = fromApi(input, region);
        if (schedules.has(keyOf(region, options.group ?? "default", options.name))) {
          throw new AwsError("ConflictException", `Schedule ${options.name} already exists.`, 409);
        }
        return { ScheduleArn: createSchedule(options).arn };
      },
      UpdateSchedule: (input: CreateScheduleInput, { region }: Call) => {
        remove(find(region, input.GroupName, input.Name));
        return { ScheduleArn: createSchedule(fromApi(input, region)).arn };
      },
      DeleteSchedule: ({ GroupName, Name }: DeleteScheduleInput, { region }: Call) => {
        remove(find(region, GroupName, Name));
        return {};
      },
      GetSchedule: ({ GroupName, Name }: GetScheduleInput, { region }: Call) => {
        const schedule = find(region, GroupName, Name);
        return {
          Arn: schedule.arn,
          Name: schedule.name,
          GroupName: schedule.group,
          ScheduleExpression: schedule.expression,
          ScheduleExpressionTimezone: "UTC",
          State: schedule.enabled ? "ENABLED" : "DISABLED",
          CreationDate: new Date(schedule.createdAtMs),
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: {
            Arn: schedule.targetArn,
            RoleArn: schedule.roleArn ?? `arn:aws:iam::${world.accountId}:role/scheduler`,
            ...(schedule.input === undefined ? {} : { Input: schedule.input }),
          },
        };
      },
      ListSchedules: ({ NamePrefix = "" }: ListSchedulesInput, { region }: Call) => ({
        Schedules: [...schedules.values()]
          .filter((schedule) => schedule.region === region && schedule.name.startsWith(NamePrefix))
          .map((schedule) => ({
            Arn: schedule.arn,
            Name: schedule.name,
            GroupName: schedule.group,
            State: schedule.enabled ? "ENABLED" : "DISABLED",
            CreationDate: new Date(schedule.createdAtMs),
            Target: { Arn: schedule.targetArn },
          })),
      }),
    },
    createSchedule,
    firings,
  };
};
