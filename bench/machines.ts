import type { Json } from "@lifeboat/asl/interpreter";

/** What each task answers, at once; the same for both machines. */
export const taskResult = (stateName: string): Json => {
  switch (stateName) {
    case "LoadPlan":
      return { plan: { epochs: 4, approval: false }, hash: "9f2c" };
    case "Assess":
      return { decision: "failover", signals: 3 };
    case "ClaimEpoch":
      return { epoch: 5 };
    case "Observe":
      return { done: true, pollAfterSeconds: 20 };
    default:
      return { done: true };
  }
};

/** The tasks of both machines, wherever they stand. */
export const taskNames = [
  "LoadPlan",
  "Assess",
  "ClaimEpoch",
  "FenceWriter",
  "FenceTraffic",
  "PromoteStore",
  "Observe",
] as const;

const lambda = (name: string): string => `arn:aws:lambda:eu-west-3:111111111111:function:${name}`;

/** A failover in small: 17 states, a poll loop, a Map and a Parallel. */
export const jsonataMachine = {
  QueryLanguage: "JSONata",
  StartAt: "LoadPlan",
  States: {
    LoadPlan: {
      Type: "Task",
      Resource: lambda("load-plan"),
      Arguments: { workload: "{% $states.input.workload %}" },
      Assign: {
        plan: "{% $states.result.plan %}",
        stores: "{% $states.input.stores %}",
        lagMs: "{% $states.input.lagMs %}",
      },
      Output: { workload: "{% $states.input.workload %}", hash: "{% $states.result.hash %}" },
      Next: "Assess",
    },
    Assess: {
      Type: "Task",
      Resource: lambda("assess"),
      Arguments: { workload: "{% $states.input.workload %}", hash: "{% $states.input.hash %}" },
      Assign: { decision: "{% $states.result.decision %}" },
      Output: "{% $states.input %}",
      Next: "Decide",
    },
    Decide: {
      Type: "Choice",
      Choices: [
        { Condition: "{% $decision = 'hold' %}", Next: "Hold" },
        { Condition: "{% $decision = 'failover' and $lagMs < 60000 %}", Next: "ClaimEpoch" },
      ],
      Default: "Hold",
    },
    ClaimEpoch: {
      Type: "Task",
      Resource: lambda("claim"),
      Assign: { epoch: "{% $states.result.epoch %}" },
      Output: { workload: "{% $states.input.workload %}", epoch: "{% $states.result.epoch %}" },
      Next: "Prepare",
    },
    Prepare: { Type: "Pass", Assign: { polls: 0 }, Next: "Fence" },
    Fence: {
      Type: "Parallel",
      Branches: [
        {
          StartAt: "FenceWriter",
          States: { FenceWriter: { Type: "Task", Resource: lambda("fence"), End: true } },
        },
        {
          StartAt: "FenceTraffic",
          States: { FenceTraffic: { Type: "Task", Resource: lambda("fence"), End: true } },
        },
      ],
      Output: { workload: "{% $states.input.workload %}", fenced: "{% $count($states.result) %}" },
      Next: "Promote",
    },
    Promote: {
      Type: "Map",
      Items: "{% $stores %}",
      MaxConcurrency: 2,
      ItemProcessor: {
        StartAt: "PromoteStore",
        States: {
          PromoteStore: { Type: "Task", Resource: lambda("promote"), Next: "Promoted" },
          Promoted: { Type: "Pass", Output: { promoted: "{% $states.input.done %}" }, End: true },
        },
      },
      Assign: { promoted: "{% $states.result %}" },
      Output: "{% $states.input %}",
      Next: "Pause",
    },
    Pause: { Type: "Wait", Seconds: 20, Next: "Observe" },
    Observe: {
      Type: "Task",
      Resource: lambda("observe"),
      Arguments: { workload: "{% $states.input.workload %}" },
      Assign: { polls: "{% $polls + 1 %}", done: "{% $states.result.done %}" },
      Output: "{% $states.input %}",
      Next: "IsServing",
    },
    IsServing: {
      Type: "Choice",
      Choices: [{ Condition: "{% $done %}", Next: "Record" }],
      Default: "Pause",
    },
    Record: {
      Type: "Pass",
      Output: {
        workload: "{% $states.input.workload %}",
        epoch: "{% $epoch %}",
        promoted: "{% $promoted %}",
      },
      Next: "Done",
    },
    Done: { Type: "Succeed" },
    Hold: { Type: "Fail", Error: "Held" },
  },
};

/** The same states and results, in JSONPath. */
export const jsonPathMachine = {
  StartAt: "LoadPlan",
  States: {
    LoadPlan: {
      Type: "Task",
      Resource: lambda("load-plan"),
      Parameters: { "workload.$": "$.workload" },
      ResultPath: "$.loaded",
      Next: "Assess",
    },
    Assess: {
      Type: "Task",
      Resource: lambda("assess"),
      Parameters: { "workload.$": "$.workload", "hash.$": "$.loaded.hash" },
      ResultPath: "$.assessment",
      Next: "Decide",
    },
    Decide: {
      Type: "Choice",
      Choices: [
        { Variable: "$.assessment.decision", StringEquals: "hold", Next: "Hold" },
        {
          And: [
            { Variable: "$.assessment.decision", StringEquals: "failover" },
            { Variable: "$.lagMs", NumericLessThan: 60_000 },
          ],
          Next: "ClaimEpoch",
        },
      ],
      Default: "Hold",
    },
    ClaimEpoch: { Type: "Task", Resource: lambda("claim"), ResultPath: "$.claim", Next: "Prepare" },
    Prepare: { Type: "Pass", Result: 0, ResultPath: "$.polls", Next: "Fence" },
    Fence: {
      Type: "Parallel",
      Branches: [
        {
          StartAt: "FenceWriter",
          States: { FenceWriter: { Type: "Task", Resource: lambda("fence"), End: true } },
        },
        {
          StartAt: "FenceTraffic",
          States: { FenceTraffic: { Type: "Task", Resource: lambda("fence"), End: true } },
        },
      ],
      ResultPath: "$.fenced",
      Next: "Promote",
    },
    Promote: {
      Type: "Map",
      ItemsPath: "$.stores",
      MaxConcurrency: 2,
      ItemProcessor: {
        StartAt: "PromoteStore",
        States: {
          PromoteStore: { Type: "Task", Resource: lambda("promote"), Next: "Promoted" },
          Promoted: { Type: "Pass", Parameters: { "promoted.$": "$.done" }, End: true },
        },
      },
      ResultPath: "$.promoted",
      Next: "Pause",
    },
    Pause: { Type: "Wait", Seconds: 20, Next: "Observe" },
    Observe: {
      Type: "Task",
      Resource: lambda("observe"),
      Parameters: { "workload.$": "$.workload" },
      ResultPath: "$.observed",
      Next: "IsServing",
    },
    IsServing: {
      Type: "Choice",
      Choices: [{ Variable: "$.observed.done", BooleanEquals: true, Next: "Record" }],
      Default: "Pause",
    },
    Record: {
      Type: "Pass",
      Parameters: { "workload.$": "$.workload", "epoch.$": "$.claim.epoch", "promoted.$": "$.promoted" },
      Next: "Done",
    },
    Done: { Type: "Succeed" },
    Hold: { Type: "Fail", Error: "Held" },
  },
};
