import { checkPlan } from "@lifeboat/recovery/check-plan";
import { workloadAccount, type RecoveryPlan } from "@lifeboat/recovery/plan";
import { shortRegion } from "@lifeboat/recovery/region-name";
import { sessionName, sessionPrefix } from "@lifeboat/recovery/session-name";
import { describe, expect, inject, it } from "vitest";

const example = inject("examplePlan");

const withRole = (
  role: string,
  regions: readonly [string, string] = ["eu-west-1", "eu-west-3"],
): RecoveryPlan => ({
  ...example,
  access: { role, externalId: "lifeboat-7d1f0c2b" },
  sites: {
    primary: { ...example.sites.primary, region: regions[0] },
    standby: { ...example.sites.standby, region: regions[1] },
  },
  // Their ARNs have rules of their own.
  certificates: [],
});

const messagesOf = (plan: RecoveryPlan): readonly string[] => checkPlan(plan).map(({ message }) => message);

describe("the account of a workload", () => {
  it("is that of the role, or Lifeboat's own", () => {
    expect(workloadAccount(withRole("arn:aws:iam::222233334444:role/of/lifeboat"))).toBe("222233334444");
    expect(workloadAccount(example)).toBe("111122223333");
  });
});

describe("the role of another account", () => {
  it("is of another account", () => {
    expect(messagesOf(withRole("arn:aws:iam::111122223333:role/lifeboat"))).toEqual([
      "this role is of 111122223333, the plan's own account: name the role in the workload's account, or leave `access` out where both are one",
    ]);
    expect(messagesOf(withRole("arn:aws:iam::222233334444:role/lifeboat"))).toEqual([]);
  });

  it.each([
    ["aws", "eu-west-1", "ap-southeast-1"],
    ["aws-cn", "cn-north-1", "cn-northwest-1"],
    ["aws-us-gov", "us-gov-west-1", "us-gov-east-1"],
    ["aws-eusc", "eusc-de-east-1", "eusc-de-west-1"],
    ["aws-iso", "us-iso-east-1", "us-iso-west-1"],
    ["aws-iso-b", "us-isob-east-1", "us-isob-west-1"],
    ["aws-iso-f", "us-isof-south-1", "us-isof-east-1"],
  ])("is of the partition of both sites: %s for %s and %s", (partition, one, other) => {
    const role = `arn:${partition}:iam::222233334444:role/lifeboat`;
    expect(messagesOf(withRole(role, [one, other]))).toEqual([]);
    const strange = `arn:${partition === "aws" ? "aws-cn" : "aws"}:iam::222233334444:role/lifeboat`;
    expect(messagesOf(withRole(strange, [one, other]))).toEqual([
      `this role is of the partition ${partition === "aws" ? "aws-cn" : "aws"}, but the site "ireland" lies in ${one}, which is of ${partition}`,
    ]);
  });

  it("says which site it does not reach", () => {
    const role = "arn:aws:iam::222233334444:role/lifeboat";
    expect(messagesOf(withRole(role, ["eu-west-1", "cn-north-1"]))).toEqual([
      'this role is of the partition aws, but the site "paris" lies in cn-north-1, which is of aws-cn',
    ]);
  });
});

describe("the name of a session", () => {
  const actor = { workload: "spacelift", name: "promote", region: "eu-west-3" };

  it("tells the workload, the function, its region and the recovery", () => {
    expect(sessionPrefix(actor)).toBe("spacelift.promote.euw3.");
    expect(sessionName(actor, 7)).toBe("spacelift.promote.euw3.e7");
    expect(sessionName(actor, null)).toBe("spacelift.promote.euw3.no-epoch");
  });

  it("keeps within STS's 64 characters for the longest names, and any epoch that comes", () => {
    const longest = { workload: `w${"x".repeat(30)}`, name: "retire-primary", region: "us-isob-east-1" };
    for (const epoch of [9_999_999, null]) {
      expect(sessionName(longest, epoch).length).toBeLessThanOrEqual(64);
      expect(sessionName(longest, epoch)).toMatch(/^[\w+=,.@-]*$/);
    }
  });
});

describe("a region in few letters", () => {
  it.each([
    ["eu-north-1", "eun1"],
    ["ap-south-1", "aps1"],
    ["us-east-1", "use1"],
    ["eu-west-3", "euw3"],
    ["ca-central-1", "cac1"],
    ["ap-northeast-2", "apne2"],
    ["cn-northwest-1", "cnnw1"],
    ["ap-southeast-1", "apse1"],
    ["af-southwest-1", "afsw1"],
    ["us-gov-west-1", "usgw1"],
    ["us-isob-east-1", "usisobe1"],
  ])("%s is %s", (region, short) => expect(shortRegion(region)).toBe(short));
});
