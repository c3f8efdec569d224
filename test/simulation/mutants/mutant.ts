export interface Edit {
  readonly file: string;
  /** The text that is replaced, which stands in the file exactly once. */
  readonly replace: string;
  readonly by: string;
}

/** A deliberate breakage of production code, and who has to notice it. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /**
   * A scenario of the catalogue, a close call, a rare path, `faults`, `faults around the claim`, or `faults around a move that is left
   * half-way`.
   */
  readonly within: string;
  /** The first seed at which it was caught when that was looked for last; where it no longer is, others are tried. */
  readonly seed: number;
  /** The checker that has to fire, or `liveness`: users are not served, or the workload is not protected, in the end. */
  readonly caughtBy: string;
}

/** Where many of them are looked for. */
export const REGION_LOSS = { within: "region-loss", seed: 1 };
export const ISOLATED = { within: "primary-isolated", seed: 1 };
