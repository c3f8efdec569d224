import {
  forSite,
  otherSite,
  sitesOf,
  workloadAccount,
  type RecoveryPlan,
  type Site,
} from "@lifeboat/recovery/plan";
import { readinessParts } from "@lifeboat/recovery/readiness";
import { sessionPrefix } from "@lifeboat/recovery/session-name";
import { ledgerGrants } from "./ledger-grants.ts";
import type { Permission } from "./manifest.ts";
import { functionArn, machineArn, queueArn, topicArn } from "./names.ts";
import { TICKS } from "./queues.ts";
import {
  keepOldVolume,
  promote,
  readAlarms,
  readBrokers,
  readDatabases,
  readGlobalClusters,
  readGroups,
  readProtection,
  readReplication,
  readServices,
  readSwitches,
  reportProbes,
  restSwitches,
  scaleGroups,
  scaleServices,
  settleSwitches,
  startGroups,
  turnSwitchOn,
} from "./resource-grants.ts";

type Granted = Readonly<Record<string, readonly Permission[]>>;

/**
 * What each function of a site may do with the workload's own resources, by the function's name. Where the workload lies in
 * another account, the role of `access` may do this, and the function may assume that role.
 */
export const workloadPermissions = (plan: RecoveryPlan, here: Site): Granted => {
  const other = otherSite(plan, here.name);
  const compute = [readServices(plan, here), readGroups(plan)];
  const granted: Granted = {
    "check-stores": [...readDatabases(plan, here), readReplication(plan, here)],
    "check-compute": [...readProtection(plan, here), ...compute],
    "check-traffic": [readBrokers(plan, here)],
    promote: [...readDatabases(plan, here), readReplication(plan, here), promote(plan, here)],
    // Whoever finishes a move may look who writes, and promote nothing.
    "confirm-store": readDatabases(plan, here),
    "start-service": [readServices(plan, here), scaleServices(plan, here)],
    "start-workers": [readGroups(plan), startGroups(plan, here)],
    "retire-primary": [scaleServices(plan, other), readGroups(plan), scaleGroups(plan, other)],
    "record-outcome": [readGlobalClusters(plan)],
    "tend-services": [...compute, scaleServices(plan, here), scaleGroups(plan, here)],
    "tend-standby": [...readDatabases(plan, here), ...keepOldVolume(plan, here)],
  };
  return Object.fromEntries(
    Object.entries(granted)
      .map(
        ([name, permissions]) => [name, permissions.filter(({ resources }) => resources.length > 0)] as const,
      )
      .filter(([, permissions]) => permissions.length > 0),
  );
};

/**
 * In the place of what a function may do itself: to assume the role, under its own name alone. The role grants by those names, so
 * that no function has what another one needs. Whether the external id is the right one is for the role to say.
 */
const enterWorkload = (plan: RecoveryPlan, here: Site, name: string): readonly Permission[] =>
  plan.access === undefined
    ? []
    : [
        {
          actions: ["sts:AssumeRole"],
          resources: [plan.access.role],
          conditions: {
            StringLike: {
              "sts:RoleSessionName": `${sessionPrefix({ workload: plan.workload, name, region: here.region })}*`,
            },
          },
        },
      ];

/** What each function of a site may do, by the function's name: what its step calls, and nothing else. */
export const sitePermissions = (plan: RecoveryPlan, here: Site): Granted => {
  const own = ownPermissions(plan, here);
  const theirs = workloadPermissions(plan, here);
  return Object.fromEntries(
    Object.entries(own).map(([name, permissions]) => {
      const needed = theirs[name] ?? [];
      if (needed.length === 0 || plan.access === undefined) return [name, [...permissions, ...needed]];
      return [name, [...permissions, ...enterWorkload(plan, here, name)]];
    }),
  );
};

/** What each function may do with what is Lifeboat's. */
const ownPermissions = (plan: RecoveryPlan, here: Site): Granted => {
  const { account, workload } = plan;
  const ledger = ledgerGrants(plan, forSite(plan.ledger.buckets, here.name));
  const other = otherSite(plan, here.name);
  const failover = machineArn(account, here.region, workload, "failover");
  const executions: Permission = {
    actions: ["states:DescribeExecution"],
    // The other site's as well: an execution there may still have the workload.
    resources: [failover, machineArn(account, other.region, workload, "failover")].map(
      (machine) => `${machine.replace(":stateMachine:", ":execution:")}:*`,
    ),
  };
  const start: Permission = { actions: ["states:StartExecution"], resources: [failover] };
  const canary: Permission = {
    actions: ["lambda:InvokeFunction"],
    resources: [functionArn(workloadAccount(plan), here.region, workload, "canary")],
  };
  const tend: Permission = {
    actions: ["lambda:InvokeFunction"],
    resources: ["tend-services", "tend-standby"].map((name) =>
      functionArn(account, here.region, workload, name),
    ),
  };
  const checks: Permission = {
    actions: ["lambda:InvokeFunction"],
    resources: readinessParts.map((part) => functionArn(account, here.region, workload, `check-${part}`)),
  };
  const ticks: Permission = {
    actions: ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    resources: [queueArn(account, here.region, workload, TICKS)],
  };
  const notify: Permission = {
    actions: ["sns:Publish"],
    resources: [topicArn(account, here.region, workload, "notices")],
  };
  const ringBell: Permission = {
    actions: ["states:SendTaskSuccess"],
    resources: ["*"],
    unbounded:
      "a task token is no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html",
  };
  const answering = [ledger.readApprovals, ledger.list, ledger.writeAnswers, ringBell];
  return {
    begin: [...ledger.read, ledger.changeClaim, executions],
    assess: [...ledger.read, readAlarms, canary, checks],
    "check-stores": [ledger.readPlan],
    "check-compute": [ledger.readPlan],
    "check-traffic": [ledger.readPlan, ...readSwitches(plan, [here])],
    ask: [...ledger.read, ledger.readApprovals, ledger.writeApprovals, notify, ringBell],
    "count-answers": [...ledger.read, ledger.readApprovals, ledger.writeVerdicts],
    decide: answering,
    "approval-page": answering,
    claim: [...ledger.read, ledger.changeClaim, ledger.changeLeases, canary],
    fence: [...ledger.read, ledger.changeClaim],
    promote: [...ledger.read],
    "confirm-store": [...ledger.read],
    activate: [...ledger.read, ledger.changeClaim, ledger.changeLeases, canary],
    "start-service": [...ledger.read],
    "start-workers": [...ledger.read],
    verify: [...ledger.read, canary],
    "shift-traffic": [...ledger.read, ...readSwitches(plan, [here]), turnSwitchOn(plan, here)],
    "retire-primary": [...ledger.read],
    "record-outcome": [...ledger.read, ledger.changeClaim, ledger.writeRecords, notify],
    // Nothing of the ledger: that is what could not be written.
    "tell-unrecorded": [ledger.readPlan, notify],
    watch: [
      ticks,
      ...ledger.read,
      ledger.changeClaim,
      ledger.changeLeases,
      readAlarms,
      ...settleSwitches(plan, here),
      executions,
      start,
      reportProbes,
      canary,
      tend,
      ledger.writeProtections,
      ledger.readProtections,
    ],
    "tend-services": [ledger.readForServices, ledger.changeOwnLease],
    "tend-standby": [
      ...ledger.read,
      ledger.changeClaim,
      ...readSwitches(plan, sitesOf(plan)),
      ...restSwitches(plan, here),
      ledger.writeProtections,
      ledger.readProtections,
      notify,
    ],
    "on-alarm": [...ledger.read, ledger.readProtections, ledger.changeClaim, readAlarms, executions, start],
    canary: [
      {
        actions: ["rds-db:connect"],
        resources: plan.stores.flatMap((store) =>
          store.type === "aurora-global"
            ? [
                `arn:aws:rds-db:${here.region}:${workloadAccount(plan)}:dbuser:\${ClusterResource:${forSite(store.clusters, here.name)}}/lifeboat`,
                // The other site's cluster is not looked up, for its region may be gone when this is deployed, and AWS alone
                // knows its resource id: the user of Lifeboat, of any Aurora cluster there that lets it log in by IAM.
                ...(store.standIn === undefined
                  ? []
                  : [`arn:aws:rds-db:${other.region}:${workloadAccount(plan)}:dbuser:cluster-*/lifeboat`]),
              ]
            : [],
        ),
      },
    ],
  };
};

export const witnessPermissions = (plan: RecoveryPlan): Granted => ({
  probe: [...ledgerGrants(plan, plan.ledger.witnessBucket).read, reportProbes],
});
