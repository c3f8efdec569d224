import type { Place } from "./network.ts";
import type { Origin } from "./service.ts";
import type { CloudEvent } from "./cloud-event.ts";

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

/** What becomes of an invocation that Step Functions makes for a task. */
export type InvocationFault =
  /** Lambda turns it down and runs nothing. */
  | { readonly type: "refuse"; readonly code: string; readonly message: string; readonly status: number }
  /**
   * The function runs, and Step Functions never hears of it: its client gives up when the answer should have come (null), or so
   * long after it asked, while the function is still at work. The task fails with `Lambda.SdkClientException`, and what retries
   * it runs the function again.
   */
  | { readonly type: "lose-reply"; readonly afterMs: number | null };

/** What AWS does for minutes after it has taken a call, and a recovery waits for. */
export const longOperations = ["failover", "task-start", "instance-launch"] as const;
export type LongOperation = (typeof longOperations)[number];

/** A long operation that stands still before it goes on, or is given up by AWS; or that never ends (`stallsMs` null). */
export interface Stall {
  readonly stallsMs: number | null;
  readonly ends: "completes" | "fails";
}

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
  /** Further one-way latency of an API call, milliseconds; `execution`: on whose behalf it is made. */
  extraLatencyMs?: (from: Place, to: Place, execution: string | undefined) => number;
  /** True: Lambda has no concurrency left for this function now, and turns the invocation down. */
  throttles?: (region: Place, functionName: string) => boolean;
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
  /** How a long operation that begins in this region now fares; undefined: as always. */
  stall?: (region: Place, operation: LongOperation) => Stall | undefined;
  /** Asked for each invocation that an execution makes. */
  invocation?: (region: Place, origin: Origin) => InvocationFault | undefined;
  /** Told of each packet that is lost between two places. */
  unreached?: (from: Place, to: Place) => void;
  /** Told of each state that an execution enters. */
  entered?: (region: Place, state: string) => void;
}
