import { writerGraceMs, writesForMs } from "@lifeboat/recovery/lease";
import { isSealed, renewedLease, type Claim, type Lease } from "@lifeboat/recovery/ledger";
import { canaryStore, type AuroraGlobalStore } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { changeEntry } from "../ledger/change-entry.ts";
import { leasePlaces } from "../ledger/places.ts";
import { TELL_AGAIN_AFTER_MS } from "../tending/tell-silence.ts";
import type { Surroundings } from "./look-around.ts";
import { writtenBeat } from "../written-beat.ts";

/** What the standing-by site remembers of an active site whose own watch is silent. */
export interface StandInMemory {
  /** Since when the watch has been silent while the application answered; null: it is not. */
  readonly sinceMs: number | null;
  /** When people were told; null: not yet. */
  readonly toldAtMs: number | null;
  /** The first canary that was written from here in this time; null: none. */
  readonly firstSequence: number | null;
  readonly canary: Lease["canary"];
}

export const NOT_STANDING_IN: StandInMemory = {
  sinceMs: null,
  toldAtMs: null,
  firstSequence: null,
  canary: null,
};

export interface StandInReport {
  readonly memory: StandInMemory;
  readonly standsIn: boolean;
  readonly detail: string;
}

/** A container that starts anew or a slow minute is no news; a watch that is gone for longer is. */
const TELL_AFTER_MS = 60_000;

/**
 * For an active site whose control plane has died while its application and its database go on: renews the lease for it,
 * and keeps the enforcer's row fresh through a route of its own. Nothing is moved, for there is nothing to recover from;
 * without this the enforcer would take a healthy database down. It is an ordinary renewal by compare-and-swap: as soon as
 * the application does not answer from here either, it stops, and the lease runs out as it always does.
 *
 * Only while nobody has asked for the workload, or moves it. The caller has found that `claim` has no live holder (`liveHolder`), of
 * which one in a region that does not answer counts as dead: at the active site itself that changes nothing here. Such an
 * execution has promoted what it promotes, and goes by the lease of no other site: whether or not it goes on, this site's database is
 * the writer in its epoch. `memory` is the last report's.
 */
export const standIn = async (
  context: SiteContext<"canary" | "tending">,
  claim: Claim,
  seen: Surroundings,
  memory: StandInMemory,
): Promise<StandInReport> => {
  const nowMs = context.ports.clock.nowMs();
  const silent: StandInMemory = { ...memory, sinceMs: memory.sinceMs ?? nowMs };
  const outcome = await renewFor(context, claim, seen, silent);
  const told = await tell(context, claim, outcome);
  return { ...outcome, memory: told };
};

/** Fences and seals are somebody's word that this site is not to go on: nobody renews over them. */
const isRenewable = (lease: Lease | null, claim: Claim): lease is Lease =>
  lease !== null &&
  lease.site === claim.activeSite &&
  lease.epoch === claim.epoch &&
  !lease.fenced &&
  !isSealed(lease);

const renewFor = async (
  context: SiteContext<"canary">,
  claim: Claim,
  seen: Surroundings,
  memory: StandInMemory,
): Promise<StandInReport> => {
  const { plan, here, ports } = context;
  const unable = (why: string): StandInReport => ({
    memory: { ...memory, firstSequence: null, canary: null },
    standsIn: false,
    detail: why,
  });
  // A hold at the active site itself stays for as long as nobody finishes its move: an execution that was stopped, or has died.
  const isMoved = claim.holder !== null && claim.holder.site !== claim.activeSite;
  if (isMoved || claim.request !== null) return unable("an execution has asked for the workload");
  const store = canaryStore(plan);
  if (store?.standIn === undefined) return unable('the plan gives no "standIn" for its database');
  // Before the lease is renewed: a site that cannot keep the writers admitted does not prolong anything.
  const canary = await reportable(context, store, memory);
  if (canary === undefined) return unable(`the database of ${claim.activeSite} cannot be reached from here`);
  const terms = plan.ledger.lease;
  const { lossLimitMs } = plan.decision;
  const enforcerBesideWriter = store.enforcer !== "none";
  const sentAtMs = ports.clock.nowMs();
  // The beat that follows is announced.
  const announced = {
    mayHaveBeatenAtMs: sentAtMs,
    writesUntilMs: sentAtMs + writesForMs(terms, lossLimitMs, { enforcerBesideWriter }),
  };
  const places = leasePlaces(plan, claim.activeSite);
  const renew = async (where: "witness" | "standby"): Promise<boolean> => {
    const known = seen.bodies[where];
    if (!isRenewable(known, claim)) return false;
    try {
      const now = await changeEntry(ports, plan, places[where], "lease", (body, writeId) =>
        // Only what was seen: a change since then is the active site's own, or a claim.
        body.revision !== known.revision || !isRenewable(body, claim)
          ? null
          : renewedLease(
              body,
              {
                site: claim.activeSite,
                by: here.name,
                epoch: claim.epoch,
                durationMs: terms.durationMs,
                canary: canary === null ? null : { ...canary, ...announced },
                fenced: false,
              },
              writeId,
            ),
      );
      return now.by === here.name && now.revision === known.revision + 1;
    } catch {
      return false;
    }
  };
  const renewed = await Promise.all([renew("witness"), renew("standby")]);
  if (!renewed.includes(true)) return unable("the lease could not be renewed for it");
  try {
    const written = writtenBeat(
      await ports.canary.beat(here.region, {
        at: "peer",
        store: store.name,
        workload: plan.workload,
        holder: claim.activeSite,
        epoch: claim.epoch,
        askedAtMs: sentAtMs,
        validForMs: writerGraceMs(terms, lossLimitMs),
      }),
    );
    return {
      memory: {
        ...memory,
        firstSequence: memory.firstSequence ?? written.sequence,
        canary: {
          sequence: written.sequence,
          acknowledgedAtMs: written.writtenAtMs,
          periodMs: terms.renewEveryMs,
          reportedAtMs: written.writtenAtMs,
        },
      },
      standsIn: true,
      detail: `${here.name} renews the lease of ${claim.activeSite}`,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return unable(`the database of ${claim.activeSite} took no canary: ${reason}`);
  }
};

/**
 * The canary to report with a renewal; undefined: the other site's database cannot be asked. Until a canary of this site's
 * has come back by replication there is none to report: the rows before it carry the other site's clock, and what cannot
 * be measured on one clock is unknown.
 */
const reportable = async (
  { plan, here, ports }: SiteContext<"canary">,
  store: AuroraGlobalStore,
  memory: StandInMemory,
): Promise<Lease["canary"] | undefined> => {
  const ask = { store: store.name, workload: plan.workload };
  try {
    const [, arrived] = await Promise.all([
      ports.canary.newest(here.region, { at: "peer", ...ask }),
      ports.canary.newest(here.region, { at: "here", ...ask }),
    ]);
    const isConfirmed =
      memory.firstSequence !== null && arrived !== null && arrived.sequence >= memory.firstSequence;
    return isConfirmed && memory.canary !== null
      ? { ...memory.canary, reportedAtMs: ports.clock.nowMs() }
      : null;
  } catch {
    return undefined;
  }
};

/** Has people told that a control plane is silent. One who answers has told them, or found that somebody has. */
const tell = async (
  { plan, here, ports }: SiteContext<"tending">,
  claim: Claim,
  { memory, standsIn, detail }: StandInReport,
): Promise<StandInMemory> => {
  const nowMs = ports.clock.nowMs();
  const isNews = nowMs - (memory.toldAtMs ?? Number.NEGATIVE_INFINITY) >= TELL_AGAIN_AFTER_MS;
  const silentForMs = nowMs - (memory.sinceMs ?? nowMs);
  if (silentForMs < TELL_AFTER_MS || !isNews) return memory;
  const { workload } = plan;
  const { activeSite, epoch } = claim;
  try {
    await ports.tending.tellSilence(here.region, {
      workload,
      activeSite,
      epoch,
      silentForMs,
      standsIn,
      detail,
    });
  } catch {
    // Renewals for the other site matter more, and go on: the next tick tells.
    return memory;
  }
  return { ...memory, toldAtMs: nowMs };
};
