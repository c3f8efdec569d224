import { fenceDueAtMs, writerGraceMs } from "@lifeboat/recovery/lease";
import { isSealed, renewedLease, type Claim, type Lease } from "@lifeboat/recovery/ledger";
import { canaryStore } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { swapEntry, type Entry } from "../ledger/change-entry.ts";
import { leasePlaces } from "../ledger/places.ts";
import { reasonOf } from "./own-fence.ts";
import type { WatchContext } from "./watch-context.ts";

type Where = "witness" | "standby";

/** What the active site's watch remembers between two ticks; nothing that another container could not do without. */
export interface RenewalMemory {
  /** Sent (not answered) time of the last renewal that took effect somewhere. */
  readonly renewedAtMs: number;
  readonly canary: Lease["canary"];
  /** The last beat could renew nowhere: the next one tries both places at once. */
  readonly failing: boolean;
  /** Which of the two places is renewed next: they take turns. */
  readonly next: Where;
  /** What was written last at each place. */
  readonly written: Readonly<Record<Where, Entry<"lease"> | null>>;
}

export const freshRenewalMemory = (nowMs: number): RenewalMemory => ({
  renewedAtMs: nowMs,
  canary: null,
  failing: false,
  next: "witness",
  written: { witness: null, standby: null },
});

export type RenewalResult =
  | {
      readonly type: "renewed";
      readonly where: Where;
      readonly canary: "written" | "failed" | "none";
      readonly memory: RenewalMemory;
    }
  | { readonly type: "not-renewed"; readonly memory: RenewalMemory }
  | {
      readonly type: "fenced";
      readonly reason: string;
      /** As the fence's answer says. */
      readonly noted: boolean;
      readonly memory: RenewalMemory;
    }
  /** The fence is due, and nobody knows what became of it. */
  | { readonly type: "fence-unanswered"; readonly reason: string; readonly memory: RenewalMemory };

/**
 * One beat of the active site: renews its lease at the witness or at the standby, whose turn it is, and only then lets the
 * enforcer admit writers for that long. Each place is renewed at every second beat, and at every beat when the other one is
 * out of reach: losing one of the two moves and stops nothing. While both are out of reach the site counts down, on its own
 * clock from before its last renewal was sent, and fences itself early enough that the fence stands when the lease ends.
 */
export const renewLeases = async (
  context: WatchContext,
  claim: Pick<Claim, "epoch" | "activeSite">,
  memory: RenewalMemory,
): Promise<RenewalResult> => {
  const first = memory.next;
  const second: Where = first === "witness" ? "standby" : "witness";
  let written = memory.written;
  // One after the other; after a beat that failed, both at once: it is the one that is out of reach that takes the time.
  const groups: readonly (readonly Where[])[] = memory.failing ? [[first, second]] : [[first], [second]];
  for (const group of groups) {
    const sentAtMs = context.ports.clock.nowMs();
    const entries = await Promise.all(group.map((where) => renewAt(context, claim, where, memory, sentAtMs)));
    written = { ...written, ...Object.fromEntries(group.map((where, index) => [where, entries[index]])) };
    const where = group.find((_, index) => entries[index] !== null);
    if (where === undefined) continue;
    const canary = await beat(context, claim.epoch, sentAtMs);
    return {
      type: "renewed",
      where,
      canary: canary === undefined ? "none" : canary === null ? "failed" : "written",
      memory: {
        renewedAtMs: sentAtMs,
        canary: canary ?? memory.canary,
        failing: false,
        next: second,
        written,
      },
    };
  }
  return countDown(context, { ...memory, failing: true, next: second, written }, claim.epoch);
};

/** Renews at one place; null: it did not take effect, as far as is known. */
const renewAt = async (
  { plan, here, ports }: SiteContext<never>,
  claim: Pick<Claim, "epoch" | "activeSite">,
  where: Where,
  memory: RenewalMemory,
  sentAtMs: number,
): Promise<Entry<"lease"> | null> => {
  // What lies in the lease may be another site's last report, or our own of an earlier epoch.
  const isOwn = (body: Lease): boolean =>
    body.site === here.name && body.by === here.name && body.epoch === claim.epoch && !isSealed(body);
  try {
    const now = await swapEntry(
      ports,
      plan,
      leasePlaces(plan, here.name)[where],
      "lease",
      (body, writeId) =>
        // A lease of a later epoch belongs to somebody who came after us.
        body.epoch > claim.epoch
          ? null
          : renewedLease(
              body,
              {
                site: here.name,
                by: here.name,
                epoch: claim.epoch,
                durationMs: plan.ledger.lease.durationMs,
                canary: reportAt(newestCanary(memory.canary, isOwn(body) ? body.canary : null), sentAtMs),
                fenced: false,
              },
              writeId,
            ),
      memory.written[where],
    );
    return now.body.site === here.name && now.body.epoch === claim.epoch ? now : null;
  } catch {
    return null;
  }
};

/** Containers of the watch take turns, and each knows its own beats only: a report never goes back in time. */
const newestCanary = (one: Lease["canary"], other: Lease["canary"]): Lease["canary"] =>
  one === null || (other !== null && other.acknowledgedAtMs > one.acknowledgedAtMs) ? other : one;

const reportAt = (canary: Lease["canary"], reportedAtMs: number): Lease["canary"] =>
  canary === null ? null : { ...canary, reportedAtMs };

/** Writes the canary and refreshes the enforcer's row. Null: the database did not take it; undefined: no such store. */
const beat = async (
  { plan, here, ports }: SiteContext<"canary">,
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
      at: "here",
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

const countDown = async (
  { plan, here, ports }: WatchContext,
  memory: RenewalMemory,
  epoch: number,
): Promise<RenewalResult> => {
  if (ports.clock.nowMs() < fenceDueAtMs(memory.renewedAtMs, plan.ledger.lease))
    return { type: "not-renewed", memory };
  const reason = "the lease could be renewed neither at the witness nor at the standby";
  let noted: boolean;
  try {
    ({ noted } = await ports.tending.fence(here.region, {
      workload: plan.workload,
      news: {
        // A watch that reaches no ledger counts down under the epoch 0.
        epoch: epoch === 0 ? null : epoch,
        reason,
        // By the minute of the last renewal: runs of the watch that overlap tell of one fence.
        distinct: String(Math.floor(memory.renewedAtMs / 60_000)),
      },
    }));
  } catch (error) {
    return { type: "fence-unanswered", reason: reasonOf(error), memory };
  }
  return { type: "fenced", reason: `${here.name}: ${reason}`, noted, memory };
};
