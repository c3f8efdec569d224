import { otherSite } from "@lifeboat/recovery/plan";
import type { Claim } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";
import { readEntry } from "../ledger/change-entry.ts";
import { witnessPlace, sitePlace } from "../ledger/places.ts";
import { resumeAfterOwnFence } from "./own-fence.ts";
import { fenceSelf, renewLeases, tellFenced, type RenewalResult } from "./renew-leases.ts";
import { settleSwitches } from "./settle-switches.ts";
import { idle, type TickReport, type WatchMemory } from "./watch-memory.ts";
import { isCalm, tickPassive } from "./tick-passive.ts";

/** For how long a passive site relies on the claim that it read, while all that it sees is in order. */
const CLAIM_AGE_MS = 60_000;

/** One tick of a site's watch: what it does depends on what the ledger says the site is, asked anew each time. */
export const tick = async (
  context: SiteContext,
  machineArn: string,
  memory: WatchMemory,
): Promise<TickReport> => {
  const { here, ports } = context;
  const nowMs = ports.clock.nowMs();
  const known = memory.claim;
  if (known !== null && isCalm(known.body, here.name) && nowMs - known.readAtMs < CLAIM_AGE_MS)
    return tickPassive(context, known.body, machineArn, memory, () => readClaim(context));
  if (known !== null && isOurs(known.body, here.name) && memory.renewal.failing)
    return tickFailing(context, known.body, machineArn, memory);
  const claim = await readClaim(context);
  if (claim === null) return tickWithoutClaim(context, memory);
  return tickWith(context, claim, machineArn, memory);
};

/** Is the site the active one, with nobody who moves the workload away from it? Only then may it renew unasked. */
const isOurs = ({ activeSite, holder }: Claim, here: string): boolean =>
  activeSite === here && (holder === null || holder.site === here);

/**
 * The active site could renew nowhere a moment ago. Time runs: it tries again at once, on the claim that it knows, while it
 * asks for the current one. A renewal of an epoch that is over does not take effect.
 */
const tickFailing = async (
  context: SiteContext,
  known: Claim,
  machineArn: string,
  memory: WatchMemory,
): Promise<TickReport> => {
  const [claim, renewal] = await Promise.all([
    readClaim(context),
    renewLeases(context, known, memory.renewal),
  ]);
  if (claim === null) return renewalReport(memory, renewal);
  const next: WatchMemory = { ...memory, renewal: renewal.memory };
  return renewal.type === "renewed" && claim.epoch === known.epoch && claim.holder === null
    ? afterRenewal(context, claim, next, renewal)
    : tickWith(context, claim, machineArn, next);
};

const tickWith = (
  context: SiteContext,
  claim: Claim,
  machineArn: string,
  memory: WatchMemory,
): Promise<TickReport> => {
  const { here, ports } = context;
  const nowMs = ports.clock.nowMs();
  const next: WatchMemory = { ...memory, claim: { body: claim, readAtMs: nowMs } };
  return claim.activeSite === here.name
    ? tickActive(context, claim, next)
    : tickPassive(context, claim, machineArn, next);
};

const tickActive = async (context: SiteContext, claim: Claim, memory: WatchMemory): Promise<TickReport> => {
  const { plan, here } = context;
  if (claim.holder?.from === here.name && claim.holder.site !== here.name) {
    // The ledger is moving the workload away from here: stop, and say so once nothing can write any more.
    const running = await fenceSelf(context);
    if (running.length === 0) await tellFenced(context, claim);
    const state = running.length === 0 ? "fenced" : `stopping ${running.join(", ")}`;
    const detail = `${state}: epoch ${claim.epoch} moves ${plan.workload} to ${claim.holder.site}`;
    return idle("active", detail, { ...memory, mayBeFenced: true });
  }
  const renewal = await renewLeases(context, claim, memory.renewal);
  return afterRenewal(context, claim, memory, renewal);
};

const afterRenewal = async (
  context: SiteContext,
  claim: Claim,
  memory: WatchMemory,
  renewal: RenewalResult,
): Promise<TickReport> => {
  if (claim.protection === "degraded") await settleSwitches(context).catch(() => undefined);
  if (renewal.type !== "renewed" || !memory.mayBeFenced) return renewalReport(memory, renewal);
  // Renewed and unclaimed: the workload is served from here, whatever this site has stopped meanwhile.
  const resumed = await resumeAfterOwnFence(context, claim).catch(() => null);
  const where = resumed === null || resumed.length === 0 ? "" : `, resuming ${resumed.join(", ")}`;
  return renewalReport({ ...memory, mayBeFenced: resumed === null }, renewal, where);
};

const renewalReport = (memory: WatchMemory, renewal: RenewalResult, where = ""): TickReport => ({
  role: "active",
  detail: `${renewal.type}${where}`,
  memory: {
    ...memory,
    renewal: renewal.memory,
    // Another container may have fenced this site while this one could not renew either.
    mayBeFenced: memory.mayBeFenced || renewal.type !== "renewed",
  },
  countsDown: renewal.type === "not-renewed",
});

const readClaim = async ({ plan, ports }: SiteContext): Promise<Claim | null> => {
  try {
    return (await readEntry(ports, plan, witnessPlace(plan), "claim")).body;
  } catch {
    return null;
  }
};

/**
 * The witness is out of reach. A site whose lease still lies at the other site goes on renewing it there: no claim can be
 * made without the witness. Any other site does nothing.
 */
const tickWithoutClaim = async (context: SiteContext, memory: WatchMemory): Promise<TickReport> => {
  const { plan, here, ports } = context;
  try {
    const { body: lease } = await readEntry(
      ports,
      plan,
      sitePlace(plan, otherSite(plan, here.name).name),
      "lease",
    );
    if (lease.site !== here.name || lease.fenced)
      return idle("unknown", "the witness is out of reach", memory);
    const renewal = await renewLeases(context, { epoch: lease.epoch, activeSite: here.name }, memory.renewal);
    return renewalReport(memory, renewal, ", without the witness");
  } catch {
    // Both out of reach. Only a site that knows itself as the active one counts down; see `renewLeases`.
    if (memory.renewal.canary === null)
      return idle("unknown", "witness and other site are out of reach", memory);
    return renewalReport(
      memory,
      await renewLeases(context, { epoch: 0, activeSite: here.name }, memory.renewal),
    );
  }
};
