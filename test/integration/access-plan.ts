import { accessDocuments, type AccessDocuments } from "@lifeboat/control-plane/access-documents";
import type { GivenRole } from "@lifeboat/lab/graph/graph-stack";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { exampleText, readValid } from "../unit/plan-example.ts";

/* The example with its workload in another account than Lifeboat, and the role that the owner of that account creates. */

export const OWN_ACCOUNT = "111122223333";
export const WORKLOAD_ACCOUNT = "222233334444";
export const ROLE = `arn:aws:iam::${WORKLOAD_ACCOUNT}:role/lifeboat-spacelift`;
export const EXTERNAL_ID = "lifeboat-7d1f0c2b";

const ACCOUNT_LINE = `account: "${OWN_ACCOUNT}"\n`;

/** A variant of the example with its workload in another account. */
export const inAnotherAccount = (text: string): string => {
  if (!text.includes(ACCOUNT_LINE)) throw new Error("the example does not give its account as it did");
  return text
    .replace(ACCOUNT_LINE, `${ACCOUNT_LINE}access:\n  role: ${ROLE}\n  externalId: ${EXTERNAL_ID}\n`)
    .replaceAll(/(arn:aws:acm:[a-z0-9-]+):\d{12}/g, `$1:${WORKLOAD_ACCOUNT}`);
};

export const accessText = inAnotherAccount(exampleText);

export const accessPlan = (): RecoveryPlan => readValid(accessText).plan;

export const documentsOf = (plan: RecoveryPlan): AccessDocuments => {
  if (plan.access === undefined) throw new Error("the plan has no access");
  return accessDocuments(plan, plan.access);
};

/** The role as its account's owner creates it from the documents, or from an edited copy of them. */
export const givenRole = ({ trust, permissions }: AccessDocuments): GivenRole => ({
  name: ROLE.split("/").at(-1) ?? "",
  account: WORKLOAD_ACCOUNT,
  trust: JSON.stringify(trust),
  policies: permissions.map((document) => JSON.stringify(document)),
});
