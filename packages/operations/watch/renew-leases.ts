import { fenceDueAtMs, writesForMs } from "@lifeboat/recovery/lease";
import { renewedLease, type Claim, type Lease } from "@lifeboat/recovery/ledger";
import { canaryStore } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { swapEntry, type Entry } from "../ledger/change-entry.ts";
import { leasePlaces } from "../ledger/places.ts";
import { beat, doesAnswer, LONGEST_BEAT_MS, type Beaten } from "./beat.ts";
import {
  canaryReport,
  latestOf,
  NOTHING_ANNOUNCED,
  type Announced,
  type BeatWord,
  type KnownBeats,
  type RenewalTerms,
} from "./canary-report.ts";
import { reasonOf } from "./own-fence.ts";
import type { WatchContext } from "./watch-context.ts";

type Where = "witness" | "standby";

/** What the active site's watch remembers between two ticks; nothing that another container could not do without. */
export interface RenewalMemory extends KnownBeats {
  /** Sent (not answered) time of the last renewal that took effect somewhere. */
  readonly renewedAtMs: number;
  /** The last beat found no database: nothing is written until it answers again. */
  readonly unreached: boolean;
  /** The last beat could renew nowhere: the next one tries both places at once. */
  readonly failing: boolean;
  /** Which of the two places is renewed next: they take turns. */
  readonly next: Where;
  /** A fence stopped this site and could not note that: whatever stands still has to be started on this container's word. */
  readonly fenceUnnoted: boolean;
  /** What was written last at each place. */
  readonly written: Readonly<Record<Where, Entry<"lease"> | null>>;
}

export const freshRenewalMemory = (nowMs: number): RenewalMemory => ({
  renewedAtMs: nowMs,
  canary: null,
  announced: NOTHING_ANNOUNCED,
  unanswered: null,
  unreached: false,
  failing: false,
  next: "witness",
  fenceUnnoted: false,
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
  | { readonly type: "fenced"; readonly reason: string; readonly memory: RenewalMemory }
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
  let { announced } = memory;
  // One after the other; after a beat that failed, both at once: it is the one that is out of reach that takes the time.
  const groups: readonly (readonly Where[])[] = memory.failing ? [[first, second]] : [[first], [second]];
  for (const group of groups) {
    const sentAtMs = context.ports.clock.nowMs();
    const renewals = await Promise.all(
      group.map((where) =>
        renewAt(context, claim, where, { ...memory, written, announced }, { sentAtMs, beatFollows }),
      ),
    );
    written = { ...written, ...entriesOf(group, renewals) };
    announced = latestOf(announced, ...renewals.map((each) => each?.others ?? NOTHING_ANNOUNCED));
    const where = group.find((_, index) => renewals[index] !== null);
    if (where === undefined) continue;
    const renewed: RenewalMemory = {
      ...memory,
      renewedAtMs: sentAtMs,
      announced,
      failing: false,
      next: second,
      written,
    };
    if (store === undefined) return { type: "renewed", where, canary: "none", memory: renewed };
    if (!beatFollows && (await doesAnswer(context, store.name)))
      return renewLeases(context, claim, { ...renewed, unreached: false });
    const beaten: Beaten = beatFollows
      ? await beat(context, store.name, claim.epoch, sentAtMs)
      : { type: "unreached" };
    if (beaten.type === "written") {
      const answered: RenewalMemory = { ...renewed, canary: beaten.canary, unanswered: null };
      if (renewals.every((each) => each?.entry.body.unanswered === undefined))
        return { type: "renewed", where, canary: "written", memory: answered };
      // The leases say that beats go unanswered, and somebody may act on that: not until the next tick.
      const both: readonly Where[] = [first, second];
      const word: BeatWord = { sentAtMs, beatFollows: false };
      const corrected = await Promise.all(
        both.map((place) => renewAt(context, claim, place, answered, word)),
      );
      written = { ...written, ...entriesOf(both, corrected) };
      return { type: "renewed", where, canary: "written", memory: { ...answered, written } };
    }
    const sinceMs = Math.min(...renewals.map((each) => each?.entry.body.unanswered?.sinceMs ?? sentAtMs));
    const failed: RenewalMemory = { ...renewed, unanswered: { sinceMs, lastMs: sentAtMs } };
    if (beaten.type === "unknown") {
      const untilMs = Math.max(context.ports.clock.nowMs(), sentAtMs + LONGEST_BEAT_MS);
      // Written as late as that it admits nobody for longer: what it admits is counted from when it was sent.
      const late = latestOf(announced, {
        mayHaveBeatenAtMs: untilMs,
        writesUntilMs: sentAtMs + termsOf(context).writesForMs,
      });
      return { type: "renewed", where, canary: "failed", memory: { ...failed, announced: late } };
    }
    if (!beatFollows) return { type: "renewed", where, canary: "failed", memory: failed };
    // The renewal said that a beat follows it. None did.
    const word: BeatWord = { sentAtMs, beatFollows: false, voidedAtMs: sentAtMs };
    const takenBack = await Promise.all(
      group.map((place, index) =>
        renewals[index] === null ? Promise.resolve(null) : renewAt(context, claim, place, failed, word),
      ),
    );
    written = { ...written, ...entriesOf(group, takenBack) };
    return { type: "renewed", where, canary: "failed", memory: { ...failed, written, unreached: true } };
  }
  return countDown(
    context,
    { ...memory, failing: true, next: second, written, announced },
    claim.epoch,
    "the lease could be renewed neither at the witness nor at the standby",
  );
};

interface Renewal {
  readonly entry: Entry<"lease">;
  /** What lay there before told of. */
  readonly others: Announced;
}

const termsOf = ({ plan }: Pick<SiteContext<never>, "plan">): RenewalTerms => {
  const { lease } = plan.ledger;
  const enforcerBesideWriter = (canaryStore(plan)?.enforcer ?? "none") !== "none";
  return {
    renewEveryMs: lease.renewEveryMs,
    writesForMs: writesForMs(lease, plan.decision.lossLimitMs, { enforcerBesideWriter }),
    enforcerBesideWriter,
  };
};

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
  word: BeatWord,
): Promise<Renewal | null> => {
  const isOfEpoch = (body: Lease): boolean => body.site === here.name && body.epoch === claim.epoch;
  const { durationMs } = plan.ledger.lease;
  let others = NOTHING_ANNOUNCED;
  try {
    const entry = await swapEntry(
      ports,
      plan,
      leasePlaces(plan, here.name)[where],
      "lease",
      (body, writeId) => {
        // A lease of a later epoch belongs to somebody who came after us.
        if (body.epoch > claim.epoch) return null;
        const before = isOfEpoch(body) ? body : null;
        const report = canaryReport(memory, before, here.name, word, termsOf({ plan }));
        ({ others } = report);
        return renewedLease(
          body,
          {
            site: here.name,
            by: here.name,
            epoch: claim.epoch,
            durationMs,
            canary: report.canary,
            unanswered: report.unanswered,
            fenced: false,
          },
          writeId,
        );
      },
      memory.written[where],
    );
    return isOfEpoch(entry.body) ? { entry, others } : null;
  } catch {
    return null;
  }
};

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
      unnoted: memory.fenceUnnoted,
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
  return { type: "fenced", reason: `${here.name}: ${reason}`, memory: { ...memory, fenceUnnoted: !noted } };
};
