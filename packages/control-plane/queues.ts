import type { QueueEntry } from "./manifest.ts";

/** The queue of the watch's ticks. */
export const TICKS = "ticks";

/** A tick, and the longest count-down to self-fencing that can begin in it. */
export const WATCH_TIMEOUT_SECONDS = 180;

export const siteQueues: readonly QueueEntry[] = [
  {
    name: TICKS,
    feeds: { function: "watch" },
    // AWS wants at least the function's own timeout; a tick that comes again by then is of no use to anybody.
    visibilityTimeoutSeconds: WATCH_TIMEOUT_SECONDS,
    retentionSeconds: 300,
    maxReceiveCount: 3,
  },
];
