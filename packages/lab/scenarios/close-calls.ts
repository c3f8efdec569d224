import { stoppedInTheClaim } from "./close-calls/stopped-in-the-claim.ts";
import type { Scenario } from "./scenario.ts";
import { abortedInFlight } from "./close-calls/aborted-in-flight.ts";
import { backInTheClaim } from "./close-calls/back-in-the-claim.ts";
import { fenceToldOnce } from "./close-calls/fence-told-once.ts";
import { holderOvertaken } from "./close-calls/holder-overtaken.ts";
import { leaseUnread } from "./close-calls/lease-unread.ts";
import { lostAndCutOff } from "./close-calls/lost-and-cut-off.ts";
import { requestNeverStarted } from "./close-calls/request-never-started.ts";
import { wellAgainUntold } from "./close-calls/well-again-untold.ts";

/**
 * Schedules in which one single guard stands between the workload and harm. They hardly come about by chance, so that without
 * them nobody would notice that the guard is gone: each is there for a mutant in `test/simulation/mutants`.
 */
export const closeCalls: readonly Scenario[] = [
  leaseUnread,
  lostAndCutOff,
  fenceToldOnce,
  holderOvertaken,
  backInTheClaim,
  abortedInFlight,
  requestNeverStarted,
  wellAgainUntold,
  stoppedInTheClaim,
];
