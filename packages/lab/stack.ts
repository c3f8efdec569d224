import type { CloudWatch } from "@lifeboat/cloud/services/cloudwatch/cloudwatch";
import type { Cloud } from "@lifeboat/cloud/cloud";
import type { Rds } from "@lifeboat/cloud/services/rds/rds";
import type { FunctionDefinition } from "@lifeboat/functions/runtime/define-function";
import type { HostedFunction } from "./function-host.ts";

/** The code of functions, by whatever names the stack knows it by. */
export type Code = ReadonlyMap<string, FunctionDefinition<unknown, unknown>>;

/** What a stack is put into. */
export interface DeployParts {
  readonly cloud: Cloud;
  readonly cloudwatch: CloudWatch;
  readonly rds: Rds;
  readonly code: Code;
  /** Filled by the stack: what the function host runs, by `region/deployed name`. */
  readonly hosted: Map<string, HostedFunction>;
}

/** The control plane, in a form that can be put into a simulated account. */
export interface Stack {
  /** Loads what takes real time, before virtual time starts. */
  readonly load: () => Promise<Code>;
  readonly deploy: (parts: DeployParts) => void;
}

const isDefinition = (value: unknown): value is FunctionDefinition<unknown, unknown> =>
  typeof value === "object" && value !== null && "build" in value && typeof value.build === "function";

/** The definition in a handler's module. Throws where the module has none, or no handler. */
export const definitionIn = (
  module: Readonly<Record<string, unknown>>,
  handler: string,
): FunctionDefinition<unknown, unknown> => {
  const definition = Object.values(module).find(isDefinition);
  const exported = handler.split(".").at(-1) ?? "";
  if (definition === undefined || module[exported] === undefined)
    throw new Error(`${handler} is no function of Lifeboat`);
  return definition;
};
