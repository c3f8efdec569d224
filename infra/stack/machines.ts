import { readFileSync } from "node:fs";
import { bindDefinition } from "@lifeboat/control-plane/bind-definition";
import type { MachineEntry } from "@lifeboat/control-plane/manifest";
import { deployedName, machineArn } from "@lifeboat/control-plane/names";
import { machineLogGroup, machinePermissions } from "@lifeboat/control-plane/role-permissions";
import type { ChosenStage } from "./choose-stage.ts";
import { functionNamed, type Functions } from "./functions.ts";
import { logicalName } from "./names.ts";
import { createRole, trustFor } from "./roles.ts";

const createMachine = (
  chosen: ChosenStage,
  functions: Functions,
  machine: MachineEntry,
): aws.sfn.StateMachine => {
  const { manifest, place } = chosen;
  const arn = machineArn(manifest.account, place.region, manifest.workload, machine.name);
  const { role, policy } = createRole(chosen, {
    name: machine.name,
    service: "states",
    permissions: machinePermissions(chosen, machine),
    trust: trustFor(chosen, arn),
  });
  const log = new aws.cloudwatch.LogGroup(logicalName(machine.name, "log"), {
    name: machineLogGroup(manifest.workload, machine.name),
    retentionInDays: place.logRetentionDays,
  });
  const names = [...new Set(Object.values(machine.functions))];
  const versions = $util.all(names.map((name) => functionNamed(functions, name).nodes.function.qualifiedArn));
  const text = readFileSync(machine.definition, "utf8");
  return new aws.sfn.StateMachine(
    logicalName(machine.name),
    {
      name: deployedName(manifest.workload, machine.name),
      type: "STANDARD",
      roleArn: role.arn,
      definition: versions.apply((arns) =>
        bindDefinition(text, machine, (name) => arns[names.indexOf(name)] ?? ""),
      ),
      loggingConfiguration: {
        level: "ALL",
        // Inputs of the ask states carry task tokens, which whoever reads the log could answer with.
        includeExecutionData: false,
        logDestination: $interpolate`${log.arn}:*`,
      },
      tracingConfiguration: { enabled: true },
      publish: true,
    },
    { dependsOn: [policy] },
  );
};

export type Machines = ReadonlyMap<string, aws.sfn.StateMachine>;

/** The machines of this place by their names in the manifest. An entry there is all that another one needs. */
export const createMachines = (chosen: ChosenStage, functions: Functions): Machines =>
  new Map(chosen.place.machines.map((machine) => [machine.name, createMachine(chosen, functions, machine)]));
