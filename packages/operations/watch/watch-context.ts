import type { SiteContext } from "../context.ts";

/** What a tick of the watch needs: nothing that stops, starts or promotes anything. */
export type WatchPort = "alarms" | "canary" | "executions" | "tending" | "traffic";

export type WatchContext = SiteContext<WatchPort>;
