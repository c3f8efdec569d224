import type { Fault } from "@lifeboat/cloud/faults/fault";
import { createRandom, type Random } from "@lifeboat/cloud/kernel/random";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { faultOf, pickKind, placesOf, type Places } from "./generate-faults.ts";

/** When the active site goes. */
const FROM_MS = 30_000;
const TO_MS = 75_000;
/** What makes a step hold lasts until the people on duty have given it up, or goes on for a while after that. */
const IN_THE_WAY_FROM_MS = 40_000;
const IN_THE_WAY_TO_MS = 300_000;
/** Only who finishes a move looks at its stores again. */
const FINISHER_ENTERS = "ConfirmStores";
/** It is through with the rest about so long after that. */
const FINISHED_AFTER_MS = 240_000;
/** People answer the first hold within so long. */
const ANSWERED_AFTER_MS = 150_000;

/**
 * A schedule of faults around a move that is left half-way: the active site is lost, a step after the promotion holds, people give it
 * up (`givesUp` of a task has the crew do so) and finish it later, while this and that goes wrong. It ends with the move finished, or
 * with the next one.
 */
export const generateFinishFaults = (plan: RecoveryPlan, seed: number): readonly Fault[] => {
  const random = createRandom(`finish-schedule/${seed}`);
  const places = placesOf(plan);
  const { primary, standby: region } = places;
  const returns = random.integer(1, 100) <= 50;
  const [service, entering] =
    random.integer(1, 100) <= 65 ? ["ecs", "StartServices"] : ["auto-scaling", "RestartWorkers"];
  const more = random.integer(2, 5);
  return [
    {
      kind: "site-loss",
      place: primary,
      plane: "both",
      atMs: random.integer(FROM_MS, TO_MS),
      forMs: returns ? random.integer(300_000, 1_500_000) : null,
    },
    {
      kind: "throttling",
      region,
      service,
      chance: 1,
      entering,
      atMs: 0,
      forMs: random.integer(IN_THE_WAY_FROM_MS, IN_THE_WAY_TO_MS),
    },
    ...Array.from({ length: more }, () => around(random, places)),
  ];
};

/** Mostly while the move is finished, or else about when it is given up. */
const around = (random: Random, places: Places): Fault => {
  const [entering, withinMs] =
    random.integer(1, 100) <= 75 ? [FINISHER_ENTERS, FINISHED_AFTER_MS] : ["BeginHold", ANSWERED_AFTER_MS];
  const fault = faultOf(random, pickKind(random), random.integer(0, withinMs), places);
  // Clocks do not jump: one that is off was so from the beginning.
  return fault.kind === "clock-drift" ? fault : { ...fault, entering };
};
