import type { Scenario } from "./scenario.ts";
import { backEarly } from "./rare-paths/back-early.ts";
import { raisedFloors } from "./rare-paths/raised-floors.ts";
import { throttledLooks } from "./rare-paths/throttled-looks.ts";
import { backMeanwhile } from "./rare-paths/back-meanwhile.ts";
import { finishedLater } from "./rare-paths/finished-later.ts";
import { givenUp } from "./rare-paths/given-up.ts";
import { thereAndBack } from "./rare-paths/there-and-back.ts";
import { notBegun } from "./rare-paths/not-begun.ts";
import { unheardAlarms } from "./rare-paths/unheard-alarms.ts";
import { planRemoved } from "./rare-paths/plan-removed.ts";

/**
 * Paths that the catalogue's scenarios do not take, and for which roles have permissions all the same. They are for tests of
 * the roles; whoever wants to see a recovery finds one in the catalogue.
 */
export const rarePaths: readonly Scenario[] = [
  backEarly,
  backMeanwhile,
  raisedFloors,
  throttledLooks,
  unheardAlarms,
  givenUp,
  finishedLater,
  thereAndBack,
  planRemoved,
  notBegun,
];
