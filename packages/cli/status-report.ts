import type { Connection } from "@lifeboat/aws/connection";
import { newestRecords } from "@lifeboat/aws/deployed-workload";
import { createReadiness } from "@lifeboat/aws/check-functions";
import { createCompute } from "@lifeboat/aws/compute";
import { createIotDomains } from "@lifeboat/aws/iot";
import { createProtection } from "@lifeboat/aws/protection";
import { createDatabases } from "@lifeboat/aws/rds";
import { createBuckets, createSwitches } from "@lifeboat/aws/s3-buckets";
import { createLedgerStore } from "@lifeboat/aws/s3-ledger";
import { deployedName } from "@lifeboat/control-plane/names";
import { checkReadiness } from "@lifeboat/operations/check-readiness";
import { lookAtStandby } from "@lifeboat/operations/readiness/look-at-standby";
import { readEntry } from "@lifeboat/operations/ledger/change-entry";
import { leasePlaces, sitePlace, witnessPlace, type LedgerKey } from "@lifeboat/operations/ledger/places";
import type { Clock, LedgerPlace, Ports } from "@lifeboat/operations/ports";
import type { Claim, KillSwitch, Lease } from "@lifeboat/recovery/ledger";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import { otherSite, sitesOf, type RecoveryPlan } from "@lifeboat/recovery/plan";
import type { Finding } from "@lifeboat/recovery/readiness";
import { concernsIn } from "./status-concerns.ts";

/** What could be read, or why not. */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: string };

/** The state of a workload's recovery, as its account has it. Times are milliseconds since the Unix epoch. */
export interface StatusReport {
  readonly workload: string;
  readonly askedAtMs: number;
  readonly claim: Reading<Claim>;
  readonly killSwitch: Reading<KillSwitch>;
  /** The active site's lease at its two places. */
  readonly leases: Readonly<Record<"witness" | "standby", Reading<Lease>>>;
  /** The newest executions of both sites that left a record, newest first. */
  readonly outcomes: Reading<readonly RecoveryRecord[]>;
  /** Of the site that stands by. */
  readonly readiness: Reading<readonly Finding[]>;
  /** What a person has to look at; empty: a failover could begin now, by itself or by order. */
  readonly concerns: readonly string[];
}

const OUTCOMES = 5;

const unread = {
  ok: false,
  reason: "the claim could not be read, so nobody knows which site is active",
} as const;

const attempt = async <Value>(read: () => Promise<Value>): Promise<Reading<Value>> => {
  try {
    return { ok: true, value: await read() };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
};

/** Reads everything, changes nothing. Each part is read by itself: a region that is gone takes its own part along. */
export const readStatus = async (
  { plan, hash }: { readonly plan: RecoveryPlan; readonly hash: string },
  connectTo: (region: string) => Connection,
  clock: Pick<Clock, "nowMs">,
): Promise<StatusReport> => {
  const ids = { next: () => "nothing is written" };
  const entry = async <Body>(place: LedgerPlace, key: LedgerKey): Promise<Reading<Body>> =>
    attempt(async () => {
      const ports = { ledger: createLedgerStore(connectTo(place.region), clock), ids };
      return (await readEntry(ports, plan, place, key)).body as Body;
    });
  const [claim, killSwitch] = await Promise.all([
    entry<Claim>(witnessPlace(plan), "claim"),
    entry<KillSwitch>(witnessPlace(plan), "switch"),
  ]);
  const active = claim.ok ? claim.value.activeSite : null;
  const places = active === null ? null : leasePlaces(plan, active);
  const [witness, standby, outcomes, readiness] = await Promise.all([
    places === null ? unread : entry<Lease>(places.witness, "lease"),
    places === null ? unread : entry<Lease>(places.standby, "lease"),
    readOutcomes(plan, connectTo),
    active === null
      ? unread
      : plan.access === undefined
        ? readReadiness(plan, active, connectTo, clock)
        : askReadiness(plan, hash, active, connectTo),
  ]);
  const report = {
    workload: plan.workload,
    askedAtMs: clock.nowMs(),
    claim,
    killSwitch,
    leases: { witness, standby },
    outcomes,
    readiness,
  };
  return { ...report, concerns: concernsIn(plan, report) };
};

const readOutcomes = async (
  plan: RecoveryPlan,
  connectTo: (region: string) => Connection,
): Promise<Reading<readonly RecoveryRecord[]>> => {
  const readings = await Promise.all(
    sitesOf(plan).map(async ({ name, region }) =>
      attempt(() => newestRecords(connectTo(region), sitePlace(plan, name), plan.workload, OUTCOMES)),
    ),
  );
  const failed = readings.find((reading) => !reading.ok);
  const records = readings.flatMap((reading) => (reading.ok ? reading.value : []));
  // One region may be gone: the other's records are worth showing.
  if (records.length === 0 && failed !== undefined) return failed;
  const newest = records.toSorted((left, right) => right.endedAtMs - left.endedAtMs).slice(0, OUTCOMES);
  return { ok: true, value: newest };
};

const readReadiness = (
  plan: RecoveryPlan,
  active: string,
  connectTo: (region: string) => Connection,
  clock: Pick<Clock, "nowMs">,
): Promise<Reading<readonly Finding[]>> => {
  const here = otherSite(plan, active);
  const connection = connectTo(here.region);
  const ports = {
    clock,
    ledger: createLedgerStore(connection, clock),
    databases: createDatabases(connection),
    buckets: createBuckets(connection),
    protection: createProtection(connection),
    compute: createCompute(connection),
    brokers: createIotDomains(connection),
    traffic: { ...createSwitches(connection), resolve: () => Promise.resolve([]) },
  };
  // The checks look at the standby's resources, and neither wait nor write.
  const context = { plan, planHash: "", here, ports: ports as unknown as Ports };
  return attempt(() => lookAtStandby(context));
};

/**
 * Of a workload in another account, which lets in Lifeboat's functions and nobody else: they are asked to look, as the
 * assessment asks them. Whoever asks has to be allowed to invoke them.
 */
const askReadiness = (
  plan: RecoveryPlan,
  planHash: string,
  active: string,
  connectTo: (region: string) => Connection,
): Promise<Reading<readonly Finding[]>> => {
  const here = otherSite(plan, active);
  const readiness = createReadiness(connectTo(here.region), deployedName(plan.workload, "check-"));
  const context = { plan, planHash, here, ports: { readiness } as unknown as Ports };
  return attempt(() => checkReadiness(context));
};
