import * as z from "zod";

/** Pieces of the inputs that the state machines hand to functions. Unknown keys are refused: a typo must not be ignored. */
const text = z.string().min(1);

export const sighting = z.strictObject({
  revision: z.number().int(),
  sinceMs: z.number(),
  canarySilentForMs: z.number(),
  durationMs: z.number(),
  fenced: z.boolean(),
});
export const sightings = z.strictObject({ witness: sighting.nullable(), standby: sighting.nullable() });

export const override = z.strictObject({
  who: text.describe("who takes the responsibility"),
  why: text.describe("why the plan's rules do not apply"),
  acceptLossMs: z
    .union([z.number().nonnegative(), z.literal("any")])
    .nullable()
    .default(null),
});

/** The part that every step of an execution gets. */
export const stepBase = {
  workload: text,
  planHash: text,
  execution: text,
};

export const mandateBase = { ...stepBase, epoch: z.number().int().positive() };

/** What people have approved, and in which epoch they did. */
export const approval = z.strictObject({
  persons: z.number().int().nonnegative(),
  acceptsLossMs: z.union([z.number(), z.literal("any")]).nullable(),
  epoch: z.number().int(),
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

export const memo = z.strictObject({ startedAtMs: z.number(), actedAtMs: z.number().optional() }).nullable();

/** A step over one resource of the plan, called until it answers `done`. */
export const itemStep = z.strictObject({ ...mandateBase, item: text, memo });
