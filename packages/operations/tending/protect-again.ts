import { withProtection, type Claim } from "@lifeboat/recovery/ledger";
import { forSite, otherSite, type AuroraGlobalStore } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { changeEntry } from "../ledger/change-entry.ts";
import { sitePlace, witnessPlace } from "../ledger/places.ts";
import { tellEvent } from "../tell-event.ts";
import { restSwitches } from "./rest-switches.ts";

/** The ports of protecting a workload again. */
export type ProtectPort = "databases" | "events" | "notices" | "records" | "traffic";

export interface ProtectionReport {
  readonly protected: boolean;
  /** What still stands between the workload and its protection. */
  readonly missing: readonly string[];
  readonly notes: readonly string[];
}

/** AWS's name for the copy of the old primary's volume that it tries to take before it rebuilds the cluster. */
const OLD_VOLUME_PREFIX = "rds:unplanned-global-failover-";

/**
 * AWS tells by an event whether it could stop writes on the old primary, or whether that timed out. The guide describes
 * the events and gives no wording, so this matches what either must say:
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html
 */
const FENCING_EVENT = /fenc|writes were stopped|stop writes/i;
/** RDS's clock and that of the function that noted when the move began are two. */
const CLOCKS_APART_MS = 300_000;
/** Where the claim says only when the recovery ended: the events come before that, and an hour covers a failover that nobody held. */
const BEFORE_THE_END_MS = 3_600_000;

/**
 * From when on what AWS says is of the move to the active site: its execution may have held for two days after the promotion, or
 * somebody have finished the move later still. 0: everything that RDS has kept. No more than 14 days are to be had of it, and who
 * comes back later is told that AWS did not say.
 */
const eventsSinceMs = ({ activeSite, moved, recoveredAtMs }: Claim): number => {
  if (moved?.to === activeSite) return moved.sinceMs - CLOCKS_APART_MS;
  return recoveredAtMs === null ? 0 : recoveredAtMs - BEFORE_THE_END_MS;
};

/**
 * Runs at the site that has become the passive one, once it is back and its services are being stopped: keeps the
 * snapshot of the old volume (AWS's own expires with the backup retention), records what AWS said about fencing the old
 * writer, waits until the store replicates again, puts the switches into their first position, and says in the ledger that
 * the workload is protected, unless anything is still `running`. Each part looks first; a run that dies half-way is simply followed by the next.
 */
export const protectAgain = async (
  context: SiteContext<ProtectPort>,
  claim: Claim,
  running: readonly string[],
): Promise<ProtectionReport> => {
  const { plan, here, ports } = context;
  const missing = running.length === 0 ? [] : [`${running.join(", ")} in ${here.region} are being stopped`];
  const notes: string[] = [];
  const alerts: string[] = [];
  for (const store of plan.stores) {
    if (store.type !== "aurora-global") continue;
    const report = await rejoin(context, store, claim);
    missing.push(...report.missing);
    notes.push(...report.notes);
    alerts.push(...report.alerts);
  }
  if (missing.length === 0) missing.push(...(await restSwitches(context)));
  if (missing.length > 0) return { protected: false, missing, notes };
  await tellProtection(context, claim, notes, alerts);
  await changeEntry(ports, plan, witnessPlace(plan), "claim", (body, writeId) =>
    body.activeSite === here.name || body.protection === "protected" || isHeldAnew(body, claim)
      ? null
      : withProtection(body, "protected", writeId),
  );
  return { protected: true, missing, notes };
};

/**
 * Records what was found and tells people, before the ledger says that the workload is protected: a run that dies in
 * between tells twice, never not at all.
 */
const tellProtection = async (
  context: SiteContext<"events" | "notices" | "records">,
  claim: Claim,
  notes: readonly string[],
  alerts: readonly string[],
): Promise<void> => {
  const { plan, here, ports } = context;
  const { workload } = plan;
  const subject = `${workload}: protected again by ${here.name}${alerts.length === 0 ? "" : ", with alerts"}`;
  const lines = [subject, ...alerts.map((alert) => `ALERT ${alert}`), ...notes];
  await ports.notices.publish(subject, lines.join("\n"));
  await ports.records.appendProtection(sitePlace(plan, here.name), {
    workload,
    epoch: claim.epoch,
    site: here.name,
    protectedAtMs: ports.clock.nowMs(),
    notes,
    alerts,
  });
  await tellEvent(context, { type: "lifeboat.workload.protected", epoch: claim.epoch, alerts });
};

/** A holder that was there before is one that died: the watch asks for nothing while one is alive. */
const isHeldAnew = ({ holder }: Claim, before: Claim): boolean =>
  holder !== null && holder.execution !== before.holder?.execution;

const rejoin = async (
  { plan, here, ports }: SiteContext<"databases">,
  store: AuroraGlobalStore,
  claim: Claim,
): Promise<Omit<ProtectionReport, "protected"> & { readonly alerts: readonly string[] }> => {
  const clusterId = forSite(store.clusters, here.name);
  // The event lies with the old primary where AWS could reach it, and with the new one where it could not.
  const active = otherSite(plan, here.name);
  const sinceMs = eventsSinceMs(claim);
  const [global, cluster, snapshots, ownEvents, otherEvents] = await Promise.all([
    ports.databases.globalCluster(here.region, store.globalCluster),
    ports.databases.cluster(here.region, clusterId),
    ports.databases.snapshots(here.region, clusterId),
    ports.databases.events(here.region, clusterId, sinceMs),
    ports.databases.events(active.region, forSite(store.clusters, active.name), sinceMs).catch(() => []),
  ]);
  const missing: string[] = [];
  const alerts: string[] = [];
  const notes = [...ownEvents, ...otherEvents]
    .filter((event) => FENCING_EVENT.test(event.message))
    .map((event) => `${store.name}: ${event.message}`);
  if (notes.length === 0)
    alerts.push(`${store.name}: AWS did not say whether it stopped writes on the old primary`);
  if (notes.some((note) => /timed out/i.test(note))) {
    alerts.push(
      `${store.name}: AWS could not stop writes on the old primary; compare its kept volume with the new one`,
    );
  }
  const member = global?.members.find((candidate) => candidate.arn === cluster?.arn);
  const isReady =
    cluster?.status === "available" &&
    member?.isWriter === false &&
    member.connected &&
    global?.transition === null;
  if (!isReady)
    missing.push(
      `stores/${store.name}: ${clusterId} does not replicate yet (${cluster?.status ?? "absent"})`,
    );

  const automated = snapshots.filter((snapshot) => snapshot.id.startsWith(OLD_VOLUME_PREFIX));
  for (const snapshot of automated) {
    const kept = `lifeboat-${snapshot.id.slice("rds:".length)}`;
    if (snapshots.some((candidate) => candidate.id === kept)) {
      notes.push(`${clusterId}: the old volume is kept as ${kept}`);
    } else if (snapshot.status === "available") {
      await ports.databases.copySnapshot(here.region, snapshot.id, kept);
      missing.push(`stores/${store.name}: the old volume is being copied to ${kept}`);
    } else {
      missing.push(`stores/${store.name}: AWS's snapshot of the old volume is ${snapshot.status}`);
    }
  }
  if (isReady && automated.length === 0)
    alerts.push(
      `${store.name}: AWS kept no snapshot of the old volume; what had not replicated is lost for good`,
    );
  return { missing, notes, alerts };
};
