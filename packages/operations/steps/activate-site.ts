import { RecoveryError } from "@lifeboat/recovery/errors";
import { writerGraceMs, writesForMs } from "@lifeboat/recovery/lease";
import { holds, isSealed, renewedLease, withActiveSite, type Lease } from "@lifeboat/recovery/ledger";
import type { Loss } from "@lifeboat/recovery/loss";
import { canaryStore } from "@lifeboat/recovery/plan";
import type { Mandate, SiteContext } from "../context.ts";
import { changeEntry } from "../ledger/change-entry.ts";
import { requireMandate } from "../ledger/hold-mandate.ts";
import { witnessPlace } from "../ledger/places.ts";
import { measureLoss } from "../measure-loss.ts";
import { observeLeases, NO_SIGHTINGS } from "../observe-leases.ts";
import { writtenBeat } from "../written-beat.ts";

export interface Activation {
  readonly loss: Loss;
  readonly detail: string;
}

/** A lease that does not tell of the last beat goes on not telling: the loss is unknown then. */
const withBeat = (canary: Lease["canary"], sentAtMs: number, untilMs: number): Lease["canary"] =>
  canary?.mayHaveBeatenAtMs === undefined
    ? canary
    : {
        ...canary,
        mayHaveBeatenAtMs: Math.max(canary.mayHaveBeatenAtMs, sentAtMs),
        writesUntilMs: Math.max(canary.writesUntilMs ?? 0, untilMs),
      };

/**
 * The stores are writable here: measures what arrived, makes this site the active one in the ledger, takes the lease for
 * it, and lets the enforcer admit writers. Each part looks first, so a second run changes nothing but the lease's revision and the
 * time of the last beat. Every beat admits writers anew, and so the lease is renewed before each: whoever waits for it to run out
 * starts anew, and a claim that sealed it meanwhile has ended this epoch. The loss is measured once, before the first canary of the
 * new epoch is written, and kept in the claim: what a second run would measure is the new epoch's own canaries. Throws `EpochStale`
 * as soon as the epoch is another's.
 */
export const activateSite = async (context: SiteContext<"canary">, mandate: Mandate): Promise<Activation> => {
  const { plan, here, ports } = context;
  const claim = await requireMandate(ports, plan, mandate);
  const store = canaryStore(plan);
  const observed = await observeLeases(context, claim.holder?.from ?? claim.activeSite, NO_SIGHTINGS);
  const measured = await measureLoss(context, observed);
  // Kept for good below, so it has to be the answer and not a failure to ask.
  if (claim.activeSite !== here.name && !measured.known && measured.passing === true) {
    throw new RecoveryError(
      "AwsUnavailable",
      `the loss of the promotion could not be measured: ${measured.reason}`,
    );
  }
  const activated = await changeEntry(ports, plan, witnessPlace(plan), "claim", (body, writeId) => {
    if (!holds(body, mandate.execution, mandate.epoch)) {
      throw new RecoveryError("EpochStale", `epoch ${mandate.epoch} of "${plan.workload}" is over`);
    }
    return body.activeSite === here.name
      ? null
      : withActiveSite(body, { activeSite: here.name, loss: measured }, writeId);
  });
  const loss = activated.holder?.loss ?? measured;
  const { lease } = plan.ledger;
  const { lossLimitMs } = plan.decision;
  const enforcerBesideWriter = (store?.enforcer ?? "none") !== "none";
  const sentAtMs = ports.clock.nowMs();
  await changeEntry(ports, plan, witnessPlace(plan), "lease", (body, writeId) => {
    const isActive = body.site === here.name && !isSealed(body);
    const isOfEpoch = isActive && body.epoch === mandate.epoch;
    if (body.epoch > mandate.epoch || (isOfEpoch && body.fenced)) {
      const what = body.fenced ? "this site has fenced itself" : `the lease is of epoch ${body.epoch}`;
      throw new RecoveryError("EpochStale", `epoch ${mandate.epoch} of "${plan.workload}" is over: ${what}`);
    }
    // Nothing is admitted without a store that takes beats.
    if (isOfEpoch && store === undefined) return null;
    // Where the site is the active one already its own beats are no other site's, and the one that follows is announced.
    const untilMs = sentAtMs + writesForMs(lease, lossLimitMs, { enforcerBesideWriter });
    const canary = isActive && body.by === here.name ? withBeat(body.canary, sentAtMs, untilMs) : null;
    return renewedLease(
      body,
      {
        site: here.name,
        by: here.name,
        epoch: mandate.epoch,
        durationMs: isOfEpoch ? Math.max(body.durationMs, lease.durationMs) : lease.durationMs,
        canary,
        unanswered: isOfEpoch ? body.unanswered : undefined,
        fenced: false,
      },
      writeId,
    );
  });
  if (store === undefined) return { loss, detail: `${here.name} is active` };
  const beat = writtenBeat(
    await ports.canary.beat(here.region, {
      at: "here",
      store: store.name,
      workload: plan.workload,
      holder: here.name,
      epoch: mandate.epoch,
      askedAtMs: sentAtMs,
      validForMs: writerGraceMs(lease, lossLimitMs),
    }),
  );
  return { loss, detail: `${here.name} is active; its database took canary ${beat.sequence}` };
};
