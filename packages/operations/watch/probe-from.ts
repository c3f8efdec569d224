import { forSite, siteNamed, type Signal } from "@lifeboat/recovery/plan";
import type { Context } from "../context.ts";

const PROBE_TIMEOUT_MS = 3000;

export interface ProbeReport {
  /** How many probes this vantage has in the plan. */
  readonly asked: number;
  /** The names of those that got no answer, or a server's error. */
  readonly failed: readonly string[];
}

/** Asks the active site's endpoint for every probe signal of this vantage, and reports the probes that failed. */
export const probeFrom = async (
  context: Context<"alarms">,
  vantage: "standby" | "witness",
  activeSite: string,
): Promise<ProbeReport> => {
  const { plan, ports } = context;
  const region = context.here?.region ?? plan.witness.region;
  siteNamed(plan, activeSite);
  const probes = plan.decision.signals.filter(
    (signal): signal is Extract<Signal, { type: "probe" }> =>
      signal.type === "probe" && signal.from === vantage,
  );
  const failed: string[] = [];
  for (const probe of probes) {
    const reply = await ports.http.get(forSite(probe.urls, activeSite), PROBE_TIMEOUT_MS);
    if ("status" in reply && reply.status < 500) continue;
    failed.push(probe.name);
    // Only failures are reported: a healthy month then costs no metric calls, and silence is not taken for an outage.
    await ports.alarms.reportProbe(region, plan.workload, probe.name);
  }
  return { asked: probes.length, failed };
};
