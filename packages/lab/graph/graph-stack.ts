import { createIam, type Iam } from "@lifeboat/cloud/iam/iam";
import { definitionIn, type Code, type Stack } from "../stack.ts";
import type { Deployment } from "./deployment.ts";
import type { ResourceGraph } from "./resource-graph.ts";
import { createdTypes, otherTypes } from "./resource-types.ts";

export interface GraphStackOptions {
  /** One for each place. */
  readonly graphs: readonly ResourceGraph[];
  /** The bundle of each function, as a module that can be imported, by the component's name. */
  readonly bundles: ReadonlyMap<string, string>;
  /** Roles that others create, after the stages stand. */
  readonly roles?: readonly GivenRole[];
}

/** A role as its account's owner creates it, from documents. */
export interface GivenRole {
  readonly name: string;
  readonly account: string;
  readonly trust: string;
  readonly policies: readonly string[];
}

export interface GraphStack extends Stack {
  /** IAM of the account that the stack was deployed to last. */
  readonly iam: () => Iam;
}

const keyArn = (account: string, region: string, id: string): string =>
  id.startsWith("arn:") ? id : `arn:aws:kms:${region}:${account}:key/${id}`;

/** Every resource that a stage creates is known here, or left out for a reason. Throws with those that are neither. */
const checkTypes = (graphs: readonly ResourceGraph[]): void => {
  const known = new Set(createdTypes.map(([type]) => type));
  const strange = graphs.flatMap(({ stage, resources }) =>
    resources
      .filter(
        ({ custom, existing, type }) => custom && !existing && !known.has(type) && !(type in otherTypes),
      )
      .map(({ type, name }) => `${stage}: ${type} ${name}`),
  );
  if (strange.length > 0) throw new Error(`the local runtime does not know ${strange.join(", ")}`);
};

/**
 * The stack as it was synthesised: functions run their bundles with the environment and the limits of the graph, machines
 * its definitions, and every call is judged by its roles and policies.
 */
export const graphStack = ({ graphs, bundles, roles = [] }: GraphStackOptions): GraphStack => {
  checkTypes(graphs);
  let iam: Iam | undefined;
  return {
    iam: () => {
      if (iam === undefined) throw new Error("the stack has not been deployed yet");
      return iam;
    },
    async load() {
      const code = new Map<string, Code extends ReadonlyMap<string, infer Value> ? Value : never>();
      for (const { component, handler } of graphs.flatMap(({ builds }) => builds)) {
        const bundle = bundles.get(component);
        if (bundle === undefined) throw new Error(`${component} was not bundled`);
        const module = (await import(bundle)) as Readonly<Record<string, unknown>>;
        code.set(component, definitionIn(module, handler));
      }
      return code;
    },
    deploy(parts) {
      const { world } = parts.cloud;
      iam = createIam(world, {
        keyOf: (arn) => {
          const [, , , region = "", account = ""] = arn.split(":");
          const snapshot = parts.rds.snapshots(region).find((candidate) => candidate.arn === arn);
          const id = snapshot?.kmsKeyId;
          return id === undefined ? undefined : keyArn(account, region, id);
        },
      });
      for (const graph of graphs) {
        const { region, allowedAccountIds } = graph.app.providers.aws;
        const account = allowedAccountIds[0] ?? "";
        const deployment: Deployment = { parts, iam, graph, graphs, region, account };
        for (const [type, create] of createdTypes) {
          for (const resource of graph.resources) {
            if (resource.type !== type || !resource.custom || resource.existing) continue;
            try {
              create(deployment, resource.inputs, resource);
            } catch (error) {
              throw new Error(`${graph.stage}: ${type} ${resource.name} cannot be created`, { cause: error });
            }
          }
        }
      }
      for (const { name, account, trust, policies } of roles) {
        iam.createRole(name, trust, account);
        for (const [index, policy] of policies.entries())
          iam.putRolePolicy(name, `lifeboat-${index + 1}`, policy);
      }
      iam.enforce();
    },
  };
};
