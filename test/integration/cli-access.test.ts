import { ROLE_LIMITS } from "@lifeboat/control-plane/access-documents";
import { describe, expect, it } from "vitest";
import { exampleText } from "../unit/plan-example.ts";
import { accessText, documentsOf, accessPlan, EXTERNAL_ID, ROLE } from "./access-plan.ts";
import { lifeboat } from "./cli-in-process.ts";

describe("lifeboat access", () => {
  it("prints the documents of the role as JSON", async () => {
    const { code, out, err } = await lifeboat(["access", "a.yaml"], { files: { "a.yaml": accessText } });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toEqual({ role: ROLE, ...documentsOf(accessPlan()) });
  });

  it("writes them into a folder, with the commands that take them in the order in which they work", async () => {
    const { code, out, files } = await lifeboat(["access", "a.yaml", "--out", "docs/"], {
      files: { "a.yaml": accessText },
    });
    expect(code).toBe(0);
    const documents = documentsOf(accessPlan());
    expect(JSON.parse(files.get("docs/trust.json") ?? "null")).toEqual(documents.trust);
    documents.permissions.forEach((document, index) =>
      expect(JSON.parse(files.get(`docs/permissions-${index + 1}.json`) ?? "null")).toEqual(document),
    );
    expect(out).toContain("Deploy both sites of 111122223333 first");
    expect(out.match(/^ {2}aws iam .*$/gm)?.slice(0, 3)).toEqual([
      "  aws iam create-role --role-name lifeboat-spacelift --assume-role-policy-document file://docs/trust.json",
      "  aws iam create-policy --policy-name lifeboat-spacelift-access-1 --policy-document file://docs/permissions-1.json",
      "  aws iam attach-role-policy --role-name lifeboat-spacelift --policy-arn arn:aws:iam::222233334444:policy/lifeboat-spacelift-access-1",
    ]);
    expect(out).not.toContain(EXTERNAL_ID);
  });

  it("creates a role under the path that its ARN has", async () => {
    const text = accessText.replace(ROLE, "arn:aws:iam::222233334444:role/of/ours/lifeboat");
    const { out } = await lifeboat(["access", "a.yaml", "--out", "."], { files: { "a.yaml": text } });
    expect(out).toContain("aws iam create-role --role-name lifeboat --path /of/ours/ ");
  });

  it("says that a workload in Lifeboat's own account needs none", async () => {
    const { code, out, err } = await lifeboat(["access", "a.yaml"], { files: { "a.yaml": exampleText } });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/the plan of spacelift has no `access`: its workload lies in Lifeboat's own account/);
  });

  it("says which document is too long, and does not repeat the external id", async () => {
    const long = accessText.replace(EXTERNAL_ID, "x".repeat(900));
    const { code, err } = await lifeboat(["access", "a.yaml"], { files: { "a.yaml": long } });
    expect(code).toBe(2);
    expect(err).toMatch(
      /^lifeboat: the trust policy of arn:aws:iam::222233334444:role\/lifeboat-spacelift has \d+ characters/,
    );
    expect(err).not.toContain("xxx");
  });

  it("counts what the control plane costs all the same", async () => {
    const { code } = await lifeboat(["cost", "a.yaml"], { files: { "a.yaml": accessText } });
    expect(code).toBe(0);
  });
});

describe("lifeboat validate, of a plan with `access`", () => {
  const problemOf = async (from: string, to: string): Promise<string> => {
    const { code, err } = await lifeboat(["validate", "a.yaml"], {
      files: { "a.yaml": accessText.replace(from, to) },
    });
    expect(code).toBe(2);
    return err;
  };

  it.each([
    [
      "what is no role",
      ROLE,
      "arn:aws:iam::222233334444:user/anna",
      /access\.role .*expected the ARN of an IAM role/,
    ],
    [
      "an external id of one character",
      EXTERNAL_ID,
      "x",
      /access\.externalId .*expected an external id: 2 to 1,224/,
    ],
    ["an external id with a blank", EXTERNAL_ID, "two words", /access\.externalId .*expected an external id/],
    ["a role of Lifeboat's own account", "iam::222233334444", "iam::111122223333", /the plan's own account/],
    ["a role of another partition", "arn:aws:iam", "arn:aws-cn:iam", /of the partition aws-cn, but the site/],
    ["a misspelt field", "externalId:", "externalID:", /did you mean "externalId"\?/],
  ])("says what is wrong: %s", async (_, from, to, message) => {
    expect(await problemOf(from, to)).toMatch(message);
  });

  it("refuses an external id that makes the trust policy too long for IAM, as lifeboat access does", async () => {
    const files = { "a.yaml": accessText.replace(EXTERNAL_ID, "x".repeat(900)) };
    const [validated, accessed] = [
      await lifeboat(["validate", "a.yaml"], { files }),
      await lifeboat(["access", "a.yaml"], { files }),
    ];
    const said = accessed.err.replace("lifeboat: ", "");
    expect(said).toMatch(
      /^the trust policy of \S+ has \d{4} characters, and IAM allows 2048: take a shorter/,
    );
    expect(validated).toMatchObject({
      code: 2,
      out: "",
      err: `lifeboat: a.yaml cannot be deployed: ${said}`,
    });
    expect(validated.err).not.toContain("xxx");
  });

  it("takes the longest external id that fits, and not one character more", async () => {
    const used = JSON.stringify(documentsOf(accessPlan()).trust).length - EXTERNAL_ID.length;
    const codeOf = async (length: number): Promise<number> => {
      const text = accessText.replace(EXTERNAL_ID, "x".repeat(length));
      return (await lifeboat(["validate", "a.yaml"], { files: { "a.yaml": text } })).code;
    };
    expect(await codeOf(ROLE_LIMITS.trust - used)).toBe(0);
    expect(await codeOf(ROLE_LIMITS.trust - used + 1)).toBe(2);
  });

  it("does not call ARNs those of another account while nobody knows which it is", async () => {
    expect(await problemOf(ROLE, "nothing")).not.toContain("this ARN is of the account");
  });
});
