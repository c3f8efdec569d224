import * as z from "zod";
import { externalId, roleArn } from "./aws-names.ts";

export const access = z
  .strictObject({
    role: roleArn().describe(
      "The ARN of the role that Lifeboat's functions assume there. `lifeboat access PLAN` prints who may assume it, and what it may do.",
    ),
    externalId: externalId().describe(
      "What Lifeboat says when it assumes the role, and what the role's trust policy asks for: the owner of the workload's account chooses it, for this plan alone. It is no password, and no secret belongs in it. A trust policy ends at 2,048 characters: the longer the workload's name, the shorter it has to be (34 characters beside a name of 23 letters).",
    ),
  })
  .optional()
  .describe(
    "Where the workload lies in another account than Lifeboat: how Lifeboat gets in. Databases, the data's buckets, keys, secrets, certificates, services, workers and brokers are that account's then; the ledger, the switches with their records, and the alarms that `signals` name stay in the plan's `account`.",
  );
