import type { Retrier } from "../definition/machine.ts";
import { drawFraction, type Chance } from "../values/random.ts";

/** Seconds before retry number `attempt` (from 0), without jitter. */
export const retryDelaySeconds = (retrier: Retrier, attempt: number): number => {
  const delay = retrier.intervalSeconds * retrier.backoffRate ** attempt;
  return retrier.maxDelaySeconds === undefined ? delay : Math.min(delay, retrier.maxDelaySeconds);
};

/** Milliseconds before retry number `attempt`; full jitter draws from nothing up to the whole delay. */
export const retryDelayMs = (retrier: Retrier, attempt: number, chance: Chance): number => {
  const seconds = retryDelaySeconds(retrier, attempt);
  return Math.round(1000 * (retrier.jitter === "FULL" ? seconds * drawFraction(chance) : seconds));
};
