import { createVirtualClock } from "./clock.ts";
import { createFabric } from "./fabric.ts";
import { createNetwork } from "./network.ts";
import { createRandom } from "./random.ts";
import type { Datum, World } from "./world.ts";
import type { CloudEvent } from "./cloud-event.ts";

export interface WorldOptions {
  readonly seed: number | string;
  readonly startMs: number;
  readonly accountId: string;
  readonly regions: readonly string[];
}

/** An empty account at `startMs`. The same options and the same calls give the same world. */
export const createWorld = ({ seed, startMs, accountId, regions }: WorldOptions): World => {
  const clock = createVirtualClock(startMs);
  const random = createRandom(seed);
  const network = createNetwork();
  const eventIds = random.stream("event-ids");
  const eventListeners: ((region: string, event: CloudEvent) => void)[] = [];
  const datumListeners: ((region: string, datum: Datum) => void)[] = [];
  return {
    accountId,
    clock,
    random,
    network,
    fabric: createFabric(clock, network),
    regions,
    faults: {},
    access: {},
    emit(region, { source, detailType, resources, detail }) {
      if (network.isControlLost(region)) return;
      const event: CloudEvent = {
        version: "0",
        id: eventIds.uuid(),
        "detail-type": detailType,
        source,
        account: accountId,
        // EventBridge's envelope has whole seconds.
        time: new Date(Math.floor(clock.nowMs() / 1000) * 1000).toISOString().replace(".000Z", "Z"),
        region,
        resources,
        detail,
      };
      for (const listener of eventListeners) listener(region, event);
    },
    onEmit: (listener) => void eventListeners.push(listener),
    measure(region, datum) {
      if (network.isControlLost(region)) return;
      for (const listener of datumListeners) listener(region, datum);
    },
    onMeasure: (listener) => void datumListeners.push(listener),
  };
};
