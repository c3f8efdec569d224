import { forSite, otherSite, sitesOf, type RecoveryPlan, type Site } from "@lifeboat/recovery/plan";
import { readinessParts } from "@lifeboat/recovery/readiness";
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
  scaleGroups,
  scaleServices,
  settleSwitches,
  startGroups,
  turnSwitchOn,
} from "./resource-grants.ts";

type Granted = Readonly<Record<string, readonly Permission[]>>;

/** What each function of a site may do, by the function's name: what its step calls, and nothing else. */
export const sitePermissions = (plan: RecoveryPlan, here: Site): Granted => {
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
    resources: [functionArn(account, here.region, workload, "canary")],
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
  const compute = [readServices(plan, here), readGroups(plan)];
  return {
    begin: [...ledger.read, ledger.changeClaim, executions],
    assess: [...ledger.read, readAlarms, canary, checks],
    "check-stores": [ledger.readPlan, ...readDatabases(plan, here), readReplication(plan, here)],
    "check-compute": [ledger.readPlan, ...readProtection(plan, here), ...compute],
    "check-traffic": [ledger.readPlan, ...readSwitches(plan, [here]), readBrokers(plan, here)],
    ask: [...ledger.read, ledger.readApprovals, ledger.writeApprovals, notify, ringBell],
    "count-answers": [...ledger.read, ledger.readApprovals, ledger.writeVerdicts],
    decide: answering,
    "approval-page": answering,
    claim: [...ledger.read, ledger.changeClaim, ledger.changeLeases, canary],
    fence: [...ledger.read, ledger.changeClaim],
    promote: [...ledger.read, ...readDatabases(plan, here), readReplication(plan, here), promote(plan, here)],
    activate: [...ledger.read, ledger.changeClaim, ledger.changeLeases, canary],
    "start-service": [...ledger.read, readServices(plan, here), scaleServices(plan, here)],
    "start-workers": [...ledger.read, readGroups(plan), startGroups(plan, here)],
    verify: [...ledger.read, canary],
    "shift-traffic": [...ledger.read, ...readSwitches(plan, [here]), turnSwitchOn(plan, here)],
    "retire-primary": [
      ...ledger.read,
      scaleServices(plan, other),
      readGroups(plan),
      scaleGroups(plan, other),
    ],
    "record-outcome": [
      ...ledger.read,
      readGlobalClusters(plan),
      ledger.changeClaim,
      ledger.writeRecords,
      notify,
    ],
    watch: [
      ticks,
      ...ledger.read,
      ledger.changeClaim,
      ledger.changeLeases,
      readAlarms,
      ...readDatabases(plan, here),
      ...compute,
      scaleServices(plan, here),
      scaleGroups(plan, here),
      ...keepOldVolume(plan, here),
      ...readSwitches(plan, sitesOf(plan)),
      ...settleSwitches(plan, here),
      executions,
      start,
      reportProbes,
      canary,
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
                `arn:aws:rds-db:${here.region}:${account}:dbuser:\${ClusterResource:${forSite(store.clusters, here.name)}}/lifeboat`,
                // The other site's cluster is not looked up: its region may be gone when this is deployed.
                ...(store.standIn === undefined
                  ? []
                  : [`arn:aws:rds-db:${other.region}:${account}:dbuser:*/lifeboat`]),
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
