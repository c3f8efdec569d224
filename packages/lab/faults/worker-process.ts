import { turn } from "@lifeboat/cloud/kernel/clock";

/** How Node runs a process of tasks. */
export const WORKER_FLAGS: readonly string[] = [
  // The young generation has room for a run. It is collected between runs (`letGo`), when nothing has to be copied.
  "--min-semi-space-size=128",
  "--max-semi-space-size=128",
  "--expose-gc",
  // What a run makes ends with it: made old from the start, it would keep its world until the next full collection.
  "--no-allocation-site-pretenuring",
  // Each core has a worker of its own: helping threads would only take time from each other.
  "--single-threaded",
  // A run's long-lived things all end with it. Looking for them bit by bit finds most of them still in use.
  "--no-incremental-marking",
  "--initial-old-space-size=256",
];

/** What a process of tasks does before its first. */
export const prepareProcess = (): void => {
  // A trace for each error of each lost packet costs more than the packet.
  Error.stackTraceLimit = 0;
  process.env = {
    // The process's own asks the operating system at each reading, and Powertools reads a dozen variables for each invocation.
    ...process.env,
    // Powertools then makes no console for each container; its lines go elsewhere, and are the same.
    POWERTOOLS_DEV: "true",
    POWERTOOLS_METRICS_DISABLED: "false",
  };
};

/**
 * Collects the young generation once a world has ended: then nothing of it has to be copied, which is most of what the collector
 * costs. That holds as long as nothing old refers to the world, and V8 makes some things old from the start: functions that are
 * assigned to a property where they are written, accessors of object literals, classes that are made within functions. What is
 * part of a world avoids them. What libraries make so (middy's stack of middleware, the SDK's configurations) refers to its
 * world by something that is emptied at its end. `ended-worlds.test.ts` measures what is kept.
 */
export const letGo = async (): Promise<void> => {
  // What has just gone on because the world ended still refers to it.
  await turn();
  globalThis.gc?.({ type: "minor" });
};
