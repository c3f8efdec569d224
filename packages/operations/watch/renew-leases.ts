import { fenceDueAtMs, writerGraceMs } from "@lifeboat/recovery/lease";
import { isSealed, renewedLease, type Claim, type Lease } from "@lifeboat/recovery/ledger";
import { canaryStore } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { changeEntry } from "../ledger/change-entry.ts";
import { leasePlaces } from "../ledger/places.ts";
import type { LedgerPlace } from "../ports.ts";
import { retireCompute, runningCompute } from "../steps/fence-primary.ts";
import { noteOwnFence } from "./own-fence.ts";

/** What the active site's watch remembers between two ticks; nothing that its next invocation could not do without. */
export interface RenewalMemory {
  /** Sent (not answered) time of the last renewal that took effect somewhere. */
  readonly renewedAtMs: number;
  readonly canary: Lease["canary"];
}

export type RenewalResult =
  | {
      readonly type: "renewed";
      readonly where: readonly ("witness" | "standby")[];
      readonly canary: "written" | "failed" | "none";
      readonly memory: RenewalMemory;
    }
  | { readonly type: "not-renewed"; readonly memory: RenewalMemory }
  | { readonly type: "fenced"; readonly reason: string; readonly memory: RenewalMemory };

/**
 * One beat of the active site: renews its lease at the witness and at the standby, and only then lets the enforcer admit
 * writers for that long. Losing one of the two places moves and stops nothing; while both are out of reach the site counts
 * down, on its own clock from before its last renewal was sent, and fences itself early enough that the fence stands when
 * the lease ends.
 */
export const renewLeases = async (
  context: SiteContext,
  claim: Pick<Claim, "epoch" | "activeSite">,
  memory: RenewalMemory,
): Promise<RenewalResult> => {
  const { plan, here, ports } = context;
  const terms = plan.ledger.lease;
  const sentAtMs = ports.clock.nowMs();
  const places = leasePlaces(plan, here.name);
  // What lies in the lease may be another site's last report, or our own of an earlier epoch.
  const isOwn = (body: Lease): boolean =>
    body.site === here.name && body.epoch === claim.epoch && !isSealed(body);
  const renew = async (place: LedgerPlace): Promise<boolean> => {
    try {
      const now = await changeEntry(ports, plan, place, "lease", (body, writeId) =>
        // A lease of a later epoch belongs to somebody who came after us.
        body.epoch > claim.epoch
          ? null
          : renewedLease(
              body,
              {
                site: here.name,
                epoch: claim.epoch,
                durationMs: terms.durationMs,
                canary: reportAt(newestCanary(memory.canary, isOwn(body) ? body.canary : null), sentAtMs),
                fenced: false,
              },
              writeId,
            ),
      );
      return now.site === here.name && now.epoch === claim.epoch;
    } catch {
      return false;
    }
  };
  const [atWitness, atStandby] = await Promise.all([renew(places.witness), renew(places.standby)]);
  if (!atWitness && !atStandby) return countDown(context, memory);
  const canary = await beat(context, claim.epoch, sentAtMs);
  return {
    type: "renewed",
    where: [...(atWitness ? (["witness"] as const) : []), ...(atStandby ? (["standby"] as const) : [])],
    canary: canary === undefined ? "none" : canary === null ? "failed" : "written",
    memory: { renewedAtMs: sentAtMs, canary: canary ?? memory.canary },
  };
};

/** Runs of the watch overlap, and each knows its own beats only: a report never goes back in time. */
const newestCanary = (one: Lease["canary"], other: Lease["canary"]): Lease["canary"] =>
  one === null || (other !== null && other.acknowledgedAtMs > one.acknowledgedAtMs) ? other : one;

const reportAt = (canary: Lease["canary"], reportedAtMs: number): Lease["canary"] =>
  canary === null ? null : { ...canary, reportedAtMs };

/** Writes the canary and refreshes the enforcer's row. Null: the database did not take it; undefined: no such store. */
const beat = async (
  { plan, here, ports }: SiteContext,
  epoch: number,
  sentAtMs: number,
): Promise<Lease["canary"] | undefined> => {
  const store = canaryStore(plan);
  if (store === undefined) return undefined;
  const terms = plan.ledger.lease;
  // Counted from before the renewal was sent.
  const validForMs = sentAtMs + writerGraceMs(terms, plan.decision.lossLimitMs) - ports.clock.nowMs();
  try {
    const written = await ports.canary.beat(here.region, {
      store: store.name,
      workload: plan.workload,
      holder: here.name,
      epoch,
      validForMs,
    });
    return {
      sequence: written.sequence,
      acknowledgedAtMs: written.writtenAtMs,
      periodMs: terms.renewEveryMs,
      reportedAtMs: written.writtenAtMs,
    };
  } catch {
    return null;
  }
};

const countDown = async (context: SiteContext, memory: RenewalMemory): Promise<RenewalResult> => {
  const { plan, here, ports } = context;
  if (ports.clock.nowMs() < fenceDueAtMs(memory.renewedAtMs, plan.ledger.lease))
    return { type: "not-renewed", memory };
  const reason = "the lease could be renewed neither at the witness nor at the standby";
  const running = await runningCompute(context, here.name);
  if (running.length > 0) {
    await noteOwnFence(context);
    await retireCompute(context, here.name);
  }
  return { type: "fenced", reason: `${here.name}: ${reason}`, memory };
};

/**
 * Takes this site's services and workers down, and answers what still runs or does not answer. Its database fences itself:
 * the enforcer's row is no longer refreshed.
 */
export const fenceSelf = async (context: SiteContext): Promise<readonly string[]> => {
  const running = await runningCompute(context, context.here.name);
  if (running.length > 0) await retireCompute(context, context.here.name);
  return running;
};

/** The last act of a site that was fenced because the ledger says so and runs nothing any more: tells whoever waits. */
export const tellFenced = async (context: SiteContext, claim: Pick<Claim, "epoch">): Promise<void> => {
  const { plan, here, ports } = context;
  const places = leasePlaces(plan, here.name);
  await Promise.allSettled(
    [places.witness, places.standby].map((place) =>
      changeEntry(ports, plan, place, "lease", (body, writeId) =>
        body.site !== here.name || body.fenced || body.epoch > claim.epoch
          ? null
          : renewedLease(body, { ...body, fenced: true }, writeId),
      ),
    ),
  );
};
