import { AwsError } from "../../kernel/service.ts";
import type { CompiledMachine, Interpreter } from "./interpreter-port.ts";

export interface StateMachineOptions {
  readonly region: string;
  readonly name: string;
  /** The definition as an object; names in it already resolved. */
  readonly definition: unknown;
  readonly roleArn?: string;
  readonly type?: "STANDARD" | "EXPRESS";
}

export interface StateMachine {
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly definition: unknown;
  readonly compiled: CompiledMachine;
  readonly roleArn: string;
  readonly type: "STANDARD" | "EXPRESS";
  readonly createdAtMs: number;
}

export interface StateMachines {
  add(options: StateMachineOptions, nowMs: number): StateMachine;
  /** InvalidArn; StateMachineDoesNotExist (also for one of another region). */
  find(region: string, arn: string | undefined): StateMachine;
  inRegion(region: string): readonly StateMachine[];
}

export const createStateMachines = (accountId: string, interpreter: Interpreter): StateMachines => {
  const machines = new Map<string, StateMachine>();
  return {
    add({ region, name, definition, roleArn, type = "STANDARD" }, nowMs) {
      const arn = `arn:aws:states:${region}:${accountId}:stateMachine:${name}`;
      const machine: StateMachine = {
        region,
        name,
        arn,
        definition,
        compiled: interpreter.compile(definition),
        roleArn: roleArn ?? `arn:aws:iam::${accountId}:role/${name}`,
        type,
        createdAtMs: nowMs,
      };
      machines.set(arn, machine);
      return machine;
    },
    find(region, arn = "") {
      if (!/^arn:aws:states:[a-z0-9-]+:\d{12}:stateMachine:.+$/.test(arn)) {
        throw new AwsError("InvalidArn", `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
      }
      const machine = machines.get(arn);
      if (machine === undefined || machine.region !== region) {
        throw new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
      }
      return machine;
    },
    inRegion: (region) => [...machines.values()].filter((machine) => machine.region === region),
  };
};
