import type { Permission } from "@lifeboat/control-plane/manifest";
import { roleName } from "@lifeboat/control-plane/names";
import { policyText } from "@lifeboat/control-plane/policy-document";
import type { ChosenStage } from "./choose-stage.ts";
import { logicalName } from "./names.ts";

export interface RoleRequest {
  /** Unique in a place: the function, machine, schedule or rule that it is for. */
  readonly name: string;
  readonly service: "lambda" | "states" | "scheduler" | "events";
  readonly permissions: readonly Permission[];
  /** Limits who may take the role to what this place's own resources do in AWS's name. */
  readonly trust?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface CreatedRole {
  readonly role: aws.iam.Role;
  /** To be waited for by what acts in the role as soon as it exists. */
  readonly policy: aws.iam.RolePolicy;
}

/** A role for one thing: SST's own trusts everybody in the account, and shares what it grants. */
export const createRole = (
  { manifest, place }: ChosenStage,
  { name, service, permissions, trust }: RoleRequest,
  /** Puts what AWS alone knows into the policy, where it has placeholders. */
  bind: (text: string) => $util.Input<string> = (text) => text,
): CreatedRole => {
  const physical = roleName(manifest.workload, name, place.region);
  const logical = logicalName(name, "execution", "role");
  const role = new aws.iam.Role(logical, {
    name: physical,
    description: `Lifeboat, ${manifest.workload}: ${name} in ${place.region}`,
    assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: `${service}.amazonaws.com` },
          Action: "sts:AssumeRole",
          ...(trust === undefined ? {} : { Condition: trust }),
        },
      ],
    }),
  });
  const policy = new aws.iam.RolePolicy(logicalName(name, "execution", "policy"), {
    name: "own",
    role: role.name,
    policy: bind(policyText(physical, permissions)),
  });
  return { role, policy };
};

/** Only for resources of this account, and of this region where their ARNs say so. */
export const trustFor = ({ manifest }: ChosenStage, sourceArn: string) => ({
  StringEquals: { "aws:SourceAccount": manifest.account },
  ArnLike: { "aws:SourceArn": sourceArn },
});
