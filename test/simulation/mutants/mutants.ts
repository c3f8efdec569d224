import type { Mutant } from "./mutant.ts";
import { finishedMoveMutants } from "./of-finished-moves.ts";
import { peopleMutants } from "./of-people.ts";
import { stepMutants } from "./of-steps.ts";
import { decisionMutants } from "./of-the-decision.ts";
import { leaseMutants } from "./of-the-lease.ts";
import { ledgerMutants } from "./of-the-ledger.ts";
import { watchMutants } from "./of-the-watch.ts";

/** What became of a mutant. */
export interface Caught {
  /** Null: nobody whose task it was noticed it. */
  readonly seed: number | null;
  readonly noticedBy: readonly string[];
  readonly tried: number;
}

/** A mutant has to be caught within so many seeds. */
export const MOST_SEEDS = 200;

/** All of them; CI prints them in this order. */
export const mutants: readonly Mutant[] = [
  ...decisionMutants,
  ...leaseMutants,
  ...ledgerMutants,
  ...stepMutants,
  ...watchMutants,
  ...peopleMutants,
  ...finishedMoveMutants,
];
