import {
  canarySilentForMs,
  databaseStanding,
  ENFORCED_WITHIN_MS,
  writerGraceMs,
} from "@lifeboat/recovery/lease";
import { canaryStore, otherSite } from "@lifeboat/recovery/plan";
import type { Claim, Lease } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";
import type { FenceAnswer } from "../ports.ts";
import { readEntry } from "../ledger/change-entry.ts";
import { leasePlaces, sitePlace, witnessPlace } from "../ledger/places.ts";
import { askToResume, mayStillFence, reasonOf, tellFenced } from "./own-fence.ts";
import { isOwnFenceNoted } from "../tending/own-fence-note.ts";
import { doesAnswer } from "./beat.ts";
import { releaseEnded } from "./release-ended.ts";
import { countDown, renewLeases, type RenewalResult } from "./renew-leases.ts";
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

/** Where the ledger is moving the workload that this site serves; null: nowhere. */
const movesTo = ({ activeSite, holder }: Claim, here: string): string | null =>
  activeSite === here && holder?.from === here && holder.site !== here ? holder.site : null;

const tickActive = async (context: WatchContext, claim: Claim, memory: WatchMemory): Promise<TickReport> => {
  const to = movesTo(claim, context.here.name);
  if (to !== null) return stepDown(context, claim, to, memory);
  const renewal = await renewLeases(context, claim, memory.renewal);
  const report = await afterRenewal(context, claim, memory, renewal);
  // Last: nothing waits for it, and a lease does not.
  const released = await releaseEnded(context, claim);
  return released === null ? report : { ...report, detail: `${report.detail}; ${released}` };
};

/** Did the last renewal say that the database is lost? It was this site's own. */
const isDatabaseLost = ({ plan }: WatchContext, lease: Lease): boolean =>
  databaseStanding(canarySilentForMs(lease), plan.ledger.lease) === "lost";

/**
 * Services that stand still are not all that writes: whoever else has a session is admitted by the enforcer until its row runs
 * out. Counted from the last beat of any container, which one of the two leases has told of before, by whatever terms it was sent; a
 * lease that tells of none counts as the last renewal that this container knows of, or its own start. While one of them cannot be
 * read nobody knows.
 */
const mayAdmitWriters = async (context: WatchContext, { renewal }: WatchMemory): Promise<boolean> => {
  const { plan, here, ports } = context;
  if ((canaryStore(plan)?.enforcer ?? "none") === "none") return false;
  const graceMs = writerGraceMs(plan.ledger.lease, plan.decision.lossLimitMs);
  const admittedUntilMs: number[] = [];
  try {
    for (const place of Object.values(leasePlaces(plan, here.name))) {
      const { body } = await readEntry(ports, plan, place, "lease");
      // Another site's word is of another clock.
      const told = body.by === here.name ? body.canary : null;
      const beatenAtMs = told?.mayHaveBeatenAtMs ?? renewal.renewedAtMs;
      admittedUntilMs.push(beatenAtMs + graceMs, told?.writesUntilMs ?? 0);
    }
  } catch {
    return true;
  }
  return ports.clock.nowMs() < Math.max(...admittedUntilMs) + ENFORCED_WITHIN_MS;
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
  let answer: FenceAnswer;
  try {
    const unnoted = memory.renewal.fenceUnnoted;
    answer = await ports.tending.fence(here.region, { workload: plan.workload, unnoted, news: null });
  } catch (error) {
    const next = { ...memory, mayBeFenced: true, fenceAskedAtMs: askedAtMs };
    return { ...idle("active", `fence-unanswered: ${move}: ${reasonOf(error)}`, next), countsDown: true };
  }
  const { ran, noted } = answer;
  const admits = await mayAdmitWriters(context, memory);
  if (ran.length === 0 && !admits) await tellFenced(context, claim);
  const state = ran.length > 0 ? `stopping ${ran.join(", ")}` : admits ? "admits no new writers" : "fenced";
  const renewal = { ...memory.renewal, fenceUnnoted: !noted };
  const next = { ...memory, renewal, mayBeFenced: true, fenceAskedAtMs: null };
  return { ...idle("active", `${state}: ${move}`, next), countsDown: !noted };
};

/**
 * Protected means that the switches are at rest, unless an execution that finishes a move has set one just before, or the move was
 * given up with its site closed. Where nobody holds the workload they are not looked at: that would be four requests more at every
 * tick of an idle month.
 */
const mayBeUnsettled = ({ protection, holder, activeSite }: Claim): boolean =>
  protection === "degraded" || holder?.site === activeSite;

const afterRenewal = async (
  context: WatchContext,
  claim: Claim,
  memory: WatchMemory,
  renewal: RenewalResult,
): Promise<TickReport> => {
  if (mayBeUnsettled(claim)) await settleSwitches(context).catch(() => undefined);
  if (renewal.type !== "renewed" || !memory.mayBeFenced) return renewalReport(context, memory, renewal);
  // Renewed and unclaimed: the workload is served from here, whatever this site has stopped meanwhile.
  const resumed = await askToResume(context, claim, memory.fenceAskedAtMs, renewal.memory.fenceUnnoted);
  if (resumed === null) return renewalReport(context, memory, renewal);
  const where = resumed.length === 0 ? "" : `, resuming ${resumed.join(", ")}`;
  const over = { mayBeFenced: false, fenceAskedAtMs: null };
  const unfenced = { ...renewal, memory: { ...renewal.memory, fenceUnnoted: false } };
  return renewalReport(context, { ...memory, ...over }, unfenced, where);
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
    countsDown:
      type === "not-renewed" || renewal.memory.fenceUnnoted || mayStillFence(context, fenceAskedAtMs),
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
 * The witness is out of reach. A site whose lease still lies at the other site goes on renewing it there: whoever claims the
 * workload waits for that. Not one that was being left when it could last read the claim, nor one that has fenced itself and
 * cannot take that back without the claim: it serves nobody. One whose database is lost cannot read whether it
 * is to step down for that, so it lets its lease run out, as long as the database does not answer. Any other site does nothing.
 */
const tickWithoutClaim = async (context: WatchContext, memory: WatchMemory): Promise<TickReport> => {
  const { plan, here, ports } = context;
  const known = memory.claim?.body ?? null;
  const to = known === null ? null : movesTo(known, here.name);
  if (known !== null && to !== null)
    return idle("active", `the witness is out of reach; epoch ${known.epoch} moved to ${to}`, memory);
  try {
    const { body: lease } = await readEntry(
      ports,
      plan,
      sitePlace(plan, otherSite(plan, here.name).name),
      "lease",
    );
    if (lease.site !== here.name || lease.fenced)
      return idle("unknown", "the witness is out of reach", memory);
    if (memory.renewal.fenceUnnoted || (await isOwnFenceNoted(context).catch(() => false)))
      return idle("active", "fenced, and the witness is out of reach", memory);
    const store = canaryStore(plan);
    if (store !== undefined && isDatabaseLost(context, lease) && !(await doesAnswer(context, store.name)))
      return renewalReport(
        context,
        memory,
        await countDown(
          context,
          memory.renewal,
          lease.epoch,
          "its database is lost, and the witness is out of reach",
        ),
      );
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
