import type { LongOperation, Stall } from "../kernel/faults.ts";
import type { Place } from "../kernel/network.ts";

/**
 * When a fault begins, and how long it lasts; milliseconds from the start of the schedule, or from when an execution first
 * enters a state. A state that nothing enters brings no fault.
 */
interface Window {
  readonly atMs: number;
  readonly forMs: number;
  readonly entering?: string;
}

/** One thing that goes wrong, as data: a schedule of them can be printed, repeated and shrunk. */
export type Fault =
  /** A place loses its power (`both`), its API and everything that AWS runs there for others, or its servers and databases. */
  | {
      readonly kind: "site-loss";
      readonly atMs: number;
      readonly forMs: number | null;
      readonly entering?: string;
      readonly place: Place;
      readonly plane: "both" | "control" | "data";
    }
  | ({ readonly kind: "partition"; readonly between: readonly [Place, Place] } & Window)
  /** A service of a region turns down each call with this chance. */
  | ({
      readonly kind: "throttling";
      readonly region: Place;
      readonly service: string;
      readonly chance: number;
    } & Window)
  /** API calls into a region take longer, each way. */
  | ({ readonly kind: "latency"; readonly region: Place; readonly extraMs: number } & Window)
  /** Calls, and invocations by Step Functions, take effect, and their answers are lost, with this chance. */
  | ({ readonly kind: "lost-reply"; readonly region: Place; readonly chance: number } & Window)
  /** Functions of a region die around a call, with this chance for each call. */
  | ({
      readonly kind: "kill";
      readonly region: Place;
      readonly when: "before" | "after";
      readonly chance: number;
    } & Window)
  | ({ readonly kind: "cold-starts"; readonly region: Place } & Window)
  /** Events come several times, late and out of order. */
  | ({
      readonly kind: "event-disorder";
      readonly region: Place;
      readonly copies: number;
      readonly latestMs: number;
    } & Window)
  /** Describes of RDS, ECS and Auto Scaling answer, with this chance, as things stood up to so long ago. */
  | ({ readonly kind: "stale-describes"; readonly chance: number; readonly byMs: number } & Window)
  /** An operation that begins now stalls, then goes on or is given up by AWS; or it never ends (`stallsMs` null). */
  | ({
      readonly kind: "stuck-operation";
      readonly region: Place;
      readonly operation: LongOperation;
    } & Stall &
      Window)
  /** People do not answer before the token of their question has expired. */
  | ({ readonly kind: "expired-token" } & Window)
  /** A place's clock is off and drifts, from the beginning of the world to its end: clocks do not jump. */
  | {
      readonly kind: "clock-drift";
      readonly atMs: 0;
      readonly forMs: null;
      readonly place: Place;
      readonly offsetMs: number;
      readonly ppm: number;
    }
  /** The Scheduler lets a firing pass with this chance. */
  | ({ readonly kind: "skipped-ticks"; readonly region: Place; readonly chance: number } & Window)
  /** People stop all automation, by the ledger's switch, and let it go on. */
  | ({ readonly kind: "kill-switch" } & Window);

export type FaultKind = Fault["kind"];

/** All kinds, in the order in which tables list them. */
export const faultKinds: readonly FaultKind[] = [
  "site-loss",
  "partition",
  "throttling",
  "latency",
  "lost-reply",
  "kill",
  "cold-starts",
  "event-disorder",
  "stale-describes",
  "stuck-operation",
  "expired-token",
  "clock-drift",
  "skipped-ticks",
  "kill-switch",
];

/** True for a fault whose time is counted from the schedule's start. */
export const isTimed = (fault: Fault): boolean => !("entering" in fault) || fault.entering === undefined;

/**
 * When the last fault that ends has ended; a place that is lost for good counts with its loss. Without those that wait for
 * an execution: nobody knows when, or whether, they come.
 */
export const faultsEndMs = (faults: readonly Fault[]): number =>
  Math.max(0, ...faults.filter(isTimed).map(({ atMs, forMs }) => atMs + (forMs ?? 0)));
