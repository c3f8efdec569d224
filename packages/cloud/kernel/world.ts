import type { CloudEvent } from "./cloud-event.ts";
import type { AccessHooks } from "./access.ts";
import type { VirtualClock } from "./clock.ts";
import type { Fabric } from "./fabric.ts";
import type { FaultHooks } from "./faults.ts";
import type { Network } from "./network.ts";
import type { Random } from "./random.ts";

/** One measurement sent by a service or by PutMetricData. */
export interface Datum {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly atMs: number;
  readonly value: number;
  /** 1 = high resolution, 60 = standard. */
  readonly storageResolutionSeconds: 1 | 60;
}

/** What every service model gets: time, chance, the network, and the few ways in which services talk behind the API. */
export interface World {
  readonly accountId: string;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly network: Network;
  readonly fabric: Fabric;
  readonly regions: readonly string[];
  /** Empty, unless something is to go wrong. */
  readonly faults: FaultHooks;
  /** Empty in an account where everybody may do everything. */
  readonly access: AccessHooks;
  /** Puts an event on a region's default bus (dropped while the region is lost). Set by the EventBridge model. */
  emit(
    region: string,
    event: { source: string; detailType: string; resources: readonly string[]; detail: unknown },
  ): void;
  onEmit(listener: (region: string, event: CloudEvent) => void): void;
  /** Records a metric in a region (dropped while the region is lost). The CloudWatch model listens. */
  measure(region: string, datum: Datum): void;
  /** A listener may set timers, but settles nothing that code waits for. */
  onMeasure(listener: (region: string, datum: Datum) => void): void;
}
