import type { CallFault } from "../kernel/faults.ts";
import type { Network } from "../kernel/network.ts";
import type { World } from "../kernel/world.ts";
import type { RdsFaults } from "../services/rds/context.ts";
import type { Fault, FaultKind } from "./fault.ts";

export interface InjectedFaults {
  /** Faults that are in force now. */
  active(): readonly Fault[];
  /** In force now, of one kind. */
  activeOf<Kind extends FaultKind>(kind: Kind): readonly Extract<Fault, { kind: Kind }>[];
}

const throttled = (service: string): CallFault =>
  service === "s3"
    ? { type: "refuse", code: "SlowDown", message: "Please reduce your request rate.", status: 503 }
    : service === "lambda"
      ? { type: "refuse", code: "TooManyRequestsException", message: "Rate Exceeded.", status: 429 }
      : { type: "refuse", code: "ThrottlingException", message: "Rate exceeded", status: 400 };

/** Losses and cuts overlap: a place is back when the last fault that took it has ended. */
const createHolds = () => {
  const counts = new Map<string, number>();
  return {
    take: (key: string): boolean => {
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return count === 1;
    },
    release: (key: string): boolean => {
      const count = (counts.get(key) ?? 1) - 1;
      counts.set(key, count);
      return count === 0;
    },
  };
};

const disrupt = (
  network: Network,
  holds: ReturnType<typeof createHolds>,
  fault: Fault,
  begins: boolean,
): void => {
  const due = (key: string): boolean => (begins ? holds.take(key) : holds.release(key));
  if (fault.kind === "site-loss") {
    const { place, plane } = fault;
    if (!due(`${place}/${plane}`)) return;
    if (plane === "both") {
      if (begins) network.lose(place);
      else network.restore(place);
    } else if (begins) network.losePlane(place, plane);
    else network.restorePlane(place, plane);
  }
  if (fault.kind === "partition") {
    const [left, right] = fault.between;
    if (!due(fault.between.toSorted().join("|"))) return;
    if (begins) network.cut(left, right);
    else network.mend(left, right);
  }
};

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
  };
  for (const fault of faults) {
    if (fault.kind === "clock-drift") change(fault, true);
    else clock.at(originMs + fault.atMs, () => change(fault, true));
    if (fault.forMs !== null) clock.at(originMs + fault.atMs + fault.forMs, () => change(fault, false));
  }

  const sinceMs = clock.nowMs();
  const drifts = new Map(
    activeOf("clock-drift").map(({ place, offsetMs, ppm }) => [place, { sinceMs, offsetMs, ppm }]),
  );

  const disorder = (place: string): readonly number[] | undefined => {
    const fault = activeOf("event-disorder").find(({ region }) => region === place);
    const random = fault === undefined ? undefined : streams.get(fault);
    if (fault === undefined || random === undefined) return undefined;
    return Array.from({ length: fault.copies }, () => random.integer(80, fault.latestMs));
  };

  Object.assign(world.faults, {
    call({ service, region, origin, ordinal }) {
      for (const fault of activeOf("throttling"))
        if (fault.region === region && fault.service === service && happens(fault)) return throttled(service);
      if (ordinal === undefined) return undefined;
      for (const fault of activeOf("kill"))
        if (fault.region === origin.place && happens(fault))
          return { type: fault.when === "before" ? "kill-before" : "kill-after" };
      for (const fault of activeOf("lost-reply"))
        if (fault.region === region && happens(fault)) return { type: "lose-reply" };
      return undefined;
    },
    extraLatencyMs: (_from, to) =>
      activeOf("latency").reduce((sum, { region, extraMs }) => sum + (region === to ? extraMs : 0), 0),
    startsCold: (place) => activeOf("cold-starts").some(({ region }) => region === place),
    copies: (place) => disorder(place),
    messageCopies: (place) => disorder(place),
    skipsFiring: (place) =>
      activeOf("skipped-ticks").some((fault) => fault.region === place && happens(fault)),
    clockError: (place) => drifts.get(place),
    describeAgeMs() {
      const [fault] = activeOf("stale-describes");
      return fault !== undefined && happens(fault) ? (streams.get(fault)?.integer(0, fault.byMs) ?? 0) : 0;
    },
    failover(place) {
      const fault = activeOf("stuck-operation").find(({ region }) => region === place);
      return fault === undefined ? undefined : { stallsMs: fault.stallsMs, ends: fault.ends };
    },
  } satisfies World["faults"]);

  return { active: () => [...active], activeOf };
};
