import type { Place } from "../kernel/network.ts";

/** When a fault begins, and how long it lasts; milliseconds from the start of the schedule. */
interface Window {
  readonly atMs: number;
  readonly forMs: number;
}

/** One thing that goes wrong, as data: a schedule of them can be printed, repeated and shrunk. */
export type Fault =
  /** A place loses its power (`both`), its API and everything that AWS runs there for others, or its servers and databases. */
  | {
      readonly kind: "site-loss";
      readonly atMs: number;
      readonly forMs: number | null;
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
  /** Calls take effect, and their answers are lost, with this chance. */
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
  /** A failover of a global database that begins now stalls, then goes on or is given up by AWS. */
  | ({
      readonly kind: "stuck-operation";
      readonly region: Place;
      readonly stallsMs: number;
      readonly ends: "completes" | "fails";
    } & Window)
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
  | ({ readonly kind: "skipped-ticks"; readonly region: Place; readonly chance: number } & Window);

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
];

/** When the last fault that ends has ended; a place that is lost for good counts with its loss. */
export const faultsEndMs = (faults: readonly Fault[]): number =>
  Math.max(0, ...faults.map(({ atMs, forMs }) => atMs + (forMs ?? 0)));
