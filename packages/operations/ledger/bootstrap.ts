import { RecoveryError } from "@lifeboat/recovery/errors";
import { firstClaim, firstKillSwitch, firstLease } from "@lifeboat/recovery/ledger";
import { sitesOf, type RecoveryPlan, type SiteName } from "@lifeboat/recovery/plan";
import type { LedgerPlace, Ports } from "../ports.ts";
import { keyOf, sitePlace, witnessPlace, type LedgerKey } from "./places.ts";

/**
 * Creates the ledger of a workload, once, on a person's order: nothing else ever creates a key. Keys that exist already
 * are left as they are, so a bootstrap that died half-way is simply run again. Answers the keys that it created.
 */
export const bootstrapLedger = async (
  ports: Pick<Ports, "ledger" | "ids">,
  plan: RecoveryPlan,
  activeSite: SiteName,
): Promise<readonly string[]> => {
  const { workload } = plan;
  const durationMs = plan.ledger.lease.durationMs;
  const witness = witnessPlace(plan);
  const entries: readonly { place: LedgerPlace; key: LedgerKey; body: (writeId: string) => unknown }[] = [
    { place: witness, key: "claim", body: (writeId) => firstClaim(workload, activeSite, writeId) },
    { place: witness, key: "switch", body: (writeId) => firstKillSwitch(workload, writeId) },
    ...[witness, ...sitesOf(plan).map((site) => sitePlace(plan, site.name))].map((place) => ({
      place,
      key: "lease" as const,
      body: (writeId: string) => firstLease(workload, activeSite, durationMs, writeId),
    })),
  ];
  const created: string[] = [];
  for (const { place, key, body } of entries) {
    const name = keyOf(plan, key);
    const written = await ports.ledger.create(place, name, body(ports.ids.next()));
    if (written.type === "written") created.push(`s3://${place.bucket}/${name}`);
    if (written.type === "unknown") {
      throw new RecoveryError(
        "LedgerUnreadable",
        `s3://${place.bucket}/${name} could not be created: ${written.reason}; run the bootstrap again`,
      );
    }
  }
  return created;
};
