import type { LossInterval } from "@lifeboat/recovery/loss";

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Data loss is never silent: whoever hears of a recovery hears what it lost. Null: it is not known. */
export const lossInWords = (rpo: LossInterval | null): string =>
  rpo === null
    ? "Lost: an unknown amount of acknowledged writes."
    : `Lost: between ${seconds(rpo.minMs)} and ${seconds(rpo.maxMs)} of acknowledged writes.`;
