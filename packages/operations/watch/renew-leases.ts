import { fenceDueAtMs } from "@lifeboat/recovery/lease";
import { isSealed, renewedLease, type Claim, type Lease } from "@lifeboat/recovery/ledger";
import { canaryStore } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { swapEntry, type Entry } from "../ledger/change-entry.ts";
import { leasePlaces } from "../ledger/places.ts";
import { beat, doesAnswer, LONGEST_BEAT_MS } from "./beat.ts";
import { reasonOf } from "./own-fence.ts";
import type { WatchContext } from "./watch-context.ts";

type Where = "witness" | "standby";

/** What the active site's watch remembers between two ticks; nothing that another container could not do without. */
export interface RenewalMemory {
  /** Sent (not answered) time of the last renewal that took effect somewhere. */
  readonly renewedAtMs: number;
  readonly canary: Lease["canary"];
  /** The latest beat of any container that may have reached the database, as far as is known; 0: of none. */
  readonly mayHaveBeatenAtMs: number;
  /** The last beat found no database: nothing is written until it answers again. */
  readonly unreached: boolean;
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
  mayHaveBeatenAtMs: 0,
  unreached: false,
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
 *
 * A database that could not be reached is first asked whether it answers: until it does the renewals say that no beat follows
 * them, so that whoever recovers the workload knows when its writer was last admitted.
 */
export const renewLeases = async (
  context: WatchContext,
  claim: Pick<Claim, "epoch" | "activeSite">,
  memory: RenewalMemory,
): Promise<RenewalResult> => {
  const first = memory.next;
  const second: Where = first === "witness" ? "standby" : "witness";
  const store = canaryStore(context.plan);
  const beatFollows = store !== undefined && !memory.unreached;
  let written = memory.written;
  let mayHaveBeatenAtMs = memory.mayHaveBeatenAtMs;
  // One after the other; after a beat that failed, both at once: it is the one that is out of reach that takes the time.
  const groups: readonly (readonly Where[])[] = memory.failing ? [[first, second]] : [[first], [second]];
  for (const group of groups) {
    const sentAtMs = context.ports.clock.nowMs();
    const renew = (where: Where, word: BeatWord): Promise<Renewal | null> =>
      renewAt(context, claim, where, { ...memory, written, mayHaveBeatenAtMs }, word);
    const renewals = await Promise.all(group.map((where) => renew(where, { sentAtMs, beatFollows })));
    written = { ...written, ...entriesOf(group, renewals) };
    mayHaveBeatenAtMs = Math.max(mayHaveBeatenAtMs, ...renewals.map((each) => each?.othersBeatAtMs ?? 0));
    const where = group.find((_, index) => renewals[index] !== null);
    if (where === undefined) continue;
    const renewed: RenewalMemory = {
      ...memory,
      renewedAtMs: sentAtMs,
      mayHaveBeatenAtMs,
      failing: false,
      next: second,
      written,
    };
    if (store === undefined) return { type: "renewed", where, canary: "none", memory: renewed };
    if (!beatFollows) {
      if (await doesAnswer(context, store.name))
        return renewLeases(context, claim, { ...renewed, unreached: false });
      return { type: "renewed", where, canary: "failed", memory: renewed };
    }
    const beaten = await beat(context, store.name, claim.epoch, sentAtMs);
    if (beaten.type === "written")
      return { type: "renewed", where, canary: "written", memory: { ...renewed, canary: beaten.canary } };
    if (beaten.type === "unknown") {
      const untilMs = Math.max(context.ports.clock.nowMs(), sentAtMs + LONGEST_BEAT_MS);
      return { type: "renewed", where, canary: "failed", memory: { ...renewed, mayHaveBeatenAtMs: untilMs } };
    }
    // The renewal said that a beat follows it. None did.
    const takenBack = await Promise.all(
      group.map((place, index) =>
        renewals[index] === null
          ? null
          : renew(place, { sentAtMs, beatFollows: false, voidedAtMs: sentAtMs }),
      ),
    );
    written = { ...written, ...entriesOf(group, takenBack) };
    return { type: "renewed", where, canary: "failed", memory: { ...renewed, written, unreached: true } };
  }
  return countDown(
    context,
    { ...memory, failing: true, next: second, written, mayHaveBeatenAtMs },
    claim.epoch,
    "the lease could be renewed neither at the witness nor at the standby",
  );
};

/** What a renewal says of beats. */
interface BeatWord {
  readonly sentAtMs: number;
  readonly beatFollows: boolean;
  /** A beat that was announced, and is known not to have reached the database. */
  readonly voidedAtMs?: number;
}

interface Renewal {
  readonly entry: Entry<"lease">;
  /** The latest beat that what lay there before told of. */
  readonly othersBeatAtMs: number;
}

const entriesOf = (
  group: readonly Where[],
  renewals: readonly (Renewal | null)[],
): Readonly<Partial<RenewalMemory["written"]>> =>
  Object.fromEntries(group.map((where, index) => [where, renewals[index]?.entry ?? null]));

/** Renews at one place; null: it did not take effect, as far as is known. */
const renewAt = async (
  { plan, here, ports }: SiteContext<never>,
  claim: Pick<Claim, "epoch" | "activeSite">,
  where: Where,
  memory: RenewalMemory,
  { sentAtMs, beatFollows, voidedAtMs }: BeatWord,
): Promise<Renewal | null> => {
  const isOfEpoch = (body: Lease): boolean => body.site === here.name && body.epoch === claim.epoch;
  // What lies in the lease may be another site's last report, or our own of an earlier epoch.
  const isOwn = (body: Lease): boolean => isOfEpoch(body) && body.by === here.name && !isSealed(body);
  /** Every beat was announced at one of the two places first, by whichever container sent it. */
  const beatToldBy = (body: Lease): number => {
    if (!isOfEpoch(body)) return 0;
    // Another site's beats are on another clock.
    const toldMs = isOwn(body) ? (body.canary?.mayHaveBeatenAtMs ?? sentAtMs) : sentAtMs;
    return toldMs === voidedAtMs ? 0 : toldMs;
  };
  let othersBeatAtMs = 0;
  try {
    const entry = await swapEntry(
      ports,
      plan,
      leasePlaces(plan, here.name)[where],
      "lease",
      (body, writeId) => {
        // A lease of a later epoch belongs to somebody who came after us.
        if (body.epoch > claim.epoch) return null;
        othersBeatAtMs = beatToldBy(body);
        const canary = newestCanary(memory.canary, isOwn(body) ? body.canary : null);
        const mayHaveBeatenAtMs = beatFollows ? sentAtMs : Math.max(memory.mayHaveBeatenAtMs, othersBeatAtMs);
        return renewedLease(
          body,
          {
            site: here.name,
            by: here.name,
            epoch: claim.epoch,
            durationMs: plan.ledger.lease.durationMs,
            canary: canary === null ? null : { ...canary, reportedAtMs: sentAtMs, mayHaveBeatenAtMs },
            fenced: false,
          },
          writeId,
        );
      },
      memory.written[where],
    );
    return isOfEpoch(entry.body) ? { entry, othersBeatAtMs } : null;
  } catch {
    return null;
  }
};

/** Containers of the watch take turns, and each knows its own beats only: a report never goes back in time. */
const newestCanary = (one: Lease["canary"], other: Lease["canary"]): Lease["canary"] =>
  one === null || (other !== null && other.acknowledgedAtMs > one.acknowledgedAtMs) ? other : one;

/** Nothing was renewed. The site fences itself once the last renewal that this container knows of is so old. */
export const countDown = async (
  { plan, here, ports }: WatchContext,
  memory: RenewalMemory,
  epoch: number,
  reason: string,
): Promise<RenewalResult> => {
  if (ports.clock.nowMs() < fenceDueAtMs(memory.renewedAtMs, plan.ledger.lease))
    return { type: "not-renewed", memory };
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
