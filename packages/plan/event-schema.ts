import { outcomes } from "@lifeboat/recovery/outcome";
import type { RecoveryEvent } from "@lifeboat/recovery/recovery-event";
import * as z from "zod";

/** The schemas of the events that Lifeboat tells: `detail` of an event whose `source` is `lifeboat`. */
const text = (description: string) => z.string().min(1).describe(description);
const epoch = (description: string) => z.int().nonnegative().describe(description);

const told = <Type extends string, Shape extends z.ZodRawShape>(
  type: Type,
  description: string,
  shape: Shape,
) =>
  z
    .strictObject({
      type: z.literal(type).describe("As the event's `detail-type`."),
      version: z
        .literal(1)
        .describe("Of this schema. A change that could break a consumer is another number."),
      id: text("The same however often the event is told: drop an id that you know."),
      workload: text("The plan's name of the workload."),
      site: text("The site that tells."),
      at: z.iso.datetime().describe("When it happened, on that site's clock."),
      ...shape,
    })
    .describe(description);

const execution = text("ARN of the execution of the failover machine.");
const reason = text("Why, in words for people.");

export const eventSchemas = [
  told("lifeboat.recovery.started", "An execution has begun; it has not decided anything yet.", {
    execution,
    trigger: z.enum(["automatic", "person"]).describe("What started it."),
    from: text("The site that is to be left."),
    to: text("The site that is to take over."),
    epoch: epoch("The epoch before the recovery."),
  }),
  told("lifeboat.recovery.assessed", "The signals, the standby and the loss to expect have been judged.", {
    execution,
    verdict: z
      .enum(["go", "ask", "refuse", "not-needed"])
      .describe("`go`: it acts; `ask`: a person decides; otherwise it ends."),
    rule: text("The row of the decision table that applied."),
    reason,
    approvalsNeeded: z.int().nonnegative().describe("How many people have to approve."),
  }),
  told("lifeboat.recovery.approval-needed", "It waits for people to approve or reject it.", {
    execution,
    reason,
  }),
  told(
    "lifeboat.recovery.held",
    "A step cannot go on; a person is asked to say retry, abort and, where the phase allows it, skip or override.",
    {
      execution,
      phase: text("The phase that waits."),
      reason,
    },
  ),
  told("lifeboat.recovery.claimed", "It holds the workload: nobody else may act for it from here on.", {
    execution,
    epoch: epoch("The new epoch."),
    basis: z
      .enum(["confirmed", "lease-run-out", "presumed", "override"])
      .describe("On what ground the old primary counts as fenced."),
  }),
  told("lifeboat.recovery.step-ended", "A step has reached its goal.", {
    execution,
    epoch: epoch("The epoch of the recovery."),
    step: text("The step, such as promote, start-service or shift-traffic."),
    item: z.string().nullable().describe("The plan's name of the resource; null where it is about all."),
  }),
  told("lifeboat.recovery.ended", "The outcome stands in the ledger and in the record.", {
    execution,
    outcome: z.enum(outcomes).describe("How it ended."),
    reason: z.string().describe("Why, in words for people."),
    from: text("The site that was to be left."),
    to: text("The site that was to take over."),
    epoch: epoch("The epoch of the recovery."),
    durationMs: z.number().nonnegative().describe("From its start to its end, waits for people included."),
    moveMs: z
      .number()
      .nonnegative()
      .nullable()
      .describe(
        "The same from the start of the execution that began the move, where this one finished it; null where that is not known.",
      ),
    lossMs: z
      .number()
      .nonnegative()
      .nullable()
      .describe("The most that was lost, in time; null where nothing was promoted, or it stayed unknown."),
  }),
  told(
    "lifeboat.recovery.unrecorded",
    "The workload is at its new site, and that could not be written into the record or the ledger yet; it is tried again for half an hour.",
    {
      execution,
      outcome: z.enum(outcomes).describe("What is to be recorded."),
      reason: text("Why it could not be recorded, in words for people."),
      passing: z.boolean().describe("It may pass by itself; otherwise somebody has to mend it."),
    },
  ),
  told("lifeboat.workload.protected", "The old site is back, and has become the standby.", {
    epoch: epoch("The epoch of the recovery before."),
    alerts: z.array(z.string()).describe("What a person has to look at."),
  }),
  told("lifeboat.site.fenced", "The site could renew its lease nowhere, and stops its own services.", {
    epoch: z
      .int()
      .nonnegative()
      .nullable()
      .describe("The epoch that the site had; null where it could not look into the ledger."),
    reason,
  }),
] as const;

export const eventSchema = z.discriminatedUnion("type", eventSchemas);

type DeepReadonly<Value> = Value extends object
  ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
  : Value;
type Accepts<Wider, Narrower extends Wider> = Narrower;

/** Do not compile when an event could be told that its schema refuses, or the other way round. */
export type SchemaTakesTheEvent = Accepts<DeepReadonly<z.output<typeof eventSchema>>, RecoveryEvent>;
export type EventIsWhatTheSchemaSays = Accepts<RecoveryEvent, z.output<typeof eventSchema>>;

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The JSON Schema (draft 2020-12) of each event's `detail`, by its `detail-type`. */
export const eventJsonSchemas = (): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(
    eventSchemas.map((schema) => [
      schema.shape.type.value,
      {
        title: schema.shape.type.value,
        ...z.toJSONSchema(schema, { target: "draft-2020-12" }),
      },
    ]),
  );
