import type { SiteContext } from "@lifeboat/operations/context";
import { makesUp, missingTicks, type QueuedTick } from "@lifeboat/operations/watch/metronome";
import { tick } from "@lifeboat/operations/watch/tick";
import type { WatchPort } from "@lifeboat/operations/watch/watch-context";
import { afterPause, freshMemory, type WatchMemory } from "@lifeboat/operations/watch/watch-memory";
import * as z from "zod/mini";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { variable, type Runtime } from "./runtime/runtime.ts";
import { alarms, canary, executions, metronome, tending, traffic } from "./runtime/ports.ts";
import { text } from "./runtime/shapes.ts";

const bring = (runtime: Runtime) => ({
  ...alarms(runtime),
  ...canary(runtime),
  ...executions(runtime),
  ...metronome(runtime),
  ...tending(runtime),
  ...traffic(runtime),
});

/** Where the queue brings no ticks, one run ticks on by itself until the Scheduler's next one. */
const ALONE_MS = 60_000;
/** In so many periods without a tick from the queue as many have come due: it may have stopped delivering. */
const SILENT_PERIODS = 2;
const RESERVE_MS = 10_000;
/** A changed plan is noticed minutes later; reading it at each tick would be a third of all that is read. */
const PLAN_AGE_MS = 5 * 60_000;
/** Between two attempts to renew, or to fence, while none takes effect: writers are stopped when it takes long. */
const RETRY_MS = 1000;

/** SQS's event, batches of one: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const queued = z.object({ Records: z.tuple([z.object({ body: z.string() })]) });

/** What the Scheduler sends, and what a message of the queue holds. */
const order = z.pipe(
  z.transform((event: unknown): unknown => {
    const fromQueue = queued.safeParse(event);
    if (!fromQueue.success) return event;
    try {
      return JSON.parse(fromQueue.data.Records[0].body) as unknown;
    } catch {
      return fromQueue.data.Records[0].body;
    }
  }),
  z.object({
    workload: text,
    tick: z.optional(
      z.object({ dueAtMs: z.number(), filledUntilMs: z.number(), by: z.enum(["run", "tick"]) }),
    ),
  }),
);

/** What one container keeps from tick to tick. */
interface Kept {
  /** The plan and the ports, as they were loaded; loaded anew every few minutes, for a plan may be published at any time. */
  loaded: {
    readonly context: SiteContext<WatchPort | "metronome">;
    readonly workload: string;
    readonly atMs: number;
  } | null;
  memory: WatchMemory | null;
  /** Until when the queue holds ticks, as far as this container knows. */
  filledUntilMs: number;
  lastTickAtMs: number;
  /** When the queue last brought this container a tick. */
  heardAtMs: number;
  /** What was logged last: a month in which nothing happens is no news every few seconds. */
  said: string;
}

/**
 * The watch of one site. EventBridge Scheduler starts it every minute, which is its finest rate; that run ticks, and fills a
 * queue with the ticks of the time until the next one, each of which invokes this function again when it is due. Nothing
 * waits inside Lambda, unless this site cannot renew its lease: then this run goes on until it has renewed or fenced, for
 * it alone knows since when. It decides, and acts on nothing but the ledger and the site's switches: `tend-services` and
 * `tend-standby` do the rest.
 */
export const watch = defineFunction({
  name: "watch",
  input: order,
  keep: (): Kept => ({
    loaded: null,
    memory: null,
    filledUntilMs: Number.NEGATIVE_INFINITY,
    lastTickAtMs: Number.NEGATIVE_INFINITY,
    heardAtMs: Number.NEGATIVE_INFINITY,
    said: "",
  }),
  run: async ({ workload, tick: queuedTick }, { runtime, logger, remainingMs, kept }) => {
    const known = kept.loaded;
    const context =
      known?.workload === workload && runtime.clock.nowMs() - known.atMs < PLAN_AGE_MS
        ? known.context
        : await loadSiteContext(runtime, workload, null, bring);
    if (context !== known?.context) kept.loaded = { context, workload, atMs: runtime.clock.nowMs() };
    const { clock } = context.ports;
    const everyMs = context.plan.ledger.lease.renewEveryMs;
    const startedAtMs = clock.nowMs();
    kept.filledUntilMs = Math.max(kept.filledUntilMs, queuedTick?.filledUntilMs ?? Number.NEGATIVE_INFINITY);
    // Two at once (a copy, the Scheduler's run beside a tick) are one. The run leaves it to the queue as long as nothing is due: a
    // tick before its time would take the place of the next one, and leave a longer pause after it. Where the queue brings none the
    // run waits for that time itself.
    const pauseMs = startedAtMs - kept.lastTickAtMs;
    const isEarly = pauseMs < (queuedTick === undefined ? everyMs : everyMs / 2);
    if (queuedTick !== undefined) kept.heardAtMs = startedAtMs;
    if (isEarly && queuedTick !== undefined) return { ticks: 0 };
    const reason = await queueFailure(context, workload, kept, queuedTick);
    if (isEarly && reason === null) return { ticks: 0 };
    if (reason !== null)
      logger.warn("the queue of ticks brings none: this run ticks on by itself", { reason });
    const untilMs = reason === null ? startedAtMs : startedAtMs + ALONE_MS;
    if (isEarly) await clock.sleep(kept.lastTickAtMs + everyMs - clock.nowMs());
    if (kept.memory !== null && pauseMs > 2 * everyMs) kept.memory = afterPause(kept.memory, startedAtMs);
    let ticks = 0;
    let countsDown = false;
    for (;;) {
      const tickAtMs = clock.nowMs();
      kept.lastTickAtMs = tickAtMs;
      kept.memory ??= freshMemory(tickAtMs);
      try {
        const report = await tick(context, variable(runtime, "machineArn"), kept.memory);
        kept.memory = report.memory;
        ({ countsDown } = report);
        const said = `${report.role}: ${report.detail}`;
        if (said !== kept.said) logger.info(said);
        kept.said = said;
      } catch (error) {
        // One tick that fails is followed by another; the heartbeat alarm tells when none comes.
        logger.warn("a tick failed", { reason: error instanceof Error ? error.message : String(error) });
      }
      ticks += 1;
      const nextAtMs = countsDown ? clock.nowMs() + RETRY_MS : tickAtMs + everyMs;
      const goesOn = countsDown || nextAtMs < untilMs;
      if (!goesOn || remainingMs() < everyMs + RESERVE_MS) return { ticks };
      await clock.sleep(Math.max(0, nextAtMs - clock.nowMs()));
    }
  },
});

/**
 * Fills the queue, and says why no tick is to be expected from it; null: they come. A queue that takes ticks may deliver none,
 * which a container that has not heard of it for a while cannot tell from ticks that went to other containers: the queue is
 * asked then how many are overdue. One that does not answer that either is not relied on.
 */
const queueFailure = async (
  context: SiteContext<"metronome">,
  workload: string,
  kept: Kept,
  queuedTick: QueuedTick | undefined,
): Promise<string | null> => {
  const { plan, ports } = context;
  const silentMs = ports.clock.nowMs() - kept.heardAtMs;
  try {
    await fill(context, workload, kept, queuedTick);
    if (silentMs <= SILENT_PERIODS * plan.ledger.lease.renewEveryMs) return null;
    const overdue = await ports.metronome.overdue();
    return overdue < SILENT_PERIODS ? null : `it holds ${overdue} ticks that are due, and delivers none`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** Puts the ticks that are missing into the queue: the Scheduler's run always, a tick where it makes up for one. Throws when
 * the queue does not take them. */
const fill = async (
  { plan, ports }: SiteContext<"metronome">,
  workload: string,
  kept: Kept,
  queuedTick: QueuedTick | undefined,
): Promise<void> => {
  const everyMs = plan.ledger.lease.renewEveryMs;
  const nowMs = ports.clock.nowMs();
  if (queuedTick !== undefined && !makesUp(queuedTick, kept.filledUntilMs, nowMs, everyMs)) return;
  const by = queuedTick === undefined ? "run" : "tick";
  const { ticks, filledUntilMs } = missingTicks(kept.filledUntilMs, nowMs, everyMs, by);
  if (ticks.length === 0) return;
  await ports.metronome.send(
    ticks.map(({ inSeconds, tick: due }) => ({ inSeconds, body: { workload, tick: due } })),
  );
  kept.filledUntilMs = filledUntilMs;
};

export const handler = onLambda(watch);
