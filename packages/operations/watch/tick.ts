import { otherSite } from "@lifeboat/recovery/plan";
import type { Claim } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";
import { readEntry } from "../ledger/change-entry.ts";
import { witnessPlace, sitePlace } from "../ledger/places.ts";
import { askToResume, mayStillFence, reasonOf, tellFenced } from "./own-fence.ts";
import { releaseEnded } from "./release-ended.ts";
import { renewLeases, type RenewalResult } from "./renew-leases.ts";
import { settleSwitches } from "./settle-switches.ts";
import type { WatchContext } from "./watch-context.ts";
import { idle, type TickReport, type WatchMemory } from "./watch-memory.ts";
import { isCalm, tickPassive } from "./tick-passive.ts";

/** For how long a passive site relies on the claim that it read, while all that it sees is in order. */
const CLAIM_AGE_MS = 60_000;

/** One tick of a site's watch: what it does depends on what the ledger says the site is, asked anew each time. */
export const tick = async (
  context: WatchContext,
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
  context: WatchContext,
  known: Claim,
  machineArn: string,
  memory: WatchMemory,
): Promise<TickReport> => {
  const [claim, renewal] = await Promise.all([
    readClaim(context),
    renewLeases(context, known, memory.renewal),
  ]);
  if (claim === null) return renewalReport(context, memory, renewal);
  const next: WatchMemory = { ...memory, renewal: renewal.memory };
  return renewal.type === "renewed" && claim.epoch === known.epoch && claim.holder === null
    ? afterRenewal(context, claim, next, renewal)
    : tickWith(context, claim, machineArn, next);
};

const tickWith = (
  context: WatchContext,
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

const tickActive = async (context: WatchContext, claim: Claim, memory: WatchMemory): Promise<TickReport> => {
  const { here } = context;
  if (claim.holder?.from === here.name && claim.holder.site !== here.name)
    return stepDown(context, claim, claim.holder.site, memory);
  const renewal = await renewLeases(context, claim, memory.renewal);
  const report = await afterRenewal(context, claim, memory, renewal);
  // Last: nothing waits for it, and a lease does not.
  const released = await releaseEnded(context, claim);
  return released === null ? report : { ...report, detail: `${report.detail}; ${released}` };
};

/** The ledger is moving the workload away from here: stop, and say so once nothing can write any more. */
const stepDown = async (
  context: WatchContext,
  claim: Claim,
  to: string,
  memory: WatchMemory,
): Promise<TickReport> => {
  const { plan, here, ports } = context;
  const move = `epoch ${claim.epoch} moves ${plan.workload} to ${to}`;
  const askedAtMs = ports.clock.nowMs();
  let ran: readonly string[];
  try {
    ran = await ports.tending.fence(here.region, { workload: plan.workload, news: null });
  } catch (error) {
    const next = { ...memory, mayBeFenced: true, fenceAskedAtMs: askedAtMs };
    return { ...idle("active", `fence-unanswered: ${move}: ${reasonOf(error)}`, next), countsDown: true };
  }
  if (ran.length === 0) await tellFenced(context, claim);
  const state = ran.length === 0 ? "fenced" : `stopping ${ran.join(", ")}`;
  return idle("active", `${state}: ${move}`, { ...memory, mayBeFenced: true, fenceAskedAtMs: null });
};

const afterRenewal = async (
  context: WatchContext,
  claim: Claim,
  memory: WatchMemory,
  renewal: RenewalResult,
): Promise<TickReport> => {
  if (claim.protection === "degraded") await settleSwitches(context).catch(() => undefined);
  if (renewal.type !== "renewed" || !memory.mayBeFenced) return renewalReport(context, memory, renewal);
  // Renewed and unclaimed: the workload is served from here, whatever this site has stopped meanwhile.
  const resumed = await askToResume(context, claim, memory.fenceAskedAtMs);
  if (resumed === null) return renewalReport(context, memory, renewal);
  const where = resumed.length === 0 ? "" : `, resuming ${resumed.join(", ")}`;
  return renewalReport(context, { ...memory, mayBeFenced: false, fenceAskedAtMs: null }, renewal, where);
};

const renewalReport = (
  context: WatchContext,
  memory: WatchMemory,
  renewal: RenewalResult,
  where = "",
): TickReport => {
  const { type } = renewal;
  // Acts are done one at a time: the one that has been answered has waited for those that were not.
  const fenceAskedAtMs =
    type === "fence-unanswered"
      ? context.ports.clock.nowMs()
      : type === "fenced"
        ? null
        : memory.fenceAskedAtMs;
  return {
    role: "active",
    detail: type === "fence-unanswered" ? `${type}: ${renewal.reason}` : `${type}${where}`,
    memory: {
      ...memory,
      renewal: renewal.memory,
      // Another container may have fenced this site while this one could not renew either.
      mayBeFenced: memory.mayBeFenced || type !== "renewed",
      fenceAskedAtMs,
    },
    countsDown: type === "not-renewed" || mayStillFence(context, fenceAskedAtMs),
  };
};

const readClaim = async ({ plan, ports }: SiteContext<never>): Promise<Claim | null> => {
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
const tickWithoutClaim = async (context: WatchContext, memory: WatchMemory): Promise<TickReport> => {
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
    return renewalReport(context, memory, renewal, ", without the witness");
  } catch {
    // Both out of reach. Only a site that knows itself as the active one counts down; see `renewLeases`.
    if (memory.renewal.canary === null)
      return idle("unknown", "witness and other site are out of reach", memory);
    return renewalReport(
      context,
      memory,
      await renewLeases(context, { epoch: 0, activeSite: here.name }, memory.renewal),
    );
  }
};
