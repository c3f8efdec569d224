import * as z from "zod/mini";

/*
 * What events are made of. The functions check them with zod's functional form: what a bundle does not call is left out of
 * it, and does not weigh on its cold start.
 */

export const text = z.string().check(z.minLength(1));
export const count = z.int().check(z.nonnegative());
/** Epochs begin at one: nothing acts in an epoch that was never claimed. */
export const claimedEpoch = z.int().check(z.positive());
