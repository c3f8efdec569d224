import type { FaultKind } from "./fault.ts";

/** A time in which a fault did something to somebody, and on whose behalf the victim worked, where that is known. */
export interface FaultStrike {
  readonly kind: FaultKind;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly execution: string | undefined;
}

/** What struck, and whom. */
export interface StrikeLog {
  /** `forMs`: for how long its victim feels it. */
  note(kind: FaultKind, forMs?: number, execution?: string): void;
  /** What struck everybody from then on until now. */
  noteSince(kind: FaultKind, fromMs: number): void;
  all(): readonly FaultStrike[];
}

/** Strikes of one kind on one victim that are no further apart than this are kept as one. */
const SAME_MS = 100;

export const createStrikeLog = (nowMs: () => number): StrikeLog => {
  type Strike = FaultStrike & { untilMs: number };
  const strikes: Strike[] = [];
  // A clock that is wrong strikes with each look at it: so no key is spelt for it.
  const lastOf = new Map<FaultKind, Map<string | undefined, Strike>>();
  return {
    note(kind, forMs = 0, execution) {
      const fromMs = nowMs();
      const untilMs = fromMs + forMs;
      const ofKind = lastOf.get(kind) ?? new Map<string | undefined, Strike>();
      const before = ofKind.get(execution);
      if (before !== undefined && fromMs <= before.untilMs + SAME_MS) {
        if (untilMs > before.untilMs) before.untilMs = untilMs;
        return;
      }
      const strike: Strike = { kind, fromMs, untilMs, execution };
      strikes.push(strike);
      lastOf.set(kind, ofKind.set(execution, strike));
    },
    noteSince: (kind, fromMs) => void strikes.push({ kind, fromMs, untilMs: nowMs(), execution: undefined }),
    all: () => strikes,
  };
};
