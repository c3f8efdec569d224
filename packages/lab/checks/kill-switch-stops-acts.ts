import { actsIn, isOurs, nameOf } from "./acts.ts";
import type { Checker } from "./evidence.ts";
import { isOwnFence } from "./own-fence.ts";

/** A call that was allowed just before may still be sent: one look at the ledger takes no longer than this. */
const ON_ITS_WAY_MS = 5000;

/** The kill switch stops all automation at once (invariant 14): no act and no new claim while it is on. */
export const killSwitchStopsActs: Checker = (evidence) => {
  const { switches, claims } = evidence;
  const onAt = (atMs: number): boolean => {
    const last = switches.findLast((version) => version.atMs <= atMs);
    return last?.body.on === true && last.atMs + ON_ITS_WAY_MS < atMs;
  };
  const acts = actsIn(evidence).filter(
    (record) => isOurs(record) && onAt(record.atMs) && !isOwnFence(evidence, record),
  );
  const newClaims = claims.filter(
    ({ atMs, body }, index) => onAt(atMs) && body.epoch > (claims[index - 1]?.body.epoch ?? body.epoch),
  );
  return [
    ...acts.map((record) => ({
      invariant: "kill-switch-stops-acts",
      message: `${nameOf(record)} by ${record.origin.principal} under the kill switch`,
      atMs: record.atMs,
    })),
    ...newClaims.map(({ atMs, body }) => ({
      invariant: "kill-switch-stops-acts",
      message: `epoch ${body.epoch} was claimed under the kill switch`,
      atMs,
    })),
  ];
};
