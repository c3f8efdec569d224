import { createCanaryPort } from "@lifeboat/aws/canary-function";
import { createAlarms } from "@lifeboat/aws/cloudwatch";
import { createCompute } from "@lifeboat/aws/compute";
import type { Connection } from "@lifeboat/aws/connection";
import { createRecoveryEvents } from "@lifeboat/aws/eventbridge";
import { createIotDomains } from "@lifeboat/aws/iot";
import { createProtection } from "@lifeboat/aws/protection";
import { createDatabases } from "@lifeboat/aws/rds";
import { createBuckets, createSwitches } from "@lifeboat/aws/s3-buckets";
import { createLedgerStore, createRecords } from "@lifeboat/aws/s3-ledger";
import { createNotices } from "@lifeboat/aws/sns";
import { createMetronome } from "@lifeboat/aws/sqs";
import { createExecutions } from "@lifeboat/aws/step-functions";
import type { CanaryDatabase, Clock, Http, Ids, Ports, TrafficPort } from "@lifeboat/operations/ports";

/** What a function gets from the place that it runs in: a Lambda container, or a laptop that plays one. */
export interface Runtime {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly http: Http;
  readonly resolver: Pick<TrafficPort, "resolve">;
  /** Only the `canary` function uses it. */
  readonly canaryDatabase: CanaryDatabase;
  /** One line of the function's log. */
  readonly writeLine: (line: string) => void;
}

/** Environment variables, set by the manifest. */
export const variableNames = {
  plansBucket: "PLANS_BUCKET",
  machineArn: "FAILOVER_MACHINE_ARN",
  topicArn: "NOTICES_TOPIC_ARN",
  canaryFunction: "CANARY_FUNCTION",
  ticksQueue: "TICKS_QUEUE_URL",
  workload: "WORKLOAD",
  databases: "DATABASES",
  eventBus: "EVENT_BUS",
} as const;

/** Throws when the deployment left a variable out: a function without it must not guess. */
export const variable = (runtime: Runtime, name: keyof typeof variableNames): string => {
  const value = runtime.environment[variableNames[name]];
  if (value === undefined || value === "")
    throw new Error(`the environment variable ${variableNames[name]} is not set`);
  return value;
};

/** The adapters of one function, over its connection. Clients are made at first use, so nobody pays for what it does not call. */
export const portsOf = (runtime: Runtime): Ports => {
  const { connection, clock, ids, http, resolver } = runtime;
  const optional = (name: keyof typeof variableNames): string =>
    runtime.environment[variableNames[name]] ?? "";
  return {
    clock,
    ids,
    http,
    ledger: createLedgerStore(connection, clock),
    databases: createDatabases(connection),
    buckets: createBuckets(connection),
    protection: createProtection(connection),
    compute: createCompute(connection),
    traffic: { ...createSwitches(connection), ...createIotDomains(connection), ...resolver },
    alarms: createAlarms(connection),
    canary: createCanaryPort(connection, optional("canaryFunction")),
    executions: createExecutions(connection),
    metronome: createMetronome(connection, optional("ticksQueue")),
    notices: createNotices(connection, optional("topicArn")),
    records: createRecords(connection),
    events: createRecoveryEvents(connection, optional("eventBus")),
  };
};
