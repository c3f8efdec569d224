import type { Place } from "./network.ts";
import type { Origin } from "./service.ts";
import type { CloudEvent } from "./world.ts";

/** A call as it leaves its caller. */
export interface DepartingCall {
  readonly service: string;
  readonly region: Place;
  readonly operation: string;
  readonly origin: Origin;
  /** The how-manieth call of its invocation this is, from 1; undefined outside of functions. */
  readonly ordinal: number | undefined;
}

/** What becomes of one call. */
export type CallFault =
  /** The service answers with an error and does nothing. */
  | { readonly type: "refuse"; readonly code: string; readonly message: string; readonly status: number }
  /** The service does its work, and its answer never arrives. */
  | { readonly type: "lose-reply" }
  /** The process of the calling function dies: before the request leaves, or once the service has done its work. */
  | { readonly type: "kill-before" }
  | { readonly type: "kill-after" };

/** A clock that goes wrong: off by `offsetMs` at `sinceMs`, and from then on fast by `ppm` parts per million (or slow: negative). */
export interface ClockError {
  readonly sinceMs: number;
  readonly offsetMs: number;
  readonly ppm: number;
}

/**
 * What can go wrong in a world beyond lost places and cut paths. Each hook is asked at the cloud's own seam and is absent
 * until something sets it, so that a world without faults pays one look at an empty object.
 */
export interface FaultHooks {
  call?: (call: DepartingCall) => CallFault | undefined;
  /** Further one-way latency of an API call, milliseconds. */
  extraLatencyMs?: (from: Place, to: Place) => number;
  /** True: this invocation gets a new container although a warm one waits. */
  startsCold?: (region: Place, functionName: string) => boolean;
  /** The delays of each copy of an event that a rule delivers; undefined: as always. */
  copies?: (region: Place, event: CloudEvent) => readonly number[] | undefined;
  /** The delays of each copy of a message that a queue hands to its function; undefined: as always. */
  messageCopies?: (region: Place, queue: string) => readonly number[] | undefined;
  /** True: the Scheduler lets this firing pass. */
  skipsFiring?: (region: Place, schedule: string) => boolean;
  /** How wrong the clock of whatever runs at a place is. */
  clockError?: (place: Place) => ClockError | undefined;
  /** By how much a describe of this service answers late, milliseconds; 0: as things are. */
  describeAgeMs?: (service: string) => number;
  /** How a failover of a global database in this region fares; undefined: as always. */
  failover?: (
    region: Place,
  ) => { readonly stallsMs: number; readonly ends: "completes" | "fails" } | undefined;
}
