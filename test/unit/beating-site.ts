import {
  canaryReport,
  latestOf,
  NOTHING_ANNOUNCED,
  type Announced,
} from "@lifeboat/operations/watch/canary-report";
import { LONGEST_BEAT_MS } from "@lifeboat/operations/watch/beat";
import { firstLease, renewedLease, type Lease } from "@lifeboat/recovery/ledger";
import type { LossEvidence } from "@lifeboat/recovery/loss";
import * as fc from "fast-check";

export const periodMs = 10_000;
/** A beat admits writers for so long, counted from before its renewal was sent. */
const graceMs = 30_000;
/** The enforcer ends their sessions within this time. */
const endedWithinMs = 10_000;
export const writesForMs = graceMs + endedWithinMs;

/** By the plan before this one a beat admitted writers for so much longer. */
const oncePermittedMs = 90_000;

/** One tick of the active site's watch. */
interface Tick {
  /** How much later than a period after the one before; negative: earlier. */
  readonly lateMs: number;
  /** Which of its containers ticks: each remembers its own beats alone. */
  readonly container: 0 | 1;
  readonly place: 0 | 1;
  /** From the renewal to the start of the canary function, and from there to the commit. */
  readonly startsAfterMs: number;
  readonly commitsAfterMs: number;
  /** `stalled`: the database stands still with the beat in flight, and takes it a good while later. */
  readonly beat: "answered" | "unanswered" | "stalled" | "not-written";
  /** The container goes by the plan before this one; not in the first renewals of an epoch, whose lease carries no canary yet. */
  readonly byOldPlan: boolean;
}

export interface History {
  readonly ticks: readonly Tick[];
  /** Since the last tick: the site is cut off then, and goes on by itself. */
  readonly cutAfterMs: number;
  /** For how long nothing had come over to the standby any more. */
  readonly behindMs: number;
  /** How long the enforcer took to end the sessions. */
  readonly endedAfterMs: number;
}

const ms = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
const usually = <Value>(usual: fc.Arbitrary<Value>, rare: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: rare });

const anyTick: fc.Arbitrary<Tick> = fc.record({
  lateMs: usually(fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: -9999, max: 30_000 })),
  container: fc.constantFrom(0, 1),
  place: fc.constantFrom(0, 1),
  startsAfterMs: usually(ms(500), ms(9000)),
  commitsAfterMs: usually(ms(100), ms(6000)),
  beat: usually(fc.constant("answered"), fc.constantFrom("unanswered", "stalled", "not-written")),
  byOldPlan: usually(fc.constant(false), fc.boolean()),
});

export const anyHistory: fc.Arbitrary<History> = fc.record({
  ticks: fc.array(anyTick, { minLength: 4, maxLength: 12 }),
  cutAfterMs: ms(20_000),
  behindMs: usually(ms(1000), ms(60_000)),
  endedAfterMs: ms(endedWithinMs),
});

interface Beat {
  readonly sequence: number;
  readonly writtenAtMs: number;
  readonly committedAtMs: number;
  readonly admitsUntilMs: number;
  readonly answeredAtMs: number;
}

/** What a site that lives such a history leaves behind, and what users lose if the standby is promoted then. */
export const lived = (
  history: History,
): {
  readonly evidence: LossEvidence;
  /** From the first write that did not arrive to the last that was made. */
  readonly lostMs: number;
  /** The same for a site that died with its last beat: canaries that it acknowledged did not arrive. */
  readonly trueMinMs: number;
} => {
  const known: { canary: Lease["canary"]; announced: Announced; answered: Beat | null }[] = [0, 1].map(
    () => ({
      canary: null,
      announced: NOTHING_ANNOUNCED,
      answered: null,
    }),
  );
  const leases: Lease[] = [0, 1].map((place) => firstLease("w", "ireland", 90_000, `first-${place}`));
  const beats: Beat[] = [];
  let sentAtMs = 1_000_000;
  for (const { lateMs, container, place, startsAfterMs, commitsAfterMs, beat, byOldPlan } of history.ticks) {
    sentAtMs += periodMs + lateMs;
    const memory = known[container];
    const before = leases[place];
    if (memory === undefined || before === undefined) throw new Error("two containers, two places");
    const isOld = byOldPlan && leases.every((lease) => lease.canary !== null);
    const admitsMs = graceMs + (isOld ? oncePermittedMs : 0);
    const terms = {
      renewEveryMs: periodMs,
      writesForMs: admitsMs + endedWithinMs,
      enforcerBesideWriter: true,
    };
    // What was answered after this container's last tick it knows by now.
    const { answered } = memory;
    if (answered !== null && answered.answeredAtMs <= sentAtMs)
      memory.canary = {
        sequence: answered.sequence,
        acknowledgedAtMs: answered.writtenAtMs,
        periodMs,
        reportedAtMs: answered.writtenAtMs,
      };
    const word = { sentAtMs, beatFollows: true };
    const { canary } = canaryReport({ ...memory, unanswered: null }, before, "ireland", word, terms);
    leases[place] = renewedLease(
      before,
      { site: "ireland", by: "ireland", epoch: 1, durationMs: 90_000, canary, fenced: false },
      `${sentAtMs}`,
    );
    const writtenAtMs = sentAtMs + startsAfterMs;
    const committedAtMs = writtenAtMs + commitsAfterMs + (beat === "stalled" ? 45_000 : 0);
    if (beat !== "not-written")
      beats.push({
        sequence: beats.length + 1,
        writtenAtMs,
        committedAtMs,
        admitsUntilMs: sentAtMs + admitsMs,
        answeredAtMs: committedAtMs,
      });
    const last = beats.at(-1);
    if (beat === "answered" && last !== undefined) memory.answered = last;
    else {
      const late = {
        mayHaveBeatenAtMs: sentAtMs + LONGEST_BEAT_MS,
        writesUntilMs: sentAtMs + terms.writesForMs,
      };
      memory.announced = latestOf(memory.announced, late);
    }
  }
  const cutAtMs = sentAtMs + history.cutAfterMs;
  const arrivedUntilMs = cutAtMs - history.behindMs;
  const newest = beats.findLast(({ committedAtMs }) => committedAtMs <= arrivedUntilMs);
  const byReport = leases.toSorted(
    (left, right) => (left.canary?.reportedAtMs ?? 0) - (right.canary?.reportedAtMs ?? 0),
  );
  const canary = byReport.at(-1)?.canary ?? null;
  const told = leases.map((lease) => lease.canary?.mayHaveBeatenAtMs);
  const writesUntilMs = Math.max(0, ...leases.map((lease) => lease.canary?.writesUntilMs ?? 0));
  const mayHaveBeatenAtMs = told.includes(undefined) ? undefined : Math.max(...told.map((each) => each ?? 0));
  const wroteUntilMs = Math.max(
    cutAtMs,
    ...beats
      .filter(({ committedAtMs, admitsUntilMs }) => committedAtMs < admitsUntilMs)
      .map(({ admitsUntilMs }) => admitsUntilMs + history.endedAfterMs),
  );
  return {
    evidence: {
      lastAcknowledged: canary === null ? null : { ...canary, mayHaveBeatenAtMs, writesUntilMs },
      newestOnStandby:
        newest === undefined ? null : { sequence: newest.sequence, writtenAtMs: newest.writtenAtMs },
      writesForMs,
      enforcerBesideWriter: true,
    },
    lostMs: Math.max(0, wroteUntilMs - arrivedUntilMs),
    trueMinMs: Math.max(
      0,
      ...beats
        .filter(
          ({ answeredAtMs, committedAtMs }) => answeredAtMs <= cutAtMs && committedAtMs > arrivedUntilMs,
        )
        .map(({ writtenAtMs }) => writtenAtMs - (newest?.writtenAtMs ?? 0)),
    ),
  };
};
