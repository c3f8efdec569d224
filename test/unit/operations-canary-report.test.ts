import { canaryReport, NOTHING_ANNOUNCED, type BeatWord } from "@lifeboat/operations/watch/canary-report";
import { firstLease, renewedLease, type Lease } from "@lifeboat/recovery/ledger";
import { describe, expect, it } from "vitest";

const SENT_MS = 1_000_000;
const terms = { renewEveryMs: 10_000, writesForMs: 40_000, enforcerBesideWriter: true };
const unenforced = { ...terms, writesForMs: 90_000, enforcerBesideWriter: false };
const row = {
  sequence: 7,
  acknowledgedAtMs: SENT_MS - 20_000,
  periodMs: 10_000,
  reportedAtMs: SENT_MS - 20_000,
};
const knowing = { canary: row, announced: NOTHING_ANNOUNCED, unanswered: null };

/** What this site's watch has written before. */
const leaseWith = (told: Partial<NonNullable<Lease["canary"]>>): Lease => {
  const renewal = { site: "ireland", by: "ireland", epoch: 1, durationMs: 90_000, fenced: false };
  const first = firstLease("spacelift", "ireland", 90_000, "w0");
  return renewedLease(first, { ...renewal, canary: { ...row, ...told } }, "w1");
};

const untilMs = (before: Lease | null, word: Partial<BeatWord>, by: typeof terms = terms) => {
  const whole = { sentAtMs: SENT_MS, beatFollows: true, ...word };
  return canaryReport(knowing, before, "ireland", whole, by).canary?.writesUntilMs;
};

describe("until when something may be written, as a renewal tells it", () => {
  const earlier = leaseWith({ mayHaveBeatenAtMs: SENT_MS - 20_000, writesUntilMs: SENT_MS + 20_000 });

  it("is what the beat that follows admits, or what an earlier one still does, by whatever terms that was sent", () => {
    expect(untilMs(earlier, {})).toBe(SENT_MS + 40_000);
    const long = leaseWith({ mayHaveBeatenAtMs: SENT_MS - 20_000, writesUntilMs: SENT_MS + 200_000 });
    expect(untilMs(long, {})).toBe(SENT_MS + 200_000);
  });

  it("is what was announced before, where no beat follows", () => {
    expect(untilMs(earlier, { beatFollows: false })).toBe(SENT_MS + 20_000);
  });

  it("goes by these terms for a beat that was announced without it", () => {
    const older = leaseWith({ mayHaveBeatenAtMs: SENT_MS - 15_000 });
    expect(untilMs(older, { beatFollows: false })).toBe(SENT_MS + 25_000);
  });

  it("is counted from now where what lies there is another's: its clock is", () => {
    expect(untilMs({ ...earlier, by: "paris" }, { beatFollows: false })).toBe(SENT_MS + 40_000);
    expect(untilMs(null, { beatFollows: false })).toBe(SENT_MS + 40_000);
  });

  it("forgets what was announced with a beat that is known not to have been written, and nothing that lasts longer", () => {
    const voided = { beatFollows: false, voidedAtMs: SENT_MS };
    const own = leaseWith({ mayHaveBeatenAtMs: SENT_MS, writesUntilMs: SENT_MS + 40_000 });
    expect(untilMs(own, voided)).toBe(0);
    const long = leaseWith({ mayHaveBeatenAtMs: SENT_MS, writesUntilMs: SENT_MS + 200_000 });
    expect(untilMs(long, voided)).toBe(SENT_MS + 200_000);
  });

  it("is the lease's end without an enforcer, whether or not a beat follows or was written", () => {
    for (const beatFollows of [true, false])
      expect(untilMs(earlier, { beatFollows }, unenforced)).toBe(SENT_MS + 90_000);
    const own = leaseWith({ mayHaveBeatenAtMs: SENT_MS - 10, writesUntilMs: SENT_MS + 90_000 - 10 });
    const voided = canaryReport(
      knowing,
      own,
      "ireland",
      { sentAtMs: SENT_MS - 10, beatFollows: false, voidedAtMs: SENT_MS - 10 },
      unenforced,
    );
    expect(voided.others.writesUntilMs).toBe(SENT_MS + 90_000 - 10);
  });
});
