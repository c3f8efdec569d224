import { forSite, otherSite, sitesOf, type RecoveryPlan, type SiteName } from "@lifeboat/recovery/plan";
import type { LedgerPlace } from "../ports.ts";

export type LedgerKey = "claim" | "lease" | "switch";

/** `spacelift/claim` */
export const keyOf = (plan: RecoveryPlan, key: LedgerKey): string => `${plan.workload}/${key}`;

/** Where claims are decided, and the kill switch lies. */
export const witnessPlace = (plan: RecoveryPlan): LedgerPlace => ({
  region: plan.witness.region,
  bucket: plan.ledger.witnessBucket,
});

export const sitePlace = (plan: RecoveryPlan, site: SiteName): LedgerPlace => {
  const region = sitesOf(plan).find((candidate) => candidate.name === site)?.region;
  if (region === undefined) throw new RangeError(`no site "${site}"`);
  return { region, bucket: forSite(plan.ledger.buckets, site) };
};

/** The two places in which the lease of an active site lies: the witness, and the other site. */
export const leasePlaces = (
  plan: RecoveryPlan,
  activeSite: SiteName,
): { readonly witness: LedgerPlace; readonly standby: LedgerPlace } => ({
  witness: witnessPlace(plan),
  standby: sitePlace(plan, otherSite(plan, activeSite).name),
});
