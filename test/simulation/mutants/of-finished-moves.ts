import type { Mutant } from "./mutant.ts";

const WITHIN = "faults around a move that is left half-way";

/** Breakages of what finishes a move that was left half-way. */
export const finishedMoveMutants: readonly Mutant[] = [
  {
    name: "lets two executions finish one move",
    edits: [
      {
        file: "packages/operations/steps/begin.ts",
        replace: "if (other !== null) return { ...begun, otherExecution: other };",
        by: "if (other !== null && finishes === null) return { ...begun, otherExecution: other };",
      },
      {
        file: "packages/operations/steps/claim-move.ts",
        replace: "move === null || body.request?.execution !== execution || body.epoch",
        by: "move === null || body.epoch",
      },
    ],
    within: WITHIN,
    seed: 1,
    caughtBy: "one-execution",
  },
  {
    name: "forgets that a move is unfinished",
    edits: [
      {
        file: "packages/recovery/ledger.ts",
        replace: "...(left === null ? {} : { unfinished: left }),\n    ...(claim.holder?.execution",
        by: "...(claim.holder?.execution",
      },
    ],
    within: WITHIN,
    seed: 1,
    caughtBy: "liveness",
  },
  {
    name: "finishes a move in the epoch in which it was left",
    edits: [
      {
        file: "packages/recovery/ledger.ts",
        replace: "epoch: claim.epoch + 1,\n  holder: {\n    ...finisher",
        by: "epoch: claim.epoch,\n  holder: {\n    ...finisher",
      },
    ],
    within: WITHIN,
    seed: 1,
    caughtBy: "epoch-at-every-act",
  },
  {
    name: "says of a finished move that nothing was lost",
    edits: [
      {
        file: "packages/recovery/ledger.ts",
        replace: "succeeds: claim.holder?.execution ?? null,\n    loss: move.loss,",
        by: "succeeds: claim.holder?.execution ?? null,\n    loss: { known: true, interval: { minMs: 0, maxMs: 0 } },",
      },
    ],
    within: WITHIN,
    seed: 1,
    caughtBy: "loss-reported",
  },
  {
    name: "keeps a move for unfinished that has been finished",
    edits: [
      {
        file: "packages/recovery/ledger.ts",
        replace: "...(isHolder && recovered ? withoutMove : before),",
        by: "...before,",
      },
    ],
    within: WITHIN,
    seed: 1,
    caughtBy: "liveness",
  },
];
