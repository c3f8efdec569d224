import { countQuorum, isOutside, type QuorumVerdict, type Reading } from "@lifeboat/recovery/quorum";
import { siteNamed, type Signal, type SiteName } from "@lifeboat/recovery/plan";
import type { SiteContext } from "./context.ts";
import { unrenewedForMs, type LeaseSightings } from "./observe-leases.ts";

/** A lease counts as a failing signal when this many renewals in a row did not come. */
const MISSED_RENEWALS = 2.5;

/** How long a lease has to be watched before its signal can speak, milliseconds. */
export const leaseSignalAfterMs = (renewEveryMs: number): number => renewEveryMs * MISSED_RENEWALS;

const readAlarm = async (
  context: SiteContext,
  region: string,
  alarm: string,
): Promise<Pick<Reading, "state" | "detail">> => {
  try {
    const state = await context.ports.alarms.state(region, alarm);
    if (state === null) return { state: "unknown", detail: `there is no alarm "${alarm}" in ${region}` };
    const detail = `alarm "${alarm}" in ${region}: ${state.value}`;
    if (state.value === "ALARM") return { state: "failing", detail };
    return { state: state.value === "OK" ? "healthy" : "unknown", detail };
  } catch (error) {
    return {
      state: "unknown",
      detail: `alarm "${alarm}" in ${region} could not be read: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
};

const readLease = (context: SiteContext, sightings: LeaseSightings): Pick<Reading, "state" | "detail"> => {
  const { plan, ports } = context;
  const forMs = unrenewedForMs(sightings, ports.clock.nowMs());
  if (forMs === null)
    return { state: "unknown", detail: "the lease cannot be read at the witness and at the standby" };
  const seconds = (forMs / 1000).toFixed(1);
  return forMs >= leaseSignalAfterMs(plan.ledger.lease.renewEveryMs)
    ? { state: "failing", detail: `no renewal for ${seconds} s` }
    : { state: "healthy", detail: `renewed, or watched for only ${seconds} s` };
};

/** Reads every signal of the plan, all at once, each bounded by its port's timeout. */
export const readSignals = async (
  context: SiteContext,
  activeSite: SiteName,
  sightings: LeaseSightings,
): Promise<{ readonly readings: readonly Reading[]; readonly quorum: QuorumVerdict }> => {
  const { plan, here } = context;
  const regionOf = (from: "standby" | "witness" | "active"): string =>
    ({ standby: here.region, witness: plan.witness.region, active: siteNamed(plan, activeSite).region })[
      from
    ];
  const read = async (signal: Signal): Promise<Reading> => {
    const said =
      signal.type === "lease"
        ? readLease(context, sightings)
        : await readAlarm(context, regionOf(signal.from), signal.alarm);
    return { signal: signal.name, outside: isOutside(signal), ...said };
  };
  const readings = await Promise.all(plan.decision.signals.map(read));
  return { readings, quorum: countQuorum(plan.decision, readings) };
};
