import { sitesOf } from "./plan.ts";
import { fault, type PlanRule } from "./plan-rule.ts";

/**
 * The partition that a region belongs to, by its name:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
const partitionOf = (region: string): string => {
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  if (region.startsWith("eusc-")) return "aws-eusc";
  const [, isolated] = /-(iso[a-z]?)-/.exec(region) ?? [];
  // The first isolated partition is called without a letter, those after it with theirs.
  return isolated === undefined ? "aws" : isolated === "iso" ? "aws-iso" : `aws-iso-${isolated.at(-1)}`;
};

/** The rules of a plan whose workload lies in another account. */
export const accessRules: readonly PlanRule[] = [
  {
    rule: "The role of `access` lies in another account than Lifeboat: in its own account every function has a role of its own.",
    needs: ["access", "account"],
    find: ({ access, account }) =>
      access?.role.split(":")[4] === account
        ? [
            fault(
              ["access", "role"],
              `this role is of ${account}, the plan's own account: name the role in the workload's account, or leave \`access\` out where both are one`,
            ),
          ]
        : [],
  },
  {
    rule: "The role of `access` is of the partition of both sites: no role reaches from one partition into another.",
    needs: ["access", "sites"],
    find: (plan) => {
      const partition = plan.access?.role.split(":")[1];
      return sitesOf(plan)
        .filter(({ region }) => partition !== partitionOf(region))
        .slice(0, 1)
        .map(({ name, region }) =>
          fault(
            ["access", "role"],
            `this role is of the partition ${partition}, but the site "${name}" lies in ${region}, which is of ${partitionOf(region)}`,
          ),
        );
    },
  },
];
