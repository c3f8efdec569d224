import { forSite, sitesOf, type RecoveryPlan } from "@lifeboat/recovery/plan";
import type { HealthCheckEntry, Manifest, PlaceManifest, ScheduleEntry } from "./manifest.ts";
import {
  CLOUDWATCH,
  EVENTBRIDGE,
  LAMBDA,
  pricesIn,
  ROUTE53,
  SQS,
  STEP_FUNCTIONS,
  TRANSFER,
} from "./prices.ts";

/** A line of the bill. */
export interface CostItem {
  /** The health checks are a switch's; how fast they are and the dashboard are the plan's choice, and can be left out. */
  readonly part: "control plane" | "health checks" | "fast health checks" | "dashboard";
  readonly what: string;
  readonly howMuch: string;
  readonly dollars: number;
}

const MONTH_MS = 30 * 24 * 3_600_000;
const MINUTE_MS = 60_000;

/**
 * How long warm invocations last, seconds: twice and more of what the simulated network alone makes of them. The run of each
 * minute finds that it has just ticked, and fills the queue.
 */
export const SECONDS = { active: 0.2, passive: 0.15, fill: 0.1, probe: 0.1, canary: 0.05, step: 1 };
/** Requests to S3 in a healthy month: at each tick, and (the plan) in each minute; of those, into other regions. */
export const LOOKS = {
  active: { puts: 1, gets: 1, getsAMinute: 0.2, abroad: 2 },
  passive: { puts: 0, gets: 2, getsAMinute: 1.2, abroad: 1 },
  probe: { gets: 2 },
};
/** Lambda's pollers of a queue, each waiting 20 s: docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const POLLS_A_MINUTE = 5 * 3;
/** A batch of ticks is sent once a minute, and each is deleted; receiving is one of the polls. */
const SENDS_A_MINUTE = 1;
const DELETES_A_TICK = 1;
/** What Lambda writes to the log for one invocation of a function that is not quiet, bytes. */
const LOG_BYTES = 400;
/** What crosses regions for one request, both ways together, bytes. */
const EXCHANGE_BYTES = 3000;
/** The most that a recovery's execution may take that waits for nobody; the simulation's tests hold it to that. */
const FAILOVER_TRANSITIONS = 300;
/** A question is looked at every five minutes: asked, counted, judged. */
const WAITING_TRANSITIONS_AN_HOUR = 3 * 12;
const FAILOVER_INVOCATIONS = 200;
const FAILOVER_EVENTS = 100;
const FAILOVER_FAILED_PROBES = 300;

/**
 * Runs of a schedule in a month, at most: a cron expression with one minute runs once an hour at most, any other every
 * minute. Throws RangeError for an expression that is neither.
 */
export const runsAMonth = ({ name, expression }: Pick<ScheduleEntry, "name" | "expression">): number => {
  const [, count = "", unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const lengthMs = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: 24 * 60 * MINUTE_MS }[unit];
  if (lengthMs !== undefined) return MONTH_MS / (Number(count) * lengthMs);
  const [, minute] = /^cron\((\S+) (?:\S+ ){4}\S+\)$/.exec(expression) ?? [];
  if (minute === undefined) throw new RangeError(`schedule "${name}": ${expression} is no rate and no cron`);
  return MONTH_MS / (/^\d+$/.test(minute) ? 60 * MINUTE_MS : MINUTE_MS);
};

const lambda = (invocations: number, seconds: number, megabytes: number): number =>
  invocations * seconds * (megabytes / 1024) * LAMBDA.gigabyteSecond +
  (invocations / 1_000_000) * LAMBDA.millionRequests;

const rounded = (count: number): string => Math.round(count).toLocaleString("en-US");

const memoryOf = (place: PlaceManifest, name: string): number => {
  const entry = place.functions.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new RangeError(`${place.place} has no function "${name}"`);
  return entry.memoryMegabytes;
};

/** How often a place's schedules start a function in a month. */
const runsOf = ({ schedules }: PlaceManifest, name: string): number =>
  sum(
    schedules.map((schedule) =>
      "function" in schedule.target && schedule.target.function === name ? runsAMonth(schedule) : 0,
    ),
  );

/** Does the function that runs all the time keep Lambda's own lines out of its log? */
const isQuiet = ({ functions, schedules }: PlaceManifest): boolean =>
  functions.every(
    ({ name, quiet }) =>
      quiet === true || !schedules.some(({ target }) => "function" in target && target.function === name),
  );

const ticksAMonth = (plan: RecoveryPlan): number => MONTH_MS / plan.ledger.lease.renewEveryMs;

const functionItems = (
  plan: RecoveryPlan,
  sites: readonly PlaceManifest[],
  witness: PlaceManifest,
  /** Where the canary is: the site itself, or what it has in the workload's account. */
  beside = sites[0],
) => {
  const [site] = sites;
  if (site === undefined || beside === undefined) throw new RangeError("a manifest has two sites");
  const ticks = ticksAMonth(plan);
  const [fills, probes] = [runsOf(site, "watch"), runsOf(witness, "probe")];
  const scheduled = [...sites, witness].flatMap(({ schedules }) => schedules.map(runsAMonth));
  const memory = memoryOf(site, "watch");
  return [
    {
      what: "Lambda, the watches of both sites",
      howMuch: `${rounded(ticks)} × (${SECONDS.active} + ${SECONDS.passive} s), 2 × ${rounded(fills)} × ${SECONDS.fill} s at ${memory} MB`,
      dollars:
        lambda(ticks, SECONDS.active, memory) +
        lambda(ticks, SECONDS.passive, memory) +
        2 * lambda(fills, SECONDS.fill, memory),
    },
    {
      what: "Lambda, the canary of the active site",
      howMuch: `${rounded(ticks)} × ${SECONDS.canary} s at ${memoryOf(beside, "canary")} MB`,
      dollars: lambda(ticks, SECONDS.canary, memoryOf(beside, "canary")),
    },
    {
      what: "Lambda, the witness's probe",
      howMuch: `${rounded(probes)} × ${SECONDS.probe} s at ${memoryOf(witness, "probe")} MB`,
      dollars: lambda(probes, SECONDS.probe, memoryOf(witness, "probe")),
    },
    {
      what: "EventBridge Scheduler",
      howMuch: `${rounded(sum(scheduled))} runs`,
      dollars: (sum(scheduled) / 1_000_000) * EVENTBRIDGE.millionSchedules,
    },
  ];
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const ledgerItems = (plan: RecoveryPlan, sites: readonly PlaceManifest[], witness: PlaceManifest) => {
  const ticks = ticksAMonth(plan);
  const minutes = MONTH_MS / MINUTE_MS;
  const [primary, standby] = sitesOf(plan);
  const at = [witness.region, primary.region, standby.region].map(pricesIn);
  // Renewals go to the witness and to the passive site in turn; the dearer of the sites is taken for the passive one.
  const put =
    (pricesIn(witness.region).thousandPuts +
      Math.max(pricesIn(primary.region).thousandPuts, pricesIn(standby.region).thousandPuts)) /
    2000;
  // Looks are spread over all three.
  const get = sum(at.map(({ thousandGets }) => thousandGets)) / at.length / 1000;
  const { active, passive, probe } = LOOKS;
  const puts = ticks * (active.puts + passive.puts);
  const gets =
    ticks * (active.gets + passive.gets) +
    minutes * (active.getsAMinute + passive.getsAMinute) +
    runsOf(witness, "probe") * probe.gets;
  const abroad = ticks * (active.abroad + passive.abroad);
  const queues = sites.flatMap((site) => site.queues);
  const requests = queues.length * (minutes * (SENDS_A_MINUTE + POLLS_A_MINUTE) + ticks * DELETES_A_TICK);
  const logged = sum(
    [...sites, witness].map((place) => (isQuiet(place) ? 0 : ticks + runsOf(place, "watch"))),
  );
  const logPrice = Math.max(...at.map(({ logGigabyte }) => logGigabyte));
  return [
    { what: "S3, renewals of the lease", howMuch: `${rounded(puts)} PUTs`, dollars: puts * put },
    { what: "S3, looks at the ledger and the plan", howMuch: `${rounded(gets)} GETs`, dollars: gets * get },
    {
      what: "SQS, the ticks of both sites",
      howMuch: `${rounded(requests)} requests`,
      dollars: (requests / 1_000_000) * SQS.millionRequests,
    },
    ...(logged === 0
      ? []
      : [
          {
            what: "CloudWatch Logs",
            howMuch: `${rounded((logged * LOG_BYTES) / 1e6)} MB`,
            dollars: ((logged * LOG_BYTES) / 1e9) * logPrice,
          },
        ]),
    {
      what: "data between regions",
      howMuch: `${rounded((abroad * EXCHANGE_BYTES) / 1e6)} MB`,
      dollars: ((abroad * EXCHANGE_BYTES) / 1e9) * TRANSFER.gigabyteBetweenRegions,
    },
  ];
};

const alarmItems = (places: readonly PlaceManifest[]) => {
  const alarms = places.flatMap((place) => [...place.alarms, ...place.dutyAlarms]);
  const fast = alarms.filter(({ periodSeconds }) => periodSeconds < 60).length;
  const usual = alarms.length - fast;
  const item = (count: number, price: number, what: string) =>
    count === 0 ? [] : [{ what, howMuch: `${count} × ${price.toFixed(2)}`, dollars: count * price }];
  return [
    ...item(usual, CLOUDWATCH.alarm, "CloudWatch alarms"),
    ...item(fast, CLOUDWATCH.fastAlarm, "CloudWatch alarms at high resolution"),
  ];
};

/** What is chosen for a check beyond the basic one: HTTPS, and looks every 10 seconds. */
const optionsOf = (check: HealthCheckEntry): number =>
  check.type === "calculated" ? 0 : Number(check.scheme === "HTTPS") + Number(check.intervalSeconds === 10);

/** The checks and their options, where the account has so many others of AWS endpoints. */
const healthCheckItems = (checks: readonly HealthCheckEntry[], others: number): readonly CostItem[] => {
  if (checks.length === 0) return [];
  const free = Math.min(checks.length, Math.max(0, ROUTE53.freeHealthChecks - others));
  const paid = checks.length - free;
  const options = sum(checks.map(optionsOf));
  const [each, option] = [ROUTE53.healthCheck, ROUTE53.option].map((price) => price.toFixed(2));
  const basic: CostItem = {
    part: "health checks",
    what: "Route 53, health checks of the switches",
    howMuch: [...(free === 0 ? [] : [`${free} × 0.00`]), ...(paid === 0 ? [] : [`${paid} × ${each}`])].join(
      " + ",
    ),
    dollars: paid * ROUTE53.healthCheck,
  };
  if (options === 0) return [basic];
  return [
    basic,
    {
      part: "fast health checks",
      what: "Route 53, HTTPS and a look every 10 s",
      howMuch: `${options} × ${option}`,
      dollars: options * ROUTE53.option,
    },
  ];
};

const dashboardItems = (places: readonly PlaceManifest[]): readonly CostItem[] => {
  const dashboards = sum(places.map((place) => place.dashboards.length));
  const composites = sum(places.map((place) => place.compositeAlarms.length));
  return [
    ...(dashboards === 0
      ? []
      : [
          {
            part: "dashboard" as const,
            what: "CloudWatch dashboard",
            howMuch: `${dashboards} × ${CLOUDWATCH.dashboard.toFixed(2)}`,
            dollars: dashboards * CLOUDWATCH.dashboard,
          },
        ]),
    ...(composites === 0
      ? []
      : [
          {
            part: "dashboard" as const,
            what: "CloudWatch composite alarm",
            howMuch: `${composites} × ${CLOUDWATCH.compositeAlarm.toFixed(2)}`,
            dollars: composites * CLOUDWATCH.compositeAlarm,
          },
        ]),
  ];
};

/**
 * What a workload's control plane costs in a month of 30 days in which nothing happens, line by line, US dollars. Prices
 * and their pages are in `prices.ts`; what the manifest does not say (seconds, requests a tick) stands at the top of this
 * file. `otherHealthChecks` are those that the account has besides, since Route 53 counts its tiers over the account. Throws
 * RangeError for a manifest that it cannot count.
 */
export const idleCost = (
  plan: RecoveryPlan,
  manifest: Manifest,
  { otherHealthChecks = 0 }: { readonly otherHealthChecks?: number } = {},
): readonly CostItem[] => {
  const sites = sitesOf(plan).map(({ name }) => placeNamed(manifest, name));
  const witness = manifest.places.find(({ kind }) => kind === "witness");
  if (witness === undefined) throw new RangeError("a manifest has a witness");
  const own = [
    ...functionItems(
      plan,
      sites,
      witness,
      manifest.places.find(({ kind }) => kind === "workload"),
    ),
    ...ledgerItems(plan, sites, witness),
    ...alarmItems(manifest.places),
  ];
  return [
    ...own.map((item): CostItem => ({ part: "control plane", ...item })),
    ...healthCheckItems(
      manifest.places.flatMap(({ healthChecks }) => healthChecks),
      otherHealthChecks,
    ),
    ...dashboardItems(manifest.places),
  ];
};

const placeNamed = (manifest: Manifest, name: string): PlaceManifest =>
  forSite(Object.fromEntries(manifest.places.map((place) => [place.place, place])), name);

/** What one failover costs at most, beyond the idle month, US dollars: without what the workload itself costs elsewhere. */
export const failoverCost = (manifest: Manifest): readonly Omit<CostItem, "part">[] => {
  const memory = Math.max(
    ...manifest.places.flatMap(({ functions }) => functions.map((entry) => entry.memoryMegabytes)),
  );
  return [
    {
      what: "Step Functions",
      howMuch: `${FAILOVER_TRANSITIONS} state transitions`,
      dollars: (FAILOVER_TRANSITIONS / 1000) * STEP_FUNCTIONS.thousandTransitions,
    },
    {
      what: "Lambda",
      howMuch: `${FAILOVER_INVOCATIONS} × ${SECONDS.step} s at ${memory} MB`,
      dollars: lambda(FAILOVER_INVOCATIONS, SECONDS.step, memory),
    },
    {
      what: "failing probes, as metrics",
      howMuch: `${FAILOVER_FAILED_PROBES} calls`,
      dollars: (FAILOVER_FAILED_PROBES / 1000) * CLOUDWATCH.thousandPutMetricData,
    },
    {
      what: "EventBridge, custom events",
      howMuch: `${FAILOVER_EVENTS} events`,
      dollars: (FAILOVER_EVENTS / 1_000_000) * EVENTBRIDGE.millionEvents,
    },
  ];
};

/** What a recovery costs beyond that for each hour in which it waits for people. */
export const waitingCost = {
  transitionsAnHour: WAITING_TRANSITIONS_AN_HOUR,
  dollarsAnHour: (WAITING_TRANSITIONS_AN_HOUR / 1000) * STEP_FUNCTIONS.thousandTransitions,
};

export const totalOf = (items: readonly Pick<CostItem, "dollars">[]): number =>
  sum(items.map(({ dollars }) => dollars));
