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
  const strikes: FaultStrike[] = [];
  const last = new Map<string, number>();
  return {
    note(kind, forMs = 0, execution) {
      const fromMs = nowMs();
      const untilMs = fromMs + forMs;
      const key = `${kind} ${execution ?? ""}`;
      const index = last.get(key);
      const before = index === undefined ? undefined : strikes[index];
      if (index !== undefined && before !== undefined && fromMs <= before.untilMs + SAME_MS) {
        if (untilMs > before.untilMs) strikes[index] = { ...before, untilMs };
        return;
      }
      last.set(key, strikes.push({ kind, fromMs, untilMs, execution }) - 1);
    },
    noteSince: (kind, fromMs) => void strikes.push({ kind, fromMs, untilMs: nowMs(), execution: undefined }),
    all: () => strikes,
  };
};
