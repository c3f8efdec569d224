import { faultKinds, type Fault, type FaultKind } from "@lifeboat/cloud/faults/fault";
import { longOperations, type LongOperation } from "@lifeboat/cloud/kernel/faults";
import { createRandom, type Random } from "@lifeboat/cloud/kernel/random";
import { phaseNames, type PhaseName } from "@lifeboat/recovery/phases";
import { firstStateOf } from "../measure/phases.ts";

/** How many faults of a schedule are aimed. */
const AIMED = 5;

interface Places {
  readonly primary: string;
  readonly standby: string;
  readonly witness: string;
}

/** Kinds that seldom strike a phase of a second, where they are not meant to: they are aimed twice as often. */
const RARE: readonly FaultKind[] = [
  "partition",
  "throttling",
  "lost-reply",
  "kill",
  "skipped-ticks",
  "kill-switch",
];

/** The operation that a phase waits for. */
const OPERATIONS: Readonly<Partial<Record<PhaseName, LongOperation>>> = {
  promote: "failover",
  "start-services": "task-start",
  "restart-workers": "instance-launch",
};

/** The phase that takes some time and comes before a short one. */
const BEFORE: Readonly<Partial<Record<PhaseName, PhaseName>>> = {
  fence: "claim",
  "verify-standby": "start-services",
  "verify-workload": "restart-workers",
  "retire-primary": "restart-workers",
  "record-outcome": "restart-workers",
};

interface Target {
  readonly kind: FaultKind;
  readonly phase: PhaseName;
}

/** Short phases that a recovery reaches late, and not each does: they are aimed at twice as often as well. */
const LATE: readonly PhaseName[] = ["restart-workers", "verify-workload", "retire-primary"];

/** Every kind of fault that can wait, with every phase: clocks do not jump, so a drift is there from the beginning. */
const targets: readonly Target[] = [...phaseNames, ...LATE].flatMap((phase, index) =>
  [...faultKinds, ...(index < phaseNames.length ? RARE : [])]
    .filter((kind) => kind !== "clock-drift")
    .map((kind) => ({ kind, phase })),
);
/** Shares no divisor with the number of targets, and so leads through all of them, far apart. */
const STRIDE = 61;

const targetsOf = (seed: number): readonly Target[] =>
  Array.from({ length: AIMED }, (_, index) => {
    const target = targets[((seed * AIMED + index) * STRIDE) % targets.length];
    if (target === undefined) throw new RangeError("nothing to aim at");
    return target;
  });

/** Does a schedule's aim need the recovery to ask people? By itself it does so in a quarter of the schedules only. */
export const aimsAtQuestion = (seed: number): boolean =>
  targetsOf(seed).some(({ phase }) => phase === "approve");

/**
 * Faults that begin when an execution first enters a phase: some phases last a second, and hardly anything that comes at
 * any time meets them. Consecutive seeds go through all pairs of kind and phase in turn. They are short, so that what follows
 * the phase is seldom hit as well.
 */
export const aimedFaults = (seed: number, places: Places): readonly Fault[] => {
  const random = createRandom(`aimed/${seed}`);
  return targetsOf(seed).map((target) => aimedAt(random, target, places));
};

const aimedAt = (random: Random, { kind, phase }: Target, { primary, standby, witness }: Places): Fault => {
  const entering = firstStateOf(phase);
  const pick = <Item>(first: Item, ...others: readonly Item[]): Item =>
    [first, ...others][random.integer(0, others.length)] ?? first;
  const atMs = 0;
  const region = standby;
  const chance = pick(0.6, 1);
  const briefMs = random.integer(3000, 9000);
  const longMs = random.integer(20_000, 120_000);
  switch (kind) {
    case "site-loss":
      return {
        kind,
        entering,
        place: pick(standby, witness),
        plane: pick("both", "control"),
        atMs,
        forMs: longMs,
      };
    case "partition":
      return {
        kind,
        entering,
        between: pick([standby, witness], [standby, witness], [primary, witness]),
        atMs,
        forMs: longMs,
      };
    case "throttling":
      return {
        kind,
        entering,
        region,
        service: "lambda",
        chance,
        atMs,
        forMs: briefMs,
      };
    case "latency":
      return { kind, entering, region, extraMs: random.integer(50, 2500), atMs, forMs: longMs };
    case "lost-reply":
      return { kind, entering, region, chance, atMs, forMs: briefMs };
    case "kill":
      return { kind, entering, region, when: pick("before", "after"), chance, atMs, forMs: briefMs };
    case "cold-starts":
      return { kind, entering, region, atMs, forMs: longMs };
    case "event-disorder":
      return {
        kind,
        entering,
        region,
        copies: random.integer(1, 4),
        latestMs: random.integer(1000, 60_000),
        atMs,
        forMs: longMs,
      };
    case "stale-describes":
      return {
        kind,
        entering,
        chance: pick(0.7, 1),
        byMs: random.integer(1000, 45_000),
        atMs,
        forMs: longMs,
      };
    case "stuck-operation":
      return {
        kind,
        entering,
        region,
        operation: OPERATIONS[phase] ?? pick(...longOperations),
        stallsMs: pick(60_000, 300_000, null),
        ends: pick("completes", "fails"),
        atMs,
        forMs: longMs,
      };
    case "expired-token":
      return { kind, entering, atMs, forMs: random.integer(120_000, 600_000) };
    case "kill-switch":
      return { kind, entering, atMs, forMs: longMs };
    case "skipped-ticks":
      // A tick is due once in a minute: one that is missing in a short phase is let pass before it.
      return {
        kind,
        entering: firstStateOf(BEFORE[phase] ?? phase),
        region,
        chance: 1,
        atMs,
        forMs: random.integer(60_000, 120_000),
      };
    case "clock-drift":
      throw new RangeError("clocks do not jump");
  }
};
