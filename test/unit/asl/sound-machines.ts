/** Two machines that nothing is wrong with; the defects are planted in copies of them. */
export const soundJsonata = {
  Comment: "A failover in small, in JSONata",
  QueryLanguage: "JSONata",
  StartAt: "Init",
  TimeoutSeconds: 7200,
  States: {
    Init: {
      Type: "Pass",
      Assign: {
        clusters: "{% $states.input.clusters %}",
        plan: "{% 'plan-' & $states.context.Execution.Name %}",
        mode: "{% $states.input.mode %}",
      },
      Next: "Mode",
    },
    Mode: {
      Type: "Choice",
      Choices: [
        {
          Condition: "{% $mode = 'drill' %}",
          Next: "DrillWait",
          Assign: {
            isDrill: true,
          },
        },
        {
          Condition: "{% $mode = 'real' and $count($clusters) > 0 %}",
          Next: "PreChecks",
        },
      ],
      Default: "BadMode",
    },
    DrillWait: {
      Type: "Wait",
      Seconds: "{% 30 * 2 %}",
      Next: "PreChecks",
    },
    PreChecks: {
      Type: "Parallel",
      Branches: [
        {
          StartAt: "Replication",
          States: {
            Replication: {
              Type: "Task",
              Resource: "arn:aws:states:::lambda:invoke",
              Arguments: {
                FunctionName: "replication",
                Payload: "{% $states.input %}",
              },
              Output: "{% {'lag': $states.result.Payload.lag} %}",
              End: true,
            },
          },
        },
        {
          StartAt: "Backups",
          States: {
            Backups: {
              Type: "Task",
              Resource: "arn:aws:states:::lambda:invoke",
              Arguments: {
                FunctionName: "backups",
              },
              Retry: [
                {
                  ErrorEquals: ["ThrottlingException", "States.Timeout"],
                  IntervalSeconds: 5,
                  MaxAttempts: 4,
                  BackoffRate: 2,
                  MaxDelaySeconds: 30,
                  JitterStrategy: "FULL",
                },
              ],
              End: true,
            },
          },
        },
      ],
      Assign: {
        checks: "{% $states.result %}",
      },
      Catch: [
        {
          ErrorEquals: ["States.ALL"],
          Assign: {
            err: "{% $states.errorOutput %}",
          },
          Output: "{% $states.errorOutput %}",
          Next: "Abort",
        },
      ],
      Next: "PerCluster",
    },
    PerCluster: {
      Type: "Map",
      Items: "{% $clusters %}",
      MaxConcurrency: 2,
      ItemSelector: {
        id: "{% $states.context.Map.Item.Value %}",
        ix: "{% $states.context.Map.Item.Index %}",
      },
      ItemProcessor: {
        ProcessorConfig: {
          Mode: "INLINE",
        },
        StartAt: "Snap",
        States: {
          Snap: {
            Type: "Task",
            Resource: "arn:aws:states:::aws-sdk:rds:createDBClusterSnapshot",
            Arguments: {
              DbClusterIdentifier: "{% $states.input.id %}",
              DbClusterSnapshotIdentifier: "{% $plan & '-' & $states.input.id %}",
            },
            Retry: [
              {
                ErrorEquals: ["States.TaskFailed"],
                IntervalSeconds: 10,
                MaxAttempts: 3,
                BackoffRate: 2,
              },
            ],
            Assign: {
              snap: "{% $states.result.DbClusterSnapshot.DbClusterSnapshotIdentifier %}",
            },
            Catch: [
              {
                ErrorEquals: ["States.ALL"],
                Next: "SnapFailed",
              },
            ],
            Next: "WaitSnap",
          },
          WaitSnap: {
            Type: "Wait",
            Seconds: 30,
            Next: "Desc",
          },
          Desc: {
            Type: "Task",
            Resource: "arn:aws:states:::aws-sdk:rds:describeDBClusterSnapshots",
            Arguments: {
              DbClusterSnapshotIdentifier: "{% $snap %}",
            },
            Output: "{% $states.result.DbClusterSnapshots[0] %}",
            Next: "Ready",
          },
          Ready: {
            Type: "Choice",
            Choices: [
              {
                Condition: "{% $states.input.Status = 'available' %}",
                Next: "SnapDone",
              },
            ],
            Default: "WaitSnap",
          },
          SnapDone: {
            Type: "Succeed",
          },
          SnapFailed: {
            Type: "Pass",
            End: true,
          },
        },
      },
      Assign: {
        results: "{% $states.result %}",
      },
      Next: "Approve",
    },
    Approve: {
      Type: "Task",
      Resource: "arn:aws:states:::sns:publish.waitForTaskToken",
      TimeoutSeconds: 3600,
      HeartbeatSeconds: 600,
      Arguments: {
        TopicArn: "arn:aws:sns:us-east-1:123456789012:t",
        Message: {
          token: "{% $states.context.Task.Token %}",
        },
      },
      Next: "Dns",
    },
    Dns: {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      TimeoutSeconds: 30,
      Arguments: {
        StateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:dns",
        Input: {
          plan: "{% $plan %}",
        },
      },
      Output: "{% {'plan':$plan,'snaps':$results,'dns':$states.result.Output} %}",
      Next: "Done",
    },
    Done: {
      Type: "Succeed",
    },
    Abort: {
      Type: "Fail",
      Error: "{% $err.Error %}",
      Cause: "{% $err.Cause %}",
    },
    BadMode: {
      Type: "Fail",
      Error: "BadMode",
      Cause: "{% 'mode ' & $mode %}",
    },
  },
};

export const soundJsonPath = {
  Comment: "The same in JSONPath",
  StartAt: "Validate",
  TimeoutSeconds: 7200,
  States: {
    Validate: {
      Type: "Pass",
      Parameters: {
        "clusters.$": "$.clusters",
        "plan.$": "States.Format('plan-{}',$$.Execution.Name)",
        "start.$": "$$.Execution.StartTime",
        "mode.$": "$.mode",
      },
      Next: "Mode",
    },
    Mode: {
      Type: "Choice",
      Choices: [
        {
          Variable: "$.mode",
          StringEquals: "drill",
          Next: "DrillWait",
        },
        {
          And: [
            {
              Variable: "$.mode",
              StringEquals: "real",
            },
            {
              Variable: "$.clusters[0]",
              IsPresent: true,
            },
          ],
          Next: "PreChecks",
        },
      ],
      Default: "BadMode",
    },
    DrillWait: {
      Type: "Wait",
      Seconds: 60,
      Next: "PreChecks",
    },
    PreChecks: {
      Type: "Parallel",
      ResultPath: "$.checks",
      Branches: [
        {
          StartAt: "Replication",
          States: {
            Replication: {
              Type: "Task",
              Resource: "arn:aws:lambda:us-east-1:123456789012:function:replication",
              ResultSelector: {
                "lag.$": "$.lag",
              },
              End: true,
            },
          },
        },
        {
          StartAt: "Backups",
          States: {
            Backups: {
              Type: "Task",
              Resource: "arn:aws:states:::lambda:invoke",
              Parameters: {
                FunctionName: "backups",
                "Payload.$": "$",
              },
              Retry: [
                {
                  ErrorEquals: ["ThrottlingException", "States.Timeout"],
                  IntervalSeconds: 5,
                  MaxAttempts: 4,
                  BackoffRate: 2,
                  MaxDelaySeconds: 30,
                  JitterStrategy: "FULL",
                },
              ],
              End: true,
            },
          },
        },
      ],
      Catch: [
        {
          ErrorEquals: ["States.ALL"],
          ResultPath: "$.error",
          Next: "Abort",
        },
      ],
      Next: "PerCluster",
    },
    PerCluster: {
      Type: "Map",
      ItemsPath: "$.clusters",
      MaxConcurrency: 2,
      ItemSelector: {
        "id.$": "$$.Map.Item.Value",
        "ix.$": "$$.Map.Item.Index",
        "plan.$": "$.plan",
      },
      ResultPath: "$.results",
      ItemProcessor: {
        ProcessorConfig: {
          Mode: "INLINE",
        },
        StartAt: "Snap",
        States: {
          Snap: {
            Type: "Task",
            Resource: "arn:aws:states:::aws-sdk:rds:createDBClusterSnapshot",
            Parameters: {
              "DbClusterIdentifier.$": "$.id",
              "DbClusterSnapshotIdentifier.$": "States.Format('{}-{}',$.plan,$.id)",
            },
            ResultPath: "$.snap",
            Retry: [
              {
                ErrorEquals: ["Rds.SnapshotQuotaExceededException"],
                MaxAttempts: 0,
              },
              {
                ErrorEquals: ["States.TaskFailed"],
                IntervalSeconds: 10,
                MaxAttempts: 3,
                BackoffRate: 2,
              },
            ],
            Catch: [
              {
                ErrorEquals: ["States.ALL"],
                ResultPath: "$.err",
                Next: "SnapFailed",
              },
            ],
            Next: "WaitSnap",
          },
          WaitSnap: {
            Type: "Wait",
            Seconds: 30,
            Next: "Desc",
          },
          Desc: {
            Type: "Task",
            Resource: "arn:aws:states:::aws-sdk:rds:describeDBClusterSnapshots",
            Parameters: {
              "DbClusterSnapshotIdentifier.$": "$.id",
            },
            ResultPath: "$.desc",
            Next: "Ready",
          },
          Ready: {
            Type: "Choice",
            Choices: [
              {
                Variable: "$.desc.Status",
                StringEquals: "available",
                Next: "SnapDone",
              },
            ],
            Default: "WaitSnap",
          },
          SnapDone: {
            Type: "Succeed",
          },
          SnapFailed: {
            Type: "Pass",
            End: true,
          },
        },
      },
      Next: "Dns",
    },
    Dns: {
      Type: "Task",
      Resource: "arn:aws:lambda:us-east-1:123456789012:function:dns",
      TimeoutSeconds: 30,
      ResultPath: "$.dns",
      Next: "Done",
    },
    Done: {
      Type: "Succeed",
    },
    Abort: {
      Type: "Fail",
      ErrorPath: "$.error.Error",
      CausePath: "$.error.Cause",
    },
    BadMode: {
      Type: "Fail",
      Error: "BadMode",
      Cause: "unknown mode",
    },
  },
};
