import { Readable } from "node:stream";
import { watch } from "@lifeboat/functions/watch";
import { toPublished } from "@lifeboat/plan/parse-published";
import { writerGraceMs } from "@lifeboat/recovery/lease";
import { describe, expect, it } from "vitest";
import { containerOf } from "./functions-runtime.ts";
import { createHandClock, plan, terms } from "./operations-world.ts";

const { renewEveryMs } = terms;
/** For so long writers are admitted after a tick of the active site. */
const graceMs = writerGraceMs(terms, plan.decision.lossLimitMs);

interface Request {
  readonly hostname: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One container of a watch whose queue can be made to fail; no ledger answers it, so that a tick is a look at the claim. */
const containerOfWatch = () => {
  const clock = createHandClock();
  const queue = { takes: true, tells: true, waiting: 0, inFlight: 0, filled: 0, asked: 0 };
  const ticksAtMs: number[] = [];
  const answer = (statusCode: number, body: string, headers: Record<string, string> = {}) =>
    Promise.resolve({ response: { statusCode, headers, body: Readable.from([Buffer.from(body)]) } });
  const ofQueue = (operation: string) => {
    const asks = operation.endsWith("GetQueueAttributes");
    queue[asks ? "asked" : "filled"] += 1;
    if (!(asks ? queue.tells : queue.takes)) return answer(503, "{}");
    const body = asks
      ? {
          Attributes: {
            ApproximateNumberOfMessages: String(queue.waiting),
            ApproximateNumberOfMessagesNotVisible: String(queue.inFlight),
          },
        }
      : { Successful: [], Failed: [] };
    return answer(200, JSON.stringify(body), { "content-type": "application/x-amz-json-1.0" });
  };
  const handle = ({ hostname, path, headers }: Request) => {
    if (hostname.startsWith("sqs")) return ofQueue(headers["x-amz-target"] ?? "");
    if (path.endsWith("plan.json")) return answer(200, toPublished(plan), { etag: '"1"' });
    if (path.endsWith("/claim") && ticksAtMs.at(-1) !== clock.nowMs()) ticksAtMs.push(clock.nowMs());
    return Promise.reject(new Error("nothing answers"));
  };
  const { invoke } = containerOf(watch, {
    clock,
    environment: {
      PLANS_BUCKET: "plans",
      FAILOVER_MACHINE_ARN: "arn:aws:states:eu-west-3:111122223333:stateMachine:failover",
      CANARY_FUNCTION: "canary",
      TEND_FUNCTIONS: "tend-",
      TICKS_QUEUE_URL: "https://sqs.eu-west-3.amazonaws.com/111122223333/ticks",
    },
    connection: {
      region: "eu-west-3",
      credentials: { accessKeyId: "AKIA", secretAccessKey: "none" },
      requestHandler: () => ({ handle }),
    },
  });
  const run = (): Promise<unknown> => invoke({ workload: plan.workload });
  const tick = (): Promise<unknown> => {
    const nowMs = clock.nowMs();
    const due = { dueAtMs: nowMs, filledUntilMs: nowMs + 5 * renewEveryMs, by: "run" };
    return invoke({ Records: [{ body: JSON.stringify({ workload: plan.workload, tick: due }) }] });
  };
  const startMs = clock.nowMs();
  return {
    clock,
    queue,
    run,
    tick,
    /** Of the ticks that were made, since this container began, seconds. */
    ticksAt: (): readonly number[] => ticksAtMs.map((atMs) => (atMs - startMs) / 1000),
    /** The Scheduler's runs of so many minutes, each second one a little early. */
    minutes: async (count: number): Promise<void> => {
      const fromMs = clock.nowMs();
      for (let minute = 0; minute < count; minute++) {
        const dueMs = fromMs + minute * 60_000 - (minute % 2) * 200;
        clock.advance(Math.max(0, dueMs - clock.nowMs()));
        await run();
      }
    },
    longestPauseMs: (): number =>
      Math.max(...ticksAtMs.slice(1).map((atMs, index) => atMs - (ticksAtMs[index] ?? atMs))),
  };
};

describe("the Scheduler's run of the watch", () => {
  it("ticks once, and leaves the minute to the queue", async () => {
    const { run, ticksAt, queue } = containerOfWatch();
    expect(await run()).toEqual({ ticks: 1 });
    expect([ticksAt(), queue.filled]).toEqual([[0], 1]);
  });

  it("leaves a tick that is not due yet to the queue, and is one with a copy of itself", async () => {
    const { clock, run, tick, ticksAt, queue } = containerOfWatch();
    await run();
    expect(await run()).toEqual({ ticks: 0 });
    clock.advance(51_000);
    await tick();
    clock.advance(9000);
    expect(await run()).toEqual({ ticks: 0 });
    expect(await run()).toEqual({ ticks: 0 });
    expect(ticksAt()).toEqual([0, 51]);
    expect(queue.filled).toBe(2);
  });

  it("ticks on by itself where the queue cannot be filled, and not before the next tick is due", async () => {
    const { clock, run, tick, ticksAt, queue } = containerOfWatch();
    await run();
    clock.advance(51_000);
    await tick();
    queue.takes = false;
    clock.advance(9000);
    expect(await run()).toEqual({ ticks: 5 });
    expect(ticksAt()).toEqual([0, 51, 63, 75, 87, 99, 111]);
  });

  it("keeps writers admitted for as long as the queue cannot be filled", async () => {
    const { queue, minutes, longestPauseMs } = containerOfWatch();
    queue.takes = false;
    await minutes(8);
    expect(longestPauseMs()).toBeLessThan(graceMs / 2);
  });

  it.each([
    ["are left waiting", { waiting: 5 }],
    ["are received and brought to nobody", { inFlight: 5 }],
  ])("keeps writers admitted for as long as the queue takes ticks that %s", async (_what, overdue) => {
    const { queue, minutes, longestPauseMs } = containerOfWatch();
    Object.assign(queue, overdue);
    await minutes(8);
    expect(longestPauseMs()).toBeLessThan(graceMs / 2);
    // It is filled all the time: who knows when it delivers again.
    expect(queue.filled).toBe(8);
  });

  it("ticks on by itself where a silent queue does not say what it holds", async () => {
    const { queue, run } = containerOfWatch();
    queue.tells = false;
    expect(await run()).toEqual({ ticks: 5 });
  });

  it("leaves the minute to a queue that delivers to other containers", async () => {
    const { queue, minutes, ticksAt } = containerOfWatch();
    // One is under way at this moment.
    queue.inFlight = 1;
    await minutes(4);
    expect(ticksAt()).toEqual([0, 59.8, 120, 179.8]);
  });

  it("does not ask a queue from which it has heard in the last two periods", async () => {
    const { clock, queue, run, tick } = containerOfWatch();
    await tick();
    queue.waiting = 5;
    clock.advance(2 * renewEveryMs);
    expect(await run()).toEqual({ ticks: 1 });
    expect(queue.asked).toBe(0);
    clock.advance(60_000);
    expect(await run()).toEqual({ ticks: 5 });
    expect(queue.asked).toBe(1);
  });

  it("relies on the queue again as soon as nothing in it is overdue", async () => {
    const { clock, queue, run } = containerOfWatch();
    queue.waiting = 20;
    expect(await run()).toEqual({ ticks: 5 });
    queue.waiting = 0;
    clock.advance(renewEveryMs);
    expect(await run()).toEqual({ ticks: 1 });
  });
});

describe("a tick of the watch's queue", () => {
  it("is dropped when this container has just ticked, and is otherwise one short tick", async () => {
    const { clock, run, tick, ticksAt } = containerOfWatch();
    await run();
    clock.advance(renewEveryMs / 2 - 1);
    expect(await tick()).toEqual({ ticks: 0 });
    clock.advance(1);
    expect(await tick()).toEqual({ ticks: 1 });
    expect(ticksAt()).toEqual([0, 6]);
  });
});
