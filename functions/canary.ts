import { createPostgresCanary, iamPassword } from "@lifeboat/aws/postgres";
import type { DatabaseEndpoint } from "@lifeboat/operations/ports";
import { RecoveryError } from "@lifeboat/recovery/errors";
import { admitsForMs } from "@lifeboat/recovery/lease";
import * as z from "zod/mini";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { variable } from "./runtime/runtime.ts";
import { claimedEpoch, text } from "./runtime/shapes.ts";

const endpoints = z.record(
  z.string(),
  z.strictObject({
    writerHost: z.string(),
    readerHost: z.string(),
    database: z.string(),
    user: z.string(),
    /** The other site's writer, where there is a route to it. */
    peer: z.optional(z.strictObject({ writerHost: z.string(), region: z.string() })),
  }),
);

const at = z.enum(["here", "peer"]);

const request = z.discriminatedUnion("action", [
  z.strictObject({
    action: z.literal("beat"),
    at,
    store: text,
    workload: text,
    holder: text,
    epoch: claimedEpoch,
    // Not asked for by whoever was deployed before it was: executions go on with the functions that they began with.
    askedAtMs: z.optional(z.number()),
    /** Missing: a row of evidence alone, and nobody is admitted for it. */
    validForMs: z.optional(z.number().check(z.positive())),
  }),
  z.strictObject({
    action: z.literal("newest"),
    at: z.enum(["here", "writer", "peer"]),
    store: text,
    workload: text,
  }),
]);

/** A container's environment does not change: it is read once. */
interface Kept {
  databases: z.infer<typeof endpoints> | null;
}

/**
 * The only function inside the databases' network: writes and reads canary rows, and refreshes the lease row that the
 * enforcer watches. `DATABASES` maps each store to its endpoints in this region.
 */
export const canary = defineFunction({
  name: "canary",
  input: request,
  keep: (): Kept => ({ databases: null }),
  run: async (input, { runtime, kept }) => {
    kept.databases ??= endpoints.parse(JSON.parse(variable(runtime, "databases")));
    const known = kept.databases[input.store];
    if (known === undefined)
      throw new RecoveryError("InputInvalid", `no database is configured for the store "${input.store}"`);
    const { peer, ...own } = known;
    if (input.at === "peer" && peer === undefined)
      throw new RecoveryError("InputInvalid", `the plan has no "standIn" for the store "${input.store}"`);
    const endpoint: DatabaseEndpoint =
      input.at === "peer" && peer !== undefined
        ? { ...own, writerHost: peer.writerHost, readerHost: peer.writerHost, region: peer.region }
        : input.at === "writer"
          ? { ...own, readerHost: own.writerHost }
          : own;
    const { canaryDatabase } = runtime;
    if (canaryDatabase === undefined) throw new Error("this function has no way to a database");
    if (input.action === "newest")
      return { newest: await canaryDatabase.readNewest(endpoint, input.workload) };
    const { workload, holder, epoch } = input;
    const { clock } = runtime;
    const startedAtMs = clock.nowMs();
    const { askedAtMs = startedAtMs, validForMs } = input;
    return canaryDatabase.writeBeat(endpoint, {
      workload,
      holder,
      epoch,
      admitsForMs:
        validForMs === undefined
          ? null
          : () => admitsForMs({ askedAtMs, validForMs }, startedAtMs, clock.nowMs()),
      writtenAtMs: startedAtMs,
    });
  },
});

export const handler = onLambda(canary, (connection) => ({
  canaryDatabase: createPostgresCanary(iamPassword(connection), true),
}));
