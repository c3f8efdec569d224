import { actWithinMs } from "@lifeboat/recovery/lease";
import { forSite, otherSite, workloadAccount, type RecoveryPlan, type Site } from "@lifeboat/recovery/plan";
import { functionUrl } from "./bind-function-urls.ts";
import type { AsyncDelivery, FunctionEntry, Permission } from "./manifest.ts";
import {
  busArn,
  busName,
  deployedName,
  functionArn,
  machineArn,
  queueUrl,
  roleArn,
  roleName,
  topicArn,
} from "./names.ts";
import { sitePermissions } from "./permissions.ts";
import { TICKS, WATCH_TIMEOUT_SECONDS } from "./queues.ts";

type Variable =
  | "canary"
  | "checks"
  | "notices"
  | "start"
  | "databases"
  | "ticks"
  | "tending"
  | "page"
  | "workload";

interface Sketch {
  readonly name: string;
  readonly timeoutSeconds?: number | ((plan: RecoveryPlan) => number);
  readonly network?: "database";
  readonly needs?: readonly Variable[];
  readonly atOnce?: number;
  readonly url?: FunctionEntry["url"];
  readonly quiet?: true;
  readonly delivery?: AsyncDelivery;
}

/** The machine's Map states run 20 items at a time; a step that is refused for a moment is retried by the machine. */
const ITEMS_AT_ONCE = 10;
/** One execution calls a step once at a time; a second one is a repeat whose reply was lost. */
const STEP_AT_ONCE = 3;

/** As long as `assess` waits for one: what comes later is unknown. */
const CHECK_TIMEOUT_SECONDS = 15;

const sketches: readonly Sketch[] = [
  { name: "begin" },
  { name: "assess", needs: ["canary", "checks"] },
  { name: "check-stores", timeoutSeconds: CHECK_TIMEOUT_SECONDS },
  { name: "check-compute", timeoutSeconds: CHECK_TIMEOUT_SECONDS },
  { name: "check-traffic", timeoutSeconds: CHECK_TIMEOUT_SECONDS },
  // Before `ask`, which tells its address to people. Few at once: a flood of callers costs little, and answers by
  // `decide` have their own.
  { name: "approval-page", timeoutSeconds: 20, needs: ["workload"], url: "checks-by-itself" },
  { name: "ask", needs: ["notices", "page"] },
  { name: "count-answers" },
  { name: "decide", timeoutSeconds: 20 },
  { name: "claim", needs: ["canary"] },
  { name: "fence" },
  { name: "promote", atOnce: ITEMS_AT_ONCE },
  { name: "confirm-store", atOnce: ITEMS_AT_ONCE },
  { name: "activate", needs: ["canary"] },
  { name: "start-service", atOnce: ITEMS_AT_ONCE },
  { name: "start-workers", atOnce: ITEMS_AT_ONCE },
  { name: "verify", needs: ["canary"], atOnce: ITEMS_AT_ONCE },
  { name: "shift-traffic", atOnce: ITEMS_AT_ONCE },
  { name: "retire-primary" },
  { name: "record-outcome", needs: ["notices"] },
  { name: "tell-unrecorded", needs: ["notices"] },
  {
    name: "watch",
    timeoutSeconds: WATCH_TIMEOUT_SECONDS,
    needs: ["canary", "start", "tending", "ticks"],
    // Ticks may overlap; a run that comes a minute late is no use, and the next one is on its way.
    atOnce: STEP_AT_ONCE + 2,
    quiet: true,
    delivery: { retries: 0, maxAgeSeconds: 60 },
  },
  // One at a time: two of one tick would both tell people.
  { name: "tend-standby", needs: ["notices"], atOnce: 1 },
  {
    name: "tend-services",
    timeoutSeconds: ({ ledger }) => Math.floor(actWithinMs(ledger.lease) / 1000),
    // One at a time: a fence whose caller has given up goes on, and beside it a resume would start what it is stopping, and
    // clear the note that it was stopped. Who is refused asks again.
    atOnce: 1,
  },
  { name: "on-alarm", needs: ["start"], atOnce: 5, delivery: { retries: 2, maxAgeSeconds: 900 } },
  {
    name: "canary",
    timeoutSeconds: 15,
    network: "database",
    needs: ["databases"],
    atOnce: ITEMS_AT_ONCE,
    quiet: true,
  },
];

/**
 * Tell whoever hooks in nothing: they ask for an execution or an act, look, speak to the database, or hear what a person
 * answers.
 */
const SILENT: ReadonlySet<string> = new Set([
  "check-stores",
  "check-compute",
  "check-traffic",
  "watch",
  "on-alarm",
  "canary",
  "count-answers",
  "decide",
  "approval-page",
]);

/** Who tells people is asked again for hours: the topic of its own region may be what fails. */
const NOTIFY_DELIVERY: AsyncDelivery = { retries: 2, maxAgeSeconds: 6 * 3600 };

/** The function that tells people about Lifeboat itself; every place has it. */
export const notifyFunction = (plan: RecoveryPlan, region: string, ledgerBucket: string): FunctionEntry => {
  const topic = topicArn(plan.account, region, plan.workload, "notices");
  return {
    name: "notify",
    handler: "functions/notify.handler",
    timeoutSeconds: 30,
    memoryMegabytes: 256,
    reservedConcurrency: STEP_AT_ONCE,
    network: "none",
    environment: { PLANS_BUCKET: ledgerBucket, NOTICES_TOPIC_ARN: topic },
    permissions: [{ actions: ["sns:Publish"], resources: [topic] }],
    delivery: NOTIFY_DELIVERY,
  };
};

/** Endpoints of the stores in one site. The names are Aurora's; the deployment replaces them by the clusters' own. */
export const databasesAt = (plan: RecoveryPlan, here: Site): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    plan.stores.flatMap((store) =>
      store.type === "aurora-global"
        ? [
            [
              store.name,
              {
                writerHost: `\${WriterHost:${forSite(store.clusters, here.name)}}`,
                readerHost: `\${ReaderHost:${forSite(store.clusters, here.name)}}`,
                database: store.database,
                user: "lifeboat",
                ...(store.standIn === undefined
                  ? {}
                  : {
                      peer: {
                        writerHost: forSite(store.standIn.writerHosts, otherSite(plan, here.name).name),
                        region: otherSite(plan, here.name).region,
                      },
                    }),
              },
            ],
          ]
        : [],
    ),
  );

/** Functions that are where the database is, for only its account has its network and its logins. */
const BESIDE_THE_WORKLOAD: ReadonlySet<string> = new Set(["canary"]);

/** What a site has in the workload's account, where that is another one: let in is whoever asks it, by the name of a role. */
export const workloadFunctions = (plan: RecoveryPlan, here: Site): readonly FunctionEntry[] => {
  const askers = sketches.filter(({ needs }) => needs?.includes("canary") === true);
  const invokers = askers.map(({ name }) =>
    roleArn(plan.account, roleName(plan.workload, name, here.region)),
  );
  return ownFunctions(plan, here)
    .filter(({ name }) => BESIDE_THE_WORKLOAD.has(name))
    .map((entry) => ({ ...entry, invokers }));
};

/** The functions of a site, each with what it may touch and nothing else. */
export const siteFunctions = (plan: RecoveryPlan, here: Site): readonly FunctionEntry[] => [
  ...ownFunctions(plan, here).filter(
    ({ name }) => plan.access === undefined || !BESIDE_THE_WORKLOAD.has(name),
  ),
  notifyFunction(plan, here.region, forSite(plan.ledger.buckets, here.name)),
];

const ownFunctions = (plan: RecoveryPlan, here: Site): readonly FunctionEntry[] => {
  const { account, workload } = plan;
  const permissions = sitePermissions(plan, here);
  const tellEvents: Permission = {
    actions: ["events:PutEvents"],
    resources: [busArn(account, here.region, busName(workload))],
  };
  const variables: Readonly<Record<Variable, Readonly<Record<string, string>>>> = {
    canary: {
      CANARY_FUNCTION:
        plan.access === undefined
          ? deployedName(workload, "canary")
          : functionArn(workloadAccount(plan), here.region, workload, "canary"),
    },
    checks: { CHECK_FUNCTIONS: deployedName(workload, "check-") },
    notices: { NOTICES_TOPIC_ARN: topicArn(account, here.region, workload, "notices") },
    start: {
      FAILOVER_MACHINE_ARN: machineArn(account, here.region, workload, "failover"),
      WORKLOAD: workload,
    },
    // Where the page has no address, people answer from shells.
    page: sketches.some(({ name, url }) => name === "approval-page" && url !== undefined)
      ? { APPROVAL_PAGE_URL: functionUrl("approval-page") }
      : {},
    workload: { WORKLOAD: workload },
    databases: { DATABASES: JSON.stringify(databasesAt(plan, here)) },
    tending: { TEND_FUNCTIONS: deployedName(workload, "tend-") },
    ticks: { TICKS_QUEUE_URL: queueUrl(account, here.region, workload, TICKS) },
  };
  return sketches.map(
    ({ name, timeoutSeconds, network, needs, atOnce, url, quiet, delivery }): FunctionEntry => ({
      name,
      handler: `functions/${name}.handler`,
      timeoutSeconds: typeof timeoutSeconds === "function" ? timeoutSeconds(plan) : (timeoutSeconds ?? 60),
      memoryMegabytes: 256,
      reservedConcurrency: atOnce ?? STEP_AT_ONCE,
      network: network ?? "none",
      environment: Object.assign(
        { PLANS_BUCKET: forSite(plan.ledger.buckets, here.name) },
        SILENT.has(name) ? {} : { EVENT_BUS: busName(workload) },
        ...(needs ?? []).map((variable) => variables[variable]),
      ) as Record<string, string>,
      permissions: [...(permissions[name] ?? []), ...(SILENT.has(name) ? [] : [tellEvents])].filter(
        ({ resources }) => resources.length > 0,
      ),
      ...(url === undefined ? {} : { url }),
      ...(quiet === undefined ? {} : { quiet }),
      ...(delivery === undefined ? {} : { delivery }),
    }),
  );
};
