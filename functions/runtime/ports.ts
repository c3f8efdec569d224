import { createApprovals } from "@lifeboat/aws/approvals";
import { createCanaryPort } from "@lifeboat/aws/canary-function";
import { createReadiness } from "@lifeboat/aws/check-functions";
import { assumeRole } from "@lifeboat/aws/assumed-role";
import { createAlarms } from "@lifeboat/aws/cloudwatch";
import { createCompute } from "@lifeboat/aws/compute";
import { createRecoveryEvents } from "@lifeboat/aws/eventbridge";
import { createIotDomains } from "@lifeboat/aws/iot";
import { createProtection } from "@lifeboat/aws/protection";
import { createDatabases } from "@lifeboat/aws/rds";
import { createBuckets, createSwitches } from "@lifeboat/aws/s3-buckets";
import { createLedgerStore, createRecords } from "@lifeboat/aws/s3-ledger";
import { createNotices } from "@lifeboat/aws/sns";
import { createMetronome } from "@lifeboat/aws/sqs";
import { createExecutions } from "@lifeboat/aws/step-functions";
import { createTending } from "@lifeboat/aws/tending-functions";
import type { Connection } from "@lifeboat/aws/connection";
import type { BasicPort, PortName } from "@lifeboat/operations/context";
import type { Ports } from "@lifeboat/operations/ports";
import { variableNames, type Runtime } from "./runtime.ts";

/*
 * The adapters over a function's connection, a constant for each: a function names those that its step uses, and the bundler
 * leaves out the rest with their clients. Clients are made at first use.
 */

export type Bring<Used extends PortName> = (runtime: Runtime) => Pick<Ports, Used>;

const optional = ({ environment }: Runtime, name: keyof typeof variableNames): string =>
  environment[variableNames[name]] ?? "";

/**
 * To the account of the workload's own resources. Everything else (ledger, switches, alarms, messages, executions) is
 * Lifeboat's: ADR 9.
 */
const toWorkload = ({ connection, access, acting }: Runtime): Connection =>
  access === undefined || acting === undefined
    ? connection
    : assumeRole(connection, access, acting.container);

/** What every function has. */
export const basics: Bring<BasicPort> = ({ connection, clock, ids, http }) => ({
  clock,
  ids,
  http,
  ledger: createLedgerStore(connection, clock),
});

export const alarms: Bring<"alarms"> = ({ connection }) => ({ alarms: createAlarms(connection) });
export const approvals: Bring<"approvals"> = ({ connection, fetchText, clock }) => ({
  approvals: createApprovals(connection, fetchText, clock),
});
export const brokers: Bring<"brokers"> = (runtime) => ({ brokers: createIotDomains(toWorkload(runtime)) });
export const buckets: Bring<"buckets"> = (runtime) => ({ buckets: createBuckets(toWorkload(runtime)) });
export const canary: Bring<"canary"> = (runtime) => ({
  canary: createCanaryPort(runtime.connection, optional(runtime, "canaryFunction")),
});
export const compute: Bring<"compute"> = (runtime) => ({ compute: createCompute(toWorkload(runtime)) });
export const databases: Bring<"databases"> = (runtime) => ({
  databases: createDatabases(toWorkload(runtime)),
});
export const events: Bring<"events"> = (runtime) => ({
  events: createRecoveryEvents(runtime.connection, optional(runtime, "eventBus")),
});
export const executions: Bring<"executions"> = ({ connection }) => ({
  executions: createExecutions(connection),
});
export const metronome: Bring<"metronome"> = (runtime) => ({
  metronome: createMetronome(runtime.connection, optional(runtime, "ticksQueue")),
});
export const notices: Bring<"notices"> = (runtime) => ({
  notices: createNotices(runtime.connection, optional(runtime, "topicArn")),
});
export const protection: Bring<"protection"> = (runtime) => ({
  protection: createProtection(toWorkload(runtime)),
});
export const readiness: Bring<"readiness"> = (runtime) => ({
  readiness: createReadiness(runtime.connection, optional(runtime, "checkFunctions")),
});
export const records: Bring<"records"> = ({ connection }) => ({ records: createRecords(connection) });
export const tending: Bring<"tending"> = (runtime) => ({
  tending: createTending(runtime.connection, optional(runtime, "tendFunctions")),
});
export const traffic: Bring<"traffic"> = ({ connection, resolver }) => ({
  traffic: { ...createSwitches(connection), ...resolver },
});
