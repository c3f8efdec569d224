import type { CallFault } from "../kernel/faults.ts";
import { currentInvocation } from "../kernel/invocation.ts";
import type { World } from "../kernel/world.ts";
import type { RdsFaults } from "../services/rds/context.ts";
import { createHolds, disrupt } from "./disrupt.ts";
import { isTimed, type Fault, type FaultKind } from "./fault.ts";
import { createStrikeLog, type FaultStrike, type StrikeLog } from "./strikes.ts";

export interface InjectedFaults {
  /** Faults that are in force now. */
  active(): readonly Fault[];
  /** In force now, of one kind. */
  activeOf<Kind extends FaultKind>(kind: Kind): readonly Extract<Fault, { kind: Kind }>[];
  /** Called when a fault begins or ends. */
  onChange(listener: (fault: Fault, begins: boolean) => void): void;
  /** When the last of those that have begun, and end, is over. */
  overAtMs(): number;
  /** When those that have begun were, or will be, in force. */
  windows(): readonly { readonly kind: FaultKind; readonly fromMs: number; readonly untilMs: number }[];
  /** What struck so far. */
  strikes(): readonly FaultStrike[];
  readonly log: StrikeLog;
  /** True once an operation has begun that never ends. */
  isEndless(): boolean;
}

type Refusal = Extract<CallFault, { type: "refuse" }>;

const throttled = (service: string): Refusal =>
  service === "s3"
    ? { type: "refuse", code: "SlowDown", message: "Please reduce your request rate.", status: 503 }
    : service === "lambda"
      ? { type: "refuse", code: "TooManyRequestsException", message: "Rate Exceeded.", status: 429 }
      : { type: "refuse", code: "ThrottlingException", message: "Rate exceeded", status: 400 };

/** Step Functions gives a connection up within this time, where it does not wait for the answer. Guessed. */
const LATEST_LOSS_MS = 5000;
/** A firing that is let pass is missed until the next one: schedules fire every minute. */
const NEXT_FIRING_MS = 60_000;

/**
 * Sets a schedule of faults on a world's clock, from `originMs` on. Chance within a fault comes from a stream of its own, so
 * that taking one fault out of a schedule changes nothing about the others'.
 */
export const injectFaults = (
  world: World,
  rdsFaults: RdsFaults,
  faults: readonly Fault[],
  originMs: number,
): InjectedFaults => {
  const { clock, network } = world;
  const holds = createHolds();
  const active = new Set<Fault>();
  const byKind = new Map<FaultKind, Fault[]>();
  const activeOf = <Kind extends FaultKind>(kind: Kind): readonly Extract<Fault, { kind: Kind }>[] =>
    (byKind.get(kind) ?? []) as Extract<Fault, { kind: Kind }>[];
  const streams = new Map(
    faults.map((fault) => [fault, world.random.stream(`faults/${JSON.stringify(fault)}`)]),
  );
  const happens = (fault: Fault & { readonly chance: number }): boolean =>
    (streams.get(fault)?.next() ?? 1) < fault.chance;
  const log = createStrikeLog(() => clock.nowMs());
  const listeners: ((fault: Fault, begins: boolean) => void)[] = [];
  const windows: { readonly kind: FaultKind; readonly fromMs: number; readonly untilMs: number }[] = [];
  let overAtMs = clock.nowMs();
  let isEndless = false;

  const change = (fault: Fault, begins: boolean): void => {
    if (begins) active.add(fault);
    else active.delete(fault);
    byKind.set(
      fault.kind,
      [...active].filter(({ kind }) => kind === fault.kind),
    );
    disrupt(network, holds, fault, begins);
    const [stale] = activeOf("stale-describes");
    rdsFaults.staleDescribeChance = stale?.chance ?? 0;
    rdsFaults.staleDescribeMs = stale?.byMs ?? 0;
    for (const listener of listeners) listener(fault, begins);
  };
  const noteStale = (): void => log.note("stale-describes");
  rdsFaults.onStaleDescribe = noteStale;
  const begin = (fault: Fault, fromMs: number): void => {
    const beginsAtMs = fromMs + fault.atMs;
    overAtMs = Math.max(overAtMs, beginsAtMs + (fault.forMs ?? 0));
    const untilMs = fault.forMs === null ? Number.POSITIVE_INFINITY : beginsAtMs + fault.forMs;
    windows.push({ kind: fault.kind, fromMs: beginsAtMs, untilMs });
    // At once, where it is due: what an execution does in the state that it has just entered is struck already.
    if (fault.kind === "clock-drift" || clock.nowMs() >= fromMs + fault.atMs) change(fault, true);
    else clock.at(fromMs + fault.atMs, () => change(fault, true));
    if (fault.forMs !== null) clock.at(fromMs + fault.atMs + fault.forMs, () => change(fault, false));
  };
  const waiting = new Set(faults.filter((fault) => !isTimed(fault)));
  for (const fault of faults) if (isTimed(fault)) begin(fault, originMs);

  const sinceMs = clock.nowMs();
  const drifts = new Map(
    activeOf("clock-drift").map(({ place, offsetMs, ppm }) => [place, { sinceMs, offsetMs, ppm }]),
  );

  const disorder = (place: string): readonly number[] | undefined => {
    const fault = activeOf("event-disorder").find(({ region }) => region === place);
    const random = fault === undefined ? undefined : streams.get(fault);
    if (fault === undefined || random === undefined) return undefined;
    const delays = Array.from({ length: fault.copies }, () => random.integer(80, fault.latestMs));
    log.note("event-disorder", Math.max(...delays));
    return delays;
  };

  Object.assign(world.faults, {
    call({ service, region, origin, ordinal }) {
      const { execution } = origin;
      for (const fault of activeOf("throttling"))
        if (fault.region === region && fault.service === service && happens(fault)) {
          log.note("throttling", 0, execution);
          return throttled(service);
        }
      if (ordinal === undefined) return undefined;
      for (const fault of activeOf("kill"))
        if (fault.region === origin.place && happens(fault)) {
          log.note("kill", 0, execution);
          return { type: fault.when === "before" ? "kill-before" : "kill-after" };
        }
      for (const fault of activeOf("lost-reply"))
        if (fault.region === region && happens(fault)) {
          log.note("lost-reply", 0, execution);
          return { type: "lose-reply" };
        }
      return undefined;
    },
    invocation(region, { execution }) {
      for (const fault of activeOf("throttling"))
        if (fault.region === region && fault.service === "lambda" && happens(fault)) {
          log.note("throttling", 0, execution);
          return throttled("lambda");
        }
      for (const fault of activeOf("lost-reply"))
        if (fault.region === region && happens(fault)) {
          log.note("lost-reply", 0, execution);
          const random = streams.get(fault);
          const isEarly = random !== undefined && random.next() < 0.5;
          return { type: "lose-reply", afterMs: isEarly ? random.integer(0, LATEST_LOSS_MS) : null };
        }
      return undefined;
    },
    extraLatencyMs(_from, to, execution) {
      let sumMs = 0;
      for (const { region, extraMs } of activeOf("latency")) if (region === to) sumMs += extraMs;
      if (sumMs > 0) log.note("latency", 2 * sumMs, execution);
      return sumMs;
    },
    unreached(from, to) {
      const isLost = activeOf("site-loss").some(({ place }) => place === from || place === to);
      if (isLost) log.note("site-loss");
      const isCut = activeOf("partition").some(
        ({ between }) => between.includes(from) && between.includes(to) && from !== to,
      );
      if (isCut) log.note("partition");
    },
    entered(_region, state) {
      for (const fault of waiting) {
        if (!("entering" in fault) || fault.entering !== state) continue;
        waiting.delete(fault);
        begin(fault, clock.nowMs());
      }
    },
    startsCold(place) {
      const isCold = activeOf("cold-starts").some(({ region }) => region === place);
      if (isCold) log.note("cold-starts");
      return isCold;
    },
    copies: (place) => disorder(place),
    messageCopies: (place) => disorder(place),
    skipsFiring(place) {
      const isSkipped = activeOf("skipped-ticks").some((fault) => fault.region === place && happens(fault));
      if (isSkipped) log.note("skipped-ticks", NEXT_FIRING_MS);
      return isSkipped;
    },
    clockError(place) {
      const error = drifts.get(place);
      if (error !== undefined) log.note("clock-drift", 0, currentInvocation()?.origin.execution);
      return error;
    },
    describeAgeMs() {
      const [fault] = activeOf("stale-describes");
      if (fault === undefined || !happens(fault)) return 0;
      log.note("stale-describes");
      return streams.get(fault)?.integer(0, fault.byMs) ?? 0;
    },
    stall(place, operation) {
      const fault = activeOf("stuck-operation").find(
        (one) => one.region === place && one.operation === operation,
      );
      if (fault === undefined) return undefined;
      const { stallsMs, ends } = fault;
      if (stallsMs === null) isEndless = true;
      log.note("stuck-operation", stallsMs ?? Number.POSITIVE_INFINITY);
      return { stallsMs, ends };
    },
  } satisfies World["faults"]);

  return {
    active: () => [...active],
    activeOf,
    onChange: (listener) => void listeners.push(listener),
    overAtMs: () => overAtMs,
    windows: () => windows,
    strikes: () => log.all(),
    log,
    isEndless: () => isEndless,
  };
};
