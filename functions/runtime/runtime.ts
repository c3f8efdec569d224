import type { FetchText } from "@lifeboat/aws/caller-identity";
import type { AssumedRole } from "@lifeboat/aws/assumed-role";
import type { Connection } from "@lifeboat/aws/connection";
import type { CanaryDatabase, Clock, Http, Ids, TrafficPort } from "@lifeboat/operations/ports";

/** What a function gets from the place that it runs in: a Lambda container, or a laptop that plays one. */
export interface Runtime {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** To Lifeboat's own account, in the function's own role. */
  readonly connection: Connection;
  /** Whose invocation it is; set by `define-function`. */
  readonly acting?: { readonly name: string; readonly epoch: number | null; readonly container: object };
  /** How the workload's account is entered; set where a plan has been read that has another one. */
  readonly access?: AssumedRole;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly http: Http;
  /** For requests that somebody else has signed. */
  readonly fetchText: FetchText;
  readonly resolver: Pick<TrafficPort, "resolve">;
  /** Only the `canary` function has it. */
  readonly canaryDatabase?: CanaryDatabase;
  /** One line of the function's log. */
  readonly writeLine: (line: string) => void;
}

/** Environment variables, set by the manifest. */
export const variableNames = {
  plansBucket: "PLANS_BUCKET",
  machineArn: "FAILOVER_MACHINE_ARN",
  topicArn: "NOTICES_TOPIC_ARN",
  canaryFunction: "CANARY_FUNCTION",
  checkFunctions: "CHECK_FUNCTIONS",
  tendFunctions: "TEND_FUNCTIONS",
  ticksQueue: "TICKS_QUEUE_URL",
  workload: "WORKLOAD",
  databases: "DATABASES",
  approvalPage: "APPROVAL_PAGE_URL",
  eventBus: "EVENT_BUS",
} as const;

/** Throws when the deployment left a variable out: a function without it must not guess. */
export const variable = (runtime: Runtime, name: keyof typeof variableNames): string => {
  const value = runtime.environment[variableNames[name]];
  if (value === undefined || value === "")
    throw new Error(`the environment variable ${variableNames[name]} is not set`);
  return value;
};
