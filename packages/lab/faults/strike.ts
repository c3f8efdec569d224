import type { CallFault, DepartingCall } from "@lifeboat/cloud/kernel/faults";
import { deployedName } from "@lifeboat/control-plane/names";
import type { Lab } from "../create-lab.ts";

/** What strikes a call. */
export const strikeTypes = [
  "kill-before",
  "kill-after",
  "lose-reply",
] as const satisfies readonly CallFault["type"][];
export type StrikeType = (typeof strikeTypes)[number];

/** One call of a recovery, by its place in the order in which they leave, and what strikes it. */
export interface Strike {
  /** From 1; 0 strikes nothing and only lists. */
  readonly call: number;
  readonly type: StrikeType;
  /** Calls of executions after the first one are counted alone: of those that finish its move. */
  readonly ofLater?: boolean;
}

/** Strikes one call of the recovery and lists them all. */
export interface Striking {
  /** Who called what where, in the order in which the calls left. */
  readonly calls: () => readonly string[];
  /** The call that was struck. */
  readonly struck: () => string | undefined;
}

/**
 * A call of the recovery is one that is made on behalf of an execution, and, before there is one, each by which the standby's
 * watch or alarm function asks for it.
 */
const isOfRecovery = ({ plan, cloud }: Lab, { origin, service, operation }: DepartingCall): boolean => {
  if (origin.execution !== undefined) return true;
  if (cloud.sfn.executions.size > 0) return false;
  const askers = ["watch", "on-alarm"].map(
    (name) => `function/${deployedName(plan.workload, name)}@${plan.sites.standby.region}`,
  );
  return askers.includes(origin.principal) && (service === "sfn" || operation === "PutObject");
};

const isOfLater = ({ cloud }: Lab, { origin }: DepartingCall): boolean => {
  const [first] = cloud.sfn.executions.keys();
  return origin.execution !== undefined && origin.execution !== first;
};

/** Adds a strike to whatever else goes wrong in a lab. */
export const strikeCall = (lab: Lab, { call: struckCall, type, ofLater = false }: Strike): Striking => {
  const { faults } = lab.cloud.world;
  const others = faults.call;
  const calls: string[] = [];
  let struck: string | undefined;
  const isMeant = ofLater ? isOfLater : isOfRecovery;
  faults.call = (call) => {
    if (call.ordinal === undefined || !isMeant(lab, call)) return others?.(call);
    const name = `${call.service}:${call.operation} in ${call.region} of ${call.origin.principal}`;
    if (calls.push(name) !== struckCall) return others?.(call);
    struck = name;
    return { type };
  };
  return { calls: () => calls, struck: () => struck };
};
