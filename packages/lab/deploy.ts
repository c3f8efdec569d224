import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Cloud } from "@lifeboat/cloud/cloud";
import type { Rds } from "@lifeboat/cloud/services/rds/rds";
import { bindFunctionUrls } from "@lifeboat/control-plane/bind-function-urls";
import { bindDefinition } from "@lifeboat/control-plane/bind-definition";
import type {
  FunctionEntry,
  MachineEntry,
  Manifest,
  PlaceManifest,
  RuleEntry,
} from "@lifeboat/control-plane/manifest";
import { deployedName, functionArn } from "@lifeboat/control-plane/names";
import { scheduleTargetArn } from "@lifeboat/control-plane/role-permissions";
import { toPublished } from "@lifeboat/plan/parse-published";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import type { FunctionDefinition } from "@lifeboat/functions/runtime/define-function";
import { definitionIn, type Code, type DeployParts, type Stack } from "./stack.ts";
import { oncePer } from "./once-per.ts";

const ROOT = new URL("../../", import.meta.url);

/** The code of every function in a manifest, by the handler's module; loaded before virtual time starts, and once for labs of one manifest. */
export const loadCode = oncePer(async (manifest: Manifest): Promise<Code> => {
  const handlers = new Set(manifest.places.flatMap((place) => place.functions.map((entry) => entry.handler)));
  const loaded = new Map<string, FunctionDefinition<unknown, unknown>>();
  for (const handler of handlers) {
    const module = (await import(`@lifeboat/${handler.replace(/\.handler$/, "")}`)) as Readonly<
      Record<string, unknown>
    >;
    loaded.set(handler, definitionIn(module, handler));
  }
  return loaded;
});

/** The stack of a manifest, with the functions' modules as they are in the repository. Nobody's permissions are asked. */
export const manifestStack = (manifest: Manifest, plan: RecoveryPlan): Stack => ({
  load: () => loadCode(manifest),
  deploy(parts) {
    deploy(parts, manifest);
    for (const place of manifest.places.filter(({ kind }) => kind !== "workload"))
      publishPlan(parts.cloud, place.ledgerBucket, plan);
  },
});

const publishedOf = oncePer((plan: RecoveryPlan) => {
  const text = toPublished(plan);
  const { hash } = JSON.parse(text) as { hash: string };
  return { text, hash };
});

/** The current plan, and the same by its hash, as a deployment publishes them. */
const publishPlan = (cloud: Cloud, bucket: string, plan: RecoveryPlan): void => {
  const { workload } = plan;
  const { text, hash } = publishedOf(plan);
  cloud.s3.seed(bucket, `${workload}/plan.json`, text);
  cloud.s3.seed(bucket, `${workload}/plans/${hash}.json`, text);
};

/** Bound definitions, by their text: one object for each, by which the interpreter knows what it has compiled. */
const definitions = new Map<string, unknown>();

const parsedOnce = (text: string): unknown => {
  const definition: unknown = definitions.get(text) ?? JSON.parse(text);
  definitions.set(text, definition);
  return definition;
};

const bound = new WeakMap<PlaceManifest, Map<string, unknown>>();

/** A machine's definition with the functions of its place; bound once, for labs of one plan share their manifest. */
const definitionOf = (manifest: Manifest, place: PlaceManifest, machine: MachineEntry): unknown => {
  const known = bound.get(place) ?? new Map<string, unknown>();
  bound.set(place, known);
  if (known.has(machine.name)) return known.get(machine.name);
  const text = readFileSync(fileURLToPath(new URL(machine.definition, ROOT)), "utf8");
  const definition = parsedOnce(
    bindDefinition(text, machine, (name) =>
      functionArn(manifest.account, place.region, manifest.workload, name),
    ),
  );
  known.set(machine.name, definition);
  return definition;
};

/** Puts the control plane of a manifest into the simulated account: what SST does in a real one. */
export const deploy = (parts: DeployParts, manifest: Manifest): void => {
  for (const place of manifest.places) {
    if (place.kind !== "workload") createLedgerBucket(parts, manifest, place);
    for (const topic of place.topics)
      parts.cloud.sns.createTopic(place.region, deployedName(manifest.workload, topic));
    for (const bus of place.buses) parts.cloud.eventbridge.createBus(place.region, bus);
    const urls: Record<string, string> = {};
    for (const entry of place.functions) {
      createFunction(parts, manifest, place, entry, urls);
      const functionName = deployedName(manifest.workload, entry.name);
      if (entry.url !== undefined)
        urls[entry.name] = parts.cloud.lambda.createFunctionUrl({ region: place.region, functionName });
    }
    for (const machine of place.machines) {
      parts.cloud.sfn.createStateMachine({
        region: place.region,
        name: deployedName(manifest.workload, machine.name),
        definition: definitionOf(manifest, place, machine),
      });
    }
    if (place.kind === "workload") continue;
    const deadLetters = parts.cloud.sqs.createQueue({
      region: place.region,
      name: deployedName(manifest.workload, place.deadLetters),
    });
    for (const queue of place.queues) {
      const { arn } = parts.cloud.sqs.createQueue({
        region: place.region,
        name: deployedName(manifest.workload, queue.name),
        visibilityTimeoutSeconds: queue.visibilityTimeoutSeconds,
        retentionSeconds: queue.retentionSeconds,
        redrive: { queueArn: deadLetters.arn, maxReceiveCount: queue.maxReceiveCount },
      });
      parts.cloud.sqs.feed(
        arn,
        functionArn(manifest.account, place.region, manifest.workload, queue.feeds.function),
      );
    }
    for (const schedule of place.schedules) {
      parts.cloud.scheduler.createSchedule({
        region: place.region,
        name: deployedName(manifest.workload, schedule.name),
        expression: schedule.expression,
        targetArn: scheduleTargetArn({ manifest, place }, schedule),
        input: JSON.stringify(schedule.input),
      });
    }
    for (const alarm of place.alarms) {
      parts.cloudwatch.createMetricAlarm(
        place.region,
        {
          AlarmName: alarm.name,
          AlarmDescription: alarm.description,
          Namespace: alarm.namespace,
          MetricName: alarm.metricName,
          Dimensions: Object.entries(alarm.dimensions).map(([Name, Value]) => ({ Name, Value })),
          Statistic: alarm.statistic,
          Period: alarm.periodSeconds,
          EvaluationPeriods: alarm.evaluationPeriods,
          DatapointsToAlarm: alarm.datapointsToAlarm,
          Threshold: alarm.threshold,
          ComparisonOperator: alarm.comparison,
          TreatMissingData: alarm.treatMissingData,
        },
        "OK",
      );
    }
    for (const rule of place.rules) createRule(parts, manifest, place, rule);
  }
};

/** A versioned bucket whose policy denies deletes and unconditional PUTs below the workload's ledger keys. */
const createLedgerBucket = (
  { cloud }: DeployParts,
  { workload }: Manifest,
  { ledgerBucket, region }: PlaceManifest,
): void => {
  const keys = ["claim", "lease", "switch", "approvals/"].map((key) => `${workload}/${key}`);
  cloud.s3.createBucket({
    name: ledgerBucket,
    region,
    // Locks are set object by object.
    objectLock: "without-default",
    denials: keys.flatMap((prefix) => [
      { deny: "delete" as const, prefix },
      { deny: "unconditional-put" as const, prefix },
    ]),
  });
};

const createFunction = (
  { cloud, rds, code, hosted }: DeployParts,
  { workload }: Manifest,
  { region, account }: PlaceManifest,
  entry: FunctionEntry,
  urls: Readonly<Record<string, string>>,
): void => {
  const functionName = deployedName(workload, entry.name);
  const environment = Object.fromEntries(
    Object.entries(bindEndpoints(rds, region, entry.environment)).map(([name, value]) => [
      name,
      bindFunctionUrls(value, urls),
    ]),
  );
  cloud.lambda.createFunction({
    region,
    functionName,
    accountId: account,
    timeoutSeconds: entry.timeoutSeconds,
    memoryMb: entry.memoryMegabytes,
    reservedConcurrency: entry.reservedConcurrency,
    environment,
  });
  const definition = code.get(entry.handler);
  if (definition === undefined) throw new Error(`no code was loaded for ${entry.handler}`);
  hosted.set(`${region}/${functionName}`, { definition, environment });
};

/** `${WriterHost:cluster}` and `${ReaderHost:cluster}` stand for endpoints that are known at deploy only. */
const bindEndpoints = (
  rds: Rds,
  region: string,
  environment: FunctionEntry["environment"],
): FunctionEntry["environment"] =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replaceAll(/\$\{(WriterHost|ReaderHost):([\w-]+)\}/g, (_, kind: string, cluster: string) => {
        const found = rds.cluster(region, cluster);
        return kind === "WriterHost" ? found.writerEndpoint : found.readerEndpoint;
      }),
    ]),
  );

const createRule = (
  { cloud }: DeployParts,
  manifest: Manifest,
  { region }: PlaceManifest,
  rule: RuleEntry,
): void => {
  const { account, workload, places } = manifest;
  const targetArn = (): string => {
    if ("function" in rule.target) return functionArn(account, region, workload, rule.target.function);
    const { busOf } = rule.target;
    const other = places.find((place) => place.place === busOf);
    if (other === undefined)
      throw new Error(`rule "${rule.name}" sends to "${busOf}", which is no place of the manifest`);
    return `arn:aws:events:${other.region}:${account}:event-bus/default`;
  };
  cloud.eventbridge.createRule({
    region,
    name: deployedName(workload, rule.name),
    pattern: rule.pattern,
    targets: [{ type: "function" in rule.target ? "lambda" : "bus", id: "target", arn: targetArn() }],
  });
};
