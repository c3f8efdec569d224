import type { Fault } from "@lifeboat/cloud/faults/fault";
import { createRandom, type Random } from "@lifeboat/cloud/kernel/random";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";

/** When the active site goes. */
const FROM_MS = 30_000;
const TO_MS = 75_000;
/** A lease of a minute and a half runs out about then: so does the site come back. */
const BACK_FROM_MS = 60_000;
const BACK_TO_MS = 160_000;
/** Other faults begin so long before and after that. */
const BEFORE_MS = 40_000;
const AFTER_MS = 30_000;
/** Out of a hundred schedules so many lose the new site as well, while the recovery is under way or shortly after it. */
const SECOND_LOSSES = 30;

interface Places {
  readonly primary: string;
  readonly standby: string;
  readonly witness: string;
}

const pick = <Item>(random: Random, first: Item, ...others: readonly Item[]): Item =>
  [first, ...others][random.integer(0, others.length)] ?? first;

/**
 * A schedule of faults around the claim: the active site is lost, or cut off while it lives, and is back about when its
 * standby claims the workload, while calls between the three places stammer. What two sites do to one lease in those seconds
 * is where a second writer would come from, and few of the schedules of `generateFaults` come near.
 */
export const generateClaimFaults = (plan: RecoveryPlan, seed: number): readonly Fault[] => {
  const random = createRandom(`claim-schedule/${seed}`);
  const places: Places = {
    primary: plan.sites.primary.region,
    standby: plan.sites.standby.region,
    witness: plan.witness.region,
  };
  const atMs = random.integer(FROM_MS, TO_MS);
  const backMs = random.integer(BACK_FROM_MS, BACK_TO_MS);
  const faults: Fault[] = [...absence(random, places, atMs, backMs)];
  const more = random.integer(1, 4);
  for (let count = 0; count < more; count++)
    faults.push(stammer(random, places, atMs + backMs + random.integer(-BEFORE_MS, AFTER_MS)));
  if (random.integer(1, 100) <= SECOND_LOSSES) {
    faults.push({
      kind: "site-loss",
      place: places.standby,
      plane: "both",
      atMs: atMs + random.integer(150_000, 500_000),
      forMs: random.integer(60_000, 400_000),
    });
  }
  return faults.sort((left, right) => left.atMs - right.atMs);
};

/** The active site is gone for a while, or lives and reaches nobody, or lives without its users. */
const absence = (
  random: Random,
  { primary, standby, witness }: Places,
  atMs: number,
  backMs: number,
): readonly Fault[] => {
  const how = pick(random, "lost", "lost", "cut-off", "cut-off-and-unserved");
  if (how === "lost") return [{ kind: "site-loss", place: primary, plane: "both", atMs, forMs: backMs }];
  const cutOff: readonly Fault[] = [
    {
      kind: "partition",
      between: [primary, standby],
      atMs,
      forMs: backMs + random.integer(-20_000, 40_000),
    },
    {
      kind: "partition",
      between: [primary, witness],
      atMs: atMs + random.integer(-5000, 5000),
      forMs: backMs,
    },
  ];
  if (how === "cut-off") return cutOff;
  const unservedMs = backMs + random.integer(0, 600_000);
  return [...cutOff, { kind: "site-loss", place: primary, plane: "data", atMs, forMs: unservedMs }];
};

/** Calls are refused, late, half done or never sent. */
const stammer = (random: Random, { primary, standby, witness }: Places, atMs: number): Fault => {
  const ledger = pick(random, standby, witness);
  const place = pick(random, primary, standby, witness);
  const chance = pick(random, 0.2, 0.4, 0.7);
  const forMs = random.integer(5000, 60_000);
  const kind = pick(random, "throttling", "throttling", "latency", "lost-reply", "kill", "partition");
  switch (kind) {
    case "throttling":
      return { kind, region: ledger, service: "s3", chance, atMs, forMs };
    case "latency":
      return { kind, region: ledger, extraMs: random.integer(200, 1900), atMs, forMs };
    case "lost-reply":
      return { kind, region: place, chance, atMs, forMs };
    case "kill":
      return { kind, region: place, when: pick(random, "before", "after"), chance: chance / 2, atMs, forMs };
    case "partition":
      return { kind, between: [primary, ledger], atMs, forMs };
  }
};
