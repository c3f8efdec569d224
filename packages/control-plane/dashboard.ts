import { forSite, sitesOf, workloadAccount, type RecoveryPlan, type Site } from "@lifeboat/recovery/plan";
import { DEAD_LETTERS, probeAlarms } from "./alarms.ts";
import type { CompositeAlarmEntry, DashboardBody, DashboardEntry } from "./manifest.ts";
import { deployedName, machineArn } from "./names.ts";
import { functionLogGroup } from "./role-permissions.ts";

/*
 * The dashboard of a workload: one, at the witness, which survives the loss of either site. Its widgets show metrics of
 * other regions by naming them. It is made of what AWS measures for nothing, of two metrics that are written once in a
 * recovery, and of queries over logs: a custom metric that is written all the time would cost 0.30 dollars a month.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */

type Widget = DashboardBody["widgets"][number];
type Metric = readonly (string | Readonly<Record<string, string>>)[];

const HALF = 12;
const HEIGHT = 6;

const at = (site: { readonly region: string }, label: string): Readonly<Record<string, string>> => ({
  region: site.region,
  label,
});

const graph = (
  title: string,
  region: string,
  metrics: readonly Metric[],
  more: Readonly<Record<string, unknown>>,
): Omit<Widget, "x" | "y"> => ({
  type: "metric",
  width: HALF,
  height: HEIGHT,
  properties: { title, region, metrics, view: "timeSeries", period: 60, ...more },
});

const logs = (title: string, region: string, group: string, query: string): Omit<Widget, "x" | "y"> => ({
  type: "log",
  width: HALF,
  height: HEIGHT,
  properties: { title, region, query: `SOURCE '${group}' | ${query}`, view: "table" },
});

const target = (label: string, value: number): Readonly<Record<string, unknown>> => ({
  annotations: { horizontal: [{ label, value }] },
});

const lag = (plan: RecoveryPlan): readonly Metric[] =>
  plan.stores.flatMap((store) =>
    store.type === "aurora-global"
      ? sitesOf(plan).map((site) => [
          "AWS/RDS",
          "AuroraGlobalDBReplicationLag",
          "DBClusterIdentifier",
          forSite(store.clusters, site.name),
          {
            ...at(site, `${store.name}, into ${site.name}`),
            // Shown where that account shares its metrics with this one: docs/deploy.md, "A workload in another account".
            ...(plan.access === undefined ? {} : { accountId: workloadAccount(plan) }),
          },
        ])
      : [],
  );

/** Written once, at the end of a recovery, by `record-outcome`. */
const ofRecovery = (plan: RecoveryPlan, metricName: string): readonly Metric[] =>
  sitesOf(plan).map((site) => [
    "Lifeboat",
    metricName,
    "service",
    "record-outcome",
    "Outcome",
    "recovered",
    "Workload",
    plan.workload,
    at(site, `to ${site.name}`),
  ]);

const functionMetric = (plan: RecoveryPlan, site: Site, metricName: string): Metric => [
  "AWS/Lambda",
  metricName,
  "FunctionName",
  deployedName(plan.workload, "watch"),
  at(site, `${site.name}, ${metricName.toLowerCase()}`),
];

const executions = (plan: RecoveryPlan, site: Site, metricName: string): Metric => [
  "AWS/States",
  metricName,
  "StateMachineArn",
  machineArn(plan.account, site.region, plan.workload, "failover"),
  at(site, `${site.name}, ${metricName}`),
];

const probes = (plan: RecoveryPlan): readonly Metric[] =>
  plan.decision.signals.flatMap((signal) =>
    signal.type === "probe"
      ? (signal.from === "witness" ? [plan.witness] : sitesOf(plan)).map(({ region }) => [
          "Lifeboat",
          "ProbeFailed",
          "Workload",
          plan.workload,
          "Signal",
          signal.name,
          { region, label: `${signal.name}, ${region}`, stat: "Sum" },
        ])
      : [],
  );

const deadLetters = (plan: RecoveryPlan): readonly Metric[] =>
  [...sitesOf(plan), plan.witness].map(({ region }) => [
    "AWS/SQS",
    "ApproximateNumberOfMessagesVisible",
    "QueueName",
    deployedName(plan.workload, DEAD_LETTERS),
    { region, label: region, stat: "Maximum" },
  ]);

/** Widgets two abreast, in their order. */
const arranged = (widgets: readonly Omit<Widget, "x" | "y">[]): readonly Widget[] =>
  widgets.map((widget, index) => ({ ...widget, x: (index % 2) * HALF, y: Math.floor(index / 2) * HEIGHT }));

const widgetsOf = (plan: RecoveryPlan): readonly Omit<Widget, "x" | "y">[] => {
  const { workload, witness, objectives } = plan;
  const { region } = witness;
  const sites = sitesOf(plan);
  const composite = troubleAlarm(plan).map(
    ({ name }) => `arn:aws:cloudwatch:${region}:${plan.account}:alarm:${name}`,
  );
  const [rto, rpo] = [objectives.rtoMs, objectives.rpoMs];
  return [
    {
      type: "text",
      width: HALF,
      height: HEIGHT,
      properties: {
        markdown: [
          `# ${workload}`,
          `RTO: at most **${rto / 1000} s** · RPO: at most **${rpo / 1000} s**`,
          `Sites: ${sites.map((site) => `${site.name} (${site.region})`).join(", ")} · witness: ${region}`,
        ].join("\n\n"),
      },
    },
    {
      type: "alarm",
      width: HALF,
      height: HEIGHT,
      properties: { title: "Seen from the witness", alarms: composite },
    },
    graph("Replication lag", region, lag(plan), {
      stat: "Maximum",
      ...target("the most that a failover may lose, ms", plan.decision.lossLimitMs),
    }),
    graph("Failing probes", region, probes(plan), { stat: "Sum" }),
    graph(
      "Lease: the watches that renew it and look at it",
      region,
      sites.flatMap((site) => ["Invocations", "Errors"].map((name) => functionMetric(plan, site, name))),
      { stat: "Sum" },
    ),
    graph("What could not be delivered", region, deadLetters(plan), { stat: "Maximum", period: 300 }),
    ...sites.map((site) =>
      logs(
        `Lease: what the watch of ${site.name} said last`,
        site.region,
        functionLogGroup(workload, "watch"),
        "fields @timestamp, message | filter ispresent(message) | sort @timestamp desc | limit 10",
      ),
    ),
    ...sites.map((site) =>
      logs(
        `Readiness: the last assessments at ${site.name}, dry runs as well`,
        site.region,
        functionLogGroup(workload, "assess"),
        "fields @timestamp, verdict, rule, message | filter ispresent(verdict) | sort @timestamp desc | limit 5",
      ),
    ),
    ...sites.map((site) =>
      logs(
        `Last recoveries to ${site.name}`,
        site.region,
        functionLogGroup(workload, "record-outcome"),
        "fields @timestamp, outcome, durationMs, lossMs, message | filter ispresent(outcome) | sort @timestamp desc | limit 5",
      ),
    ),
    graph("Recoveries: how long they took, ms", region, ofRecovery(plan, "RecoveryDuration"), {
      stat: "Maximum",
      ...target("RTO", rto),
    }),
    graph("Recoveries: what they lost at most, ms", region, ofRecovery(plan, "RecoveryLoss"), {
      stat: "Maximum",
      ...target("RPO", rpo),
    }),
    graph(
      "Executions of the failover machine",
      region,
      sites.flatMap((site) =>
        ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed"].map((name) =>
          executions(plan, site, name),
        ),
      ),
      { stat: "Sum", period: 300 },
    ),
  ];
};

/**
 * Sums up what the witness sees of the workload. One of them, at the witness: a composite alarm knows alarms of its own
 * region only, and each costs half a dollar a month. Decisions are not made from it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
export const troubleAlarm = (plan: RecoveryPlan): readonly CompositeAlarmEntry[] => {
  if (!plan.observe.dashboard) return [];
  const signals = plan.decision.signals.flatMap((signal) =>
    signal.type === "alarm" && signal.from === "witness" ? [signal.alarm] : [],
  );
  const anyOf = [...new Set([...probeAlarms(plan, "witness").map(({ name }) => name), ...signals])];
  if (anyOf.length === 0) return [];
  return [
    {
      name: deployedName(plan.workload, "in-trouble"),
      anyOf,
      description: `${plan.workload} is in trouble, seen from the witness`,
    },
  ];
};

/** The dashboard of a plan that asks for one. */
export const dashboardOf = (plan: RecoveryPlan): readonly DashboardEntry[] =>
  plan.observe.dashboard
    ? [
        {
          name: deployedName(plan.workload, "dashboard"),
          body: {
            // An alarm widget without an alarm is refused.
            widgets: arranged(
              widgetsOf(plan).filter(
                ({ properties }) => (properties["alarms"] as readonly string[] | undefined)?.length !== 0,
              ),
            ),
          },
        },
      ]
    : [];
