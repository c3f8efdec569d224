import { withProtection, type Claim } from "@lifeboat/recovery/ledger";
import { forSite, type AuroraGlobalStore } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { changeEntry } from "../ledger/change-entry.ts";
import { witnessPlace } from "../ledger/places.ts";
import { retireCompute, runningCompute } from "../steps/fence-primary.ts";
import { restSwitches } from "./settle-switches.ts";

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

/**
 * Runs at the site that has become the passive one, once it is back: sends its compute to the passive counts, keeps the
 * snapshot of the old volume (AWS's own expires with the backup retention), records what AWS said about fencing the old
 * writer, waits until the store replicates again, puts the switches into their first position, and says in the ledger that
 * the workload is protected. Each part looks first; a tick that dies half-way is simply followed by the next.
 */
export const protectAgain = async (context: SiteContext, claim: Claim): Promise<ProtectionReport> => {
  const { plan, here, ports } = context;
  const missing: string[] = [];
  const notes: string[] = [];
  const retired = await retireIfRunning(context);
  missing.push(...retired);
  for (const store of plan.stores) {
    if (store.type !== "aurora-global") continue;
    const report = await rejoin(context, store, claim);
    missing.push(...report.missing);
    notes.push(...report.notes);
  }
  if (missing.length === 0) missing.push(...(await restSwitches(context)));
  if (missing.length > 0) return { protected: false, missing, notes };
  await changeEntry(ports, plan, witnessPlace(plan), "claim", (body, writeId) =>
    body.activeSite === here.name || body.protection === "protected" || isHeldAnew(body, claim)
      ? null
      : withProtection(body, "protected", writeId),
  );
  return { protected: true, missing, notes };
};

/** A holder that was there before is one that died: the watch does not come here while one is alive. */
const isHeldAnew = ({ holder }: Claim, before: Claim): boolean =>
  holder !== null && holder.execution !== before.holder?.execution;

const retireIfRunning = async (context: SiteContext): Promise<readonly string[]> => {
  const running = await runningCompute(context, context.here.name);
  if (running.length === 0) return [];
  await retireCompute(context, context.here.name);
  return [`${running.join(", ")} in ${context.here.region} are being stopped`];
};

const rejoin = async (
  { plan, here, ports }: SiteContext,
  store: AuroraGlobalStore,
  claim: Claim,
): Promise<{ readonly missing: readonly string[]; readonly notes: readonly string[] }> => {
  const clusterId = forSite(store.clusters, here.name);
  const [global, cluster, snapshots, events] = await Promise.all([
    ports.databases.globalCluster(here.region, store.globalCluster),
    ports.databases.cluster(here.region, clusterId),
    ports.databases.snapshots(here.region, clusterId),
    ports.databases.events(here.region, clusterId, claim.recoveredAtMs ?? 0),
  ]);
  const missing: string[] = [];
  const notes = events
    .filter((event) => FENCING_EVENT.test(event.message))
    .map((event) => `${clusterId}: ${event.message}`);
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
    notes.push(`ALERT ${clusterId}: AWS has kept no snapshot of the old volume of ${plan.workload}`);
  return { missing, notes };
};
