import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import * as z from "zod";
import { access } from "./access-schema.ts";
import { accountId, workloadName } from "./aws-names.ts";
import { decision } from "./decision-schema.ts";
import { observe } from "./observe-schema.ts";
import { certificates, keys, secrets, services, stores, workers } from "./resource-schema.ts";
import { ledger, objectives, sites, witness } from "./site-schema.ts";
import { checks, notes, traffic } from "./traffic-schema.ts";

/**
 * The document of a recovery plan, as people write it: durations are text, and what has a sensible default may be left
 * out. Reading it gives the plan that all other parts work with. No object takes a field that it does not know: a
 * misspelt limit must not silently become the default.
 */
export const planSchema = z.strictObject({
  version: z.literal(1, { error: "1" }).describe("The version of this format. There is one: 1."),
  workload: workloadName().describe(
    "What is recovered. The names of all that Lifeboat creates are built from it.",
  ),
  account: accountId().describe(
    "The AWS account of both sites and of the witness, in quotes: a number would lose its zeros.",
  ),
  access,
  sites,
  witness,
  objectives,
  ledger,
  decision,
  stores,
  keys,
  secrets,
  certificates,
  services,
  workers,
  traffic,
  checks,
  notes,
  observe,
});

/** What people write. */
export type PlanDocument = z.input<typeof planSchema>;

type DeepReadonly<Value> = Value extends object
  ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
  : Value;

type Same<Left, Right> =
  (<Probe>() => Probe extends Left ? 1 : 2) extends <Probe>() => Probe extends Right ? 1 : 2 ? true : false;

/** Does not compile when what the schema gives is no longer exactly what the rest of Lifeboat takes. */
const schemaGivesThePlan: Same<DeepReadonly<z.output<typeof planSchema>>, DeepReadonly<RecoveryPlan>> = true;
void schemaGivesThePlan;
