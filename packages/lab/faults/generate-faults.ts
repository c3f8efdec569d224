import { faultKinds, type Fault, type FaultKind } from "@lifeboat/cloud/faults/fault";
import { createRandom, type Random } from "@lifeboat/cloud/kernel/random";
import { INTERNET } from "@lifeboat/cloud/kernel/network";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { aimedFaults, aimsAtQuestion } from "./aim-faults.ts";

/** When the main loss of a schedule comes, at the earliest and at the latest. */
const MAIN_FROM_MS = 30_000;
const MAIN_TO_MS = 75_000;
/** Other faults begin within this time after the main loss: a recovery takes about six minutes. */
const SPREAD_MS = 420_000;
/** Out of a hundred schedules so many lose the active site. */
const LOSSES = 88;

const pick = <Item>(random: Random, items: readonly Item[]): Item => {
  const item = items[random.integer(0, items.length - 1)];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
};

/** How often each kind comes beside the main loss; a loss or a partition of the remaining places stops a recovery, so they are rarer. */
const WEIGHTS: Readonly<Record<FaultKind, number>> = {
  "site-loss": 3,
  partition: 4,
  throttling: 6,
  latency: 6,
  "lost-reply": 6,
  kill: 6,
  "cold-starts": 5,
  "event-disorder": 5,
  "stale-describes": 5,
  "stuck-operation": 4,
  "expired-token": 4,
  "clock-drift": 5,
  "skipped-ticks": 5,
  "kill-switch": 3,
};

const weighted: readonly FaultKind[] = faultKinds.flatMap((kind) =>
  Array.from({ length: WEIGHTS[kind] }, () => kind),
);

export const pickKind = (random: Random): FaultKind => pick(random, weighted);

/**
 * A schedule of faults for a plan, from a seed: mostly the loss of the active site, two to six faults more at any time, and
 * a few that are aimed at a phase of the recovery.
 */
export const generateFaults = (plan: RecoveryPlan, seed: number): readonly Fault[] => {
  const random = createRandom(`schedule/${seed}`);
  const places = placesOf(plan);
  const { primary, standby } = places;
  const faults: Fault[] = [];
  const mainAtMs = random.integer(MAIN_FROM_MS, MAIN_TO_MS);
  if (random.integer(1, 100) <= LOSSES) faults.push(mainLoss(random, primary, mainAtMs));
  // Now and then the standby lags behind before the loss: then a person has to accept what is lost.
  if (random.integer(1, 100) <= 25 || aimsAtQuestion(seed)) {
    const atMs = Math.max(0, mainAtMs - random.integer(70_000, 90_000));
    faults.push({
      kind: "partition",
      between: [primary, standby],
      atMs,
      forMs: random.integer(100_000, 200_000),
    });
  }
  const more = random.integer(2, 6);
  for (let count = 0; count < more; count++) {
    const kind = pickKind(random);
    const atMs = Math.max(0, mainAtMs + random.integer(-30_000, SPREAD_MS));
    faults.push(faultOf(random, kind, atMs, places));
  }
  faults.push(...aimedFaults(seed, places));
  return faults.sort((left, right) => left.atMs - right.atMs);
};

/** Most of what passes passes soon, and now and then it takes long. Milliseconds. */
const brief = (random: Random, leastMs: number, mostMs: number): number =>
  Math.min(random.integer(leastMs, mostMs), random.integer(leastMs, mostMs));

/** A control plane that is lost alone comes back: a site that serves its users is not moved away from. */
const mainLoss = (random: Random, place: string, atMs: number): Fault => {
  const plane = random.integer(1, 100) <= 88 ? "both" : pick(random, ["control", "data"] as const);
  const returns = plane === "control" || random.integer(1, 100) <= (plane === "both" ? 35 : 50);
  // A site that comes back long after it was left finds out what a recovery forgot: as likely as one that is soon back.
  const forMs = returns ? random.integer(20_000, 900_000) : null;
  return { kind: "site-loss", place, plane, atMs, forMs };
};

export interface Places {
  readonly primary: string;
  readonly standby: string;
  readonly witness: string;
  readonly places: readonly string[];
}

export const placesOf = (plan: RecoveryPlan): Places => {
  const primary = plan.sites.primary.region;
  const standby = plan.sites.standby.region;
  const witness = plan.witness.region;
  return { primary, standby, witness, places: [primary, standby, witness] };
};

/** A fault of a kind beside the main loss: where and how hard, as chance has it. */
export const faultOf = (
  random: Random,
  kind: FaultKind,
  atMs: number,
  { primary, standby, witness, places }: Places,
): Fault => {
  const forMs = brief(random, 20_000, 480_000);
  // What hits hard is short, what hits now and then goes on.
  const [chance, hardMs] = pick(random, [
    [0.03, brief(random, 120_000, 480_000)],
    [0.1, brief(random, 40_000, 240_000)],
    [0.4, random.integer(10_000, 60_000)],
    [1, random.integer(3_000, 25_000)],
  ] as const);
  // Most of what matters happens at the standby.
  const region = pick(random, [standby, standby, standby, primary, witness]);
  switch (kind) {
    case "site-loss":
      return {
        kind,
        place: pick(random, [standby, witness, witness]),
        plane: pick(random, ["both", "both", "control", "data"] as const),
        atMs,
        forMs: random.integer(10_000, 150_000),
      };
    case "partition": {
      const left = pick(random, places);
      const right = pick(
        random,
        [...places, INTERNET].filter((place) => place !== left),
      );
      return { kind, between: [left, right], atMs, forMs: brief(random, 10_000, 360_000) };
    }
    case "throttling":
      return {
        kind,
        region,
        service: pick(random, ["s3", "rds", "lambda", "ecs", "cloudwatch", "auto-scaling", "sfn"]),
        chance,
        atMs,
        forMs: hardMs,
      };
    case "latency":
      return { kind, region, extraMs: random.integer(50, 2_500), atMs, forMs };
    case "lost-reply":
      return { kind, region, chance, atMs, forMs: hardMs };
    case "kill":
      return {
        kind,
        region,
        when: pick(random, ["before", "after"] as const),
        chance: chance / 2,
        atMs,
        forMs: hardMs,
      };
    case "cold-starts":
      return { kind, region, atMs, forMs };
    case "event-disorder":
      return {
        kind,
        region,
        copies: random.integer(1, 4),
        latestMs: random.integer(1_000, 180_000),
        atMs,
        forMs,
      };
    case "stale-describes":
      return { kind, chance: pick(random, [0.3, 0.7, 1]), byMs: random.integer(1_000, 45_000), atMs, forMs };
    case "stuck-operation":
      return {
        kind,
        region: standby,
        operation: pick(random, ["failover", "failover", "task-start", "instance-launch"] as const),
        stallsMs: pick(random, [60_000, 60_000, 300_000, 300_000, 300_000, 3_600_000, null, null]),
        ends: pick(random, ["completes", "completes", "fails"] as const),
        atMs: Math.max(0, atMs - 120_000),
        forMs: random.integer(120_000, 400_000),
      };
    case "expired-token":
      return { kind, atMs, forMs: brief(random, 300_000, 1_500_000) };
    case "clock-drift":
      return {
        kind,
        place: pick(random, places),
        offsetMs: random.integer(-30_000, 30_000),
        ppm: random.integer(-200, 200),
        atMs: 0,
        forMs: null,
      };
    case "kill-switch":
      return { kind, atMs, forMs: random.integer(20_000, 300_000) };
    case "skipped-ticks":
      return { kind, region, chance: pick(random, [0.3, 0.6, 1]), atMs, forMs };
  }
};
