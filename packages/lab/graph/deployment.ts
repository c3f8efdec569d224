import type { Iam } from "@lifeboat/cloud/iam/iam";
import type { DeployParts } from "../stack.ts";
import type { GraphResource, Inputs, ResourceGraph } from "./resource-graph.ts";

/** One stage on its way into the simulated account. */
export interface Deployment {
  readonly parts: DeployParts;
  readonly iam: Iam;
  readonly graph: ResourceGraph;
  /** Those of all places. */
  readonly graphs: readonly ResourceGraph[];
  readonly region: string;
  readonly account: string;
}

/** Creates one resource, as AWS does with these inputs. Throws where AWS would refuse. */
export type Create = (deployment: Deployment, inputs: Inputs, resource: GraphResource) => void;

/**
 * Asks for what a role must be allowed before AWS creates the thing that acts in it. A refusal is among IAM's denials, as
 * every other is.
 */
export const requireOfRole = (
  { iam }: Deployment,
  roleArn: string,
  needs: readonly (readonly [action: string, resource: string])[],
): void => {
  const role = roleArn.split("/").at(-1) ?? "";
  for (const [action, resource] of needs) iam.mayRole(role, action, resource);
};
