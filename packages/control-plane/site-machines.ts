import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import type { MachineEntry, ScheduleEntry } from "./manifest.ts";

/** The failover machine, and which function each placeholder of its definition stands for. */
const failoverMachine: MachineEntry = {
  name: "failover",
  definition: "stepfunctions/failover.asl.json",
  functions: {
    Begin: "begin",
    Assess: "assess",
    Ask: "ask",
    CountAnswers: "count-answers",
    Claim: "claim",
    Fence: "fence",
    Promote: "promote",
    ConfirmStore: "confirm-store",
    Activate: "activate",
    StartService: "start-service",
    StartWorkers: "start-workers",
    Verify: "verify",
    ShiftTraffic: "shift-traffic",
    RetirePrimary: "retire-primary",
    RecordOutcome: "record-outcome",
    TellUnrecorded: "tell-unrecorded",
  },
};

/** The machines of a site. An entry is all that another one needs: role, log, versions, and who hears when it fails. */
export const siteMachines: readonly MachineEntry[] = [failoverMachine];

/** What starts by itself at a site. An entry is all that another one needs, for a machine as for a function. */
export const siteSchedules = (plan: RecoveryPlan): readonly ScheduleEntry[] => [
  {
    name: "watch",
    expression: "rate(1 minute)",
    target: { function: "watch" },
    input: { workload: plan.workload },
  },
];
