import type { Claim } from "./ledger.ts";

export interface CooldownVerdict {
  readonly over: boolean;
  readonly reason: string;
}

/**
 * After a finished recovery nothing automatic happens for a while, so that a flapping region does not move a workload to
 * and fro. A recovery that never completed does not block the next: it left `recoveredAtMs` alone. The times may come
 * from clocks of two sites; minutes of cooldown do not mind a second.
 */
export const judgeCooldown = (
  claim: Pick<Claim, "recoveredAtMs">,
  cooldownMs: number,
  nowMs: number,
): CooldownVerdict => {
  if (claim.recoveredAtMs === null) return { over: true, reason: "no recovery has finished before" };
  const remainingMs = claim.recoveredAtMs + cooldownMs - nowMs;
  return remainingMs <= 0
    ? { over: true, reason: "the cooldown after the last recovery is over" }
    : {
        over: false,
        reason: `the last recovery finished ${Math.round((nowMs - claim.recoveredAtMs) / 1000)} s ago; the cooldown lasts ${Math.ceil(remainingMs / 1000)} s more. A person may start one with an override`,
      };
};
