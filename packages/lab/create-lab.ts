import { recordCommits, type Commit } from "@lifeboat/cloud/client/judge";
import { createCloud, type Cloud } from "@lifeboat/cloud/cloud";
import { createDatabases, type Databases } from "@lifeboat/cloud/database/databases";
import type { RdsFaults } from "@lifeboat/cloud/services/rds/context";
import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import type { ApiModels } from "@lifeboat/cloud/wire/conformance/load";
import { createAutoScaling, type AutoScaling } from "@lifeboat/cloud/services/auto-scaling/auto-scaling";
import { createCloudWatch, type CloudWatch } from "@lifeboat/cloud/services/cloudwatch/cloudwatch";
import { createEcs, type Ecs } from "@lifeboat/cloud/services/ecs/ecs";
import { createRds, type Rds } from "@lifeboat/cloud/services/rds/rds";
import { createRoute53, type Route53 } from "@lifeboat/cloud/services/route-53/route-53";
import { createLedgerStore } from "@lifeboat/aws/s3-ledger";
import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import type { Manifest } from "@lifeboat/control-plane/manifest";
import type { SiteAdditions } from "@lifeboat/control-plane/site-manifest";
import { bootstrapLedger } from "@lifeboat/operations/ledger/bootstrap";
import { sitesOf, workloadAccount, type RecoveryPlan } from "@lifeboat/recovery/plan";
import { createConnections, type Connections } from "./connections.ts";
import { createDependencies } from "./dependencies.ts";
import { manifestStack } from "./deploy.ts";
import type { Stack } from "./stack.ts";
import { createFunctionHost, type HostedFunction, type LogLine } from "./function-host.ts";
import { interpreter } from "./interpreter.ts";
import { warmClients } from "./warm-clients.ts";
import type { ControlLoss, EmittedEvent } from "./checks/evidence.ts";
import { CANARY_TABLE } from "./simulated-canary.ts";
import { createWorkload, RESIDENT_TABLE, ROWS_TABLE, type Workload } from "./workload.ts";
import { oncePer } from "./once-per.ts";

export interface Lab {
  readonly plan: RecoveryPlan;
  readonly manifest: Manifest;
  readonly cloud: Cloud;
  readonly databases: Databases;
  readonly rds: Rds;
  readonly ecs: Ecs;
  readonly scaling: AutoScaling;
  readonly cloudwatch: CloudWatch;
  readonly route53: Route53;
  readonly workload: Workload;
  /** Everything that crossed the wire, in order of its end. */
  readonly wire: readonly WireRecord[];
  readonly log: readonly LogLine[];
  /** Commits of users' writes in any of the databases, in order of time. */
  readonly commits: readonly Commit[];
  /** Commits of canaries in any of the databases, in order of time. */
  readonly canaries: readonly Commit[];
  /** Events on the default buses, in order of time. */
  readonly events: readonly EmittedEvent[];
  /** When control planes of regions were lost, in order of time. */
  readonly controlLosses: readonly ControlLoss[];
  /** Creates the ledger, as an operator does once. Needs the clock to run. */
  readonly bootstrap: () => Promise<readonly string[]>;
  readonly connections: Connections;
  /** Lets the functions' containers go. What they did can be read; they run no more. */
  readonly end: () => void;
}

export interface LabOptions {
  readonly plan: RecoveryPlan;
  readonly seed: number;
  /** Checks everything on the wire against AWS's own models; tests do. */
  readonly conformance?: ApiModels;
  /** What RDS does wrong; read at each use. */
  readonly rdsFaults?: RdsFaults;
  /** How often the users write, milliseconds. */
  readonly writeEveryMs?: number;
  /** Machines and schedules that the sites have beyond their own. */
  readonly more?: SiteAdditions;
  /** What is deployed, and how; the manifest as it stands where left out. */
  readonly stack?: Stack;
  /** Clients that are made for more than this lab; its own where left out. */
  readonly connections?: Connections;
}

/** A Tuesday, three in the morning. */
export const START_MS = Date.UTC(2026, 10, 3, 3, 0, 0);

/** A manifest follows from its plan alone: labs of one plan share it. */
const manifestOf = oncePer((plan: RecoveryPlan) => buildManifest(plan));

/** A simulated account with a workload as its plan describes it, and Lifeboat deployed from its own manifest. */
export const createLab = async (options: LabOptions): Promise<Lab> => {
  const { plan, seed, conformance, rdsFaults } = options;
  const manifest = options.more === undefined ? manifestOf(plan) : buildManifest(plan, options.more);
  // Both take real time, which must be over before virtual time starts.
  const stack = options.stack ?? manifestStack(manifest, plan);
  const [code] = await Promise.all([stack.load(), warmClients()]);
  const hosted = new Map<string, HostedFunction>();
  const log: LogLine[] = [];
  const models = {} as {
    databases: Databases;
    rds: Rds;
    ecs: Ecs;
    scaling: AutoScaling;
    cloudwatch: CloudWatch;
    route53: Route53;
    cloud: Cloud;
  };

  const connections = options.connections ?? createConnections((how) => models.cloud.connect(how));
  const host = createFunctionHost({
    cloud: () => models.cloud,
    databases: () => models.databases,
    route53: () => models.route53,
    connections,
    functions: hosted,
    onLine: (line) => log.push(line),
  });
  const cloud = createCloud({
    seed,
    startMs: START_MS,
    accountId: plan.account,
    workloadAccountId: workloadAccount(plan),
    // Route 53 has its control plane in us-east-1.
    regions: [...new Set([...sitesOf(plan).map((site) => site.region), plan.witness.region, "us-east-1"])],
    ...(conformance === undefined ? {} : { conformance }),
    interpreter,
    functionHost: host,
    models: (world, workloads) => {
      models.databases = createDatabases(world);
      models.rds = createRds(workloads, {
        databases: models.databases,
        ...(rdsFaults === undefined ? {} : { faults: rdsFaults }),
      });
      models.ecs = createEcs(workloads);
      models.scaling = createAutoScaling(workloads);
      models.cloudwatch = createCloudWatch(world);
      models.route53 = createRoute53(world);
      return [models.rds, models.ecs, models.scaling, models.cloudwatch, models.route53];
    },
  });
  models.cloud = cloud;
  const wire: WireRecord[] = [];
  cloud.observe((record) => wire.push(record));

  createDependencies(cloud, plan);
  const workload = createWorkload(models, plan, options.writeEveryMs);
  stack.deploy({ ...models, code, hosted });

  const events: EmittedEvent[] = [];
  const { clock } = cloud.world;
  cloud.world.onEmit((region, event) => events.push({ atMs: clock.nowMs(), region, event }));
  const controlLosses: ControlLoss[] = [];
  cloud.world.network.onControlChange((region, lost) => {
    const nowMs = clock.nowMs();
    if (lost) controlLosses.push({ region, fromMs: nowMs, untilMs: Number.POSITIVE_INFINITY });
    const open = controlLosses.findIndex((loss) => loss.region === region && loss.untilMs > nowMs);
    const loss = controlLosses[open];
    if (!lost && loss !== undefined) controlLosses[open] = { ...loss, untilMs: nowMs };
  });
  const members = plan.stores.flatMap((store) =>
    store.type === "aurora-global" ? models.rds.global(store.globalCluster).members : [],
  );
  const servers = members.map(({ database }) => database);
  const commits = recordCommits(servers, ROWS_TABLE, RESIDENT_TABLE);
  const canaries = recordCommits(servers, CANARY_TABLE);

  const operatorIds = cloud.world.random.stream("operator");
  const bootstrap = (): Promise<readonly string[]> => {
    const ledger = createLedgerStore(connections.ofOperator(plan.sites.standby.region), clock);
    return bootstrapLedger(
      { ledger, ids: { next: () => operatorIds.uuid() } },
      plan,
      plan.sites.primary.name,
    );
  };
  return {
    ...models,
    plan,
    manifest,
    workload,
    wire,
    log,
    commits,
    canaries,
    events,
    controlLosses,
    bootstrap,
    connections,
    end: () => host.end(),
  };
};
