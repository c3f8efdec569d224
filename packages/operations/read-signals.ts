import { countQuorum, isOutside, type QuorumVerdict, type Reading } from "@lifeboat/recovery/quorum";
import { siteNamed, type Signal, type SiteName } from "@lifeboat/recovery/plan";
import type { SiteContext } from "./context.ts";
import { databaseOf, unrenewedForMs, type LeaseSightings } from "./observe-leases.ts";

/** A lease counts as a failing signal when this many renewals in a row did not come. */
const MISSED_RENEWALS = 2.5;

/** How long a lease has to be watched before its signal can speak, milliseconds. */
export const leaseSignalAfterMs = (renewEveryMs: number): number => renewEveryMs * MISSED_RENEWALS;

/** The states of a region's alarms, or why they could not be read. One call for all: AWS charges for each. */
type RegionAlarms = ReadonlyMap<string, string> | { readonly unread: string };

const readRegion = async (
  { ports }: SiteContext<"alarms">,
  region: string,
  alarms: readonly string[],
): Promise<RegionAlarms> => {
  try {
    return await ports.alarms.states(region, alarms);
  } catch (error) {
    return { unread: error instanceof Error ? error.message : String(error) };
  }
};

const readAlarm = (
  region: string,
  alarm: string,
  states: RegionAlarms,
): Pick<Reading, "state" | "detail"> => {
  if ("unread" in states)
    return { state: "unknown", detail: `alarm "${alarm}" in ${region} could not be read: ${states.unread}` };
  const value = states.get(alarm);
  if (value === undefined) return { state: "unknown", detail: `there is no alarm "${alarm}" in ${region}` };
  const detail = `alarm "${alarm}" in ${region}: ${value}`;
  if (value === "ALARM") return { state: "failing", detail };
  return { state: value === "OK" ? "healthy" : "unknown", detail };
};

const readLease = (
  context: SiteContext<"alarms">,
  sightings: LeaseSightings,
): Pick<Reading, "state" | "detail"> => {
  const { plan, ports } = context;
  const forMs = unrenewedForMs(sightings, ports.clock.nowMs());
  if (forMs === null)
    return { state: "unknown", detail: "the lease cannot be read at the witness and at the standby" };
  const seconds = (forMs / 1000).toFixed(1);
  const { standing, silentForMs } = databaseOf(sightings, plan.ledger.lease);
  if (standing === "lost") {
    const silent = (silentForMs / 1000).toFixed(1);
    return {
      state: "failing",
      detail: `the site renews, and says that its database has taken no canary for ${silent} s`,
    };
  }
  return forMs >= leaseSignalAfterMs(plan.ledger.lease.renewEveryMs)
    ? { state: "failing", detail: `no renewal for ${seconds} s` }
    : { state: "healthy", detail: `renewed, or watched for only ${seconds} s` };
};

/** Reads every signal of the plan, all at once, each bounded by its port's timeout. */
export const readSignals = async (
  context: SiteContext<"alarms">,
  activeSite: SiteName,
  sightings: LeaseSightings,
): Promise<{ readonly readings: readonly Reading[]; readonly quorum: QuorumVerdict }> => {
  const { plan, here } = context;
  const regionOf = (from: "standby" | "witness" | "active"): string =>
    ({ standby: here.region, witness: plan.witness.region, active: siteNamed(plan, activeSite).region })[
      from
    ];
  const alarmsIn = new Map<string, string[]>();
  for (const signal of plan.decision.signals) {
    if (signal.type === "lease") continue;
    const region = regionOf(signal.from);
    alarmsIn.set(region, [...(alarmsIn.get(region) ?? []), signal.alarm]);
  }
  const states = new Map(
    await Promise.all(
      [...alarmsIn].map(
        async ([region, alarms]) => [region, await readRegion(context, region, alarms)] as const,
      ),
    ),
  );
  const read = (signal: Signal): Reading => {
    if (signal.type === "lease")
      return { signal: signal.name, outside: isOutside(signal), ...readLease(context, sightings) };
    const region = regionOf(signal.from);
    const said = readAlarm(region, signal.alarm, states.get(region) ?? new Map<string, string>());
    return { signal: signal.name, outside: isOutside(signal), ...said };
  };
  const readings = plan.decision.signals.map(read);
  return { readings, quorum: countQuorum(plan.decision, readings) };
};
