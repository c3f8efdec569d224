import * as z from "zod/mini";
import { claimedEpoch, count, text } from "./shapes.ts";

/** Pieces of the inputs that the state machines hand to functions. Unknown keys are refused: a typo must not be ignored. */
export const sighting = z.strictObject({
  revision: z.int(),
  sinceMs: z.number(),
  canarySilentForMs: z.number(),
  durationMs: z.number(),
  fenced: z.boolean(),
});
export const sightings = z.strictObject({ witness: z.nullable(sighting), standby: z.nullable(sighting) });

export const override = z.strictObject({
  /** Who takes the responsibility. */
  who: text,
  /** Why the plan's rules do not apply. */
  why: text,
  acceptLossMs: z._default(z.nullable(z.union([z.number().check(z.nonnegative()), z.literal("any")])), null),
});

/** The part that every step of an execution gets. */
export const stepBase = {
  workload: text,
  planHash: text,
  execution: text,
};

export const mandateBase = { ...stepBase, epoch: claimedEpoch };

/** What people have approved, and in which epoch they did. */
export const approval = z.strictObject({
  persons: count,
  acceptsLossMs: z.nullable(z.union([z.number(), z.literal("any")])),
  epoch: z.int(),
});

/** A loss as it was measured or is to be expected. */
export const expectedLoss = z.union([
  z.strictObject({
    known: z.literal(true),
    interval: z.strictObject({ minMs: z.number(), maxMs: z.number() }),
  }),
  // Whether asking again may settle it is of no use to people: left out.
  z.object({ known: z.literal(false), reason: z.string() }),
]);

export const memo = z.nullable(
  z.strictObject({ startedAtMs: z.number(), actedAtMs: z.exactOptional(z.number()) }),
);

/** A step over one resource of the plan, called until it answers `done`. */
export const itemStep = z.strictObject({ ...mandateBase, item: text, memo });

/** The move to this site that an execution finishes: who began it, and when, if that is known. */
export const finishes = z.nullable(z.strictObject({ execution: text, startedAtMs: z.nullable(z.number()) }));
