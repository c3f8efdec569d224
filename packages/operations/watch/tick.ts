import { otherSite, siteNamed, forSite, type Signal } from "@lifeboat/recovery/plan";
import type { Claim } from "@lifeboat/recovery/ledger";
import type { Context, SiteContext } from "../context.ts";
import { readEntry } from "../ledger/change-entry.ts";
import { liveHolder } from "../live-executions.ts";
import { witnessPlace, sitePlace } from "../ledger/places.ts";
import { NO_SIGHTINGS, observeLeases, type LeaseSightings } from "../observe-leases.ts";
import { readSignals } from "../read-signals.ts";
import { requestRecovery } from "../request-recovery.ts";
import { resumeAfterOwnFence } from "./own-fence.ts";
import { protectAgain } from "./protect-again.ts";
import {
  fenceSelf,
  renewLeases,
  tellFenced,
  type RenewalMemory,
  type RenewalResult,
} from "./renew-leases.ts";
import { settleSwitches } from "./settle-switches.ts";

/** What a watch remembers between the ticks of one invocation. */
export interface WatchMemory {
  readonly renewal: RenewalMemory;
  readonly sightings: LeaseSightings;
}

export const freshMemory = (nowMs: number): WatchMemory => ({
  renewal: { renewedAtMs: nowMs, canary: null },
  sightings: NO_SIGHTINGS,
});

export interface TickReport {
  readonly role: "active" | "passive" | "unknown";
  readonly detail: string;
  readonly memory: WatchMemory;
  /** The lease could not be renewed and self-fencing will be due: only this run of the watch knows when. */
  readonly countsDown: boolean;
}

const PROBE_TIMEOUT_MS = 3000;

/** One tick of a site's watch: what it does depends on what the ledger says the site is, asked anew each time. */
export const tick = async (
  context: SiteContext,
  machineArn: string,
  memory: WatchMemory,
): Promise<TickReport> => {
  const { plan, here, ports } = context;
  const claim = await readClaim(context);
  if (claim === null) return tickWithoutClaim(context, memory);
  if (claim.holder?.from === here.name && claim.holder.site !== here.name && claim.activeSite === here.name) {
    // The ledger is moving the workload away from here: stop, and say so once nothing can write any more.
    const running = await fenceSelf(context);
    if (running.length === 0) await tellFenced(context, claim);
    const state = running.length === 0 ? "fenced" : `stopping ${running.join(", ")}`;
    return {
      role: "active",
      detail: `${state}: epoch ${claim.epoch} moves ${plan.workload} to ${claim.holder.site}`,
      memory,
      countsDown: false,
    };
  }
  if (claim.activeSite === here.name) {
    const renewal = await renewLeases(context, claim, memory.renewal);
    if (claim.protection === "degraded") await settleSwitches(context).catch(() => undefined);
    if (renewal.type !== "renewed") return renewalReport(memory, renewal);
    // Renewed and unclaimed: the workload is served from here, whatever this site has stopped meanwhile.
    const resumed = await resumeAfterOwnFence(context, claim).catch(() => []);
    return renewalReport(memory, renewal, resumed.length === 0 ? "" : `, resuming ${resumed.join(", ")}`);
  }
  const passive = await tickPassive(context, claim, machineArn, memory);
  return {
    ...passive,
    memory: { ...passive.memory, renewal: { renewedAtMs: ports.clock.nowMs(), canary: null } },
  };
};

const renewalReport = (memory: WatchMemory, renewal: RenewalResult, where = ""): TickReport => ({
  role: "active",
  detail: `${renewal.type}${where}`,
  memory: { ...memory, renewal: renewal.memory },
  countsDown: renewal.type === "not-renewed",
});

const idle = (role: TickReport["role"], detail: string, memory: WatchMemory): TickReport => ({
  role,
  detail,
  memory,
  countsDown: false,
});

const readClaim = async ({ plan, ports }: SiteContext): Promise<Claim | null> => {
  try {
    return (await readEntry(ports, plan, witnessPlace(plan), "claim")).body;
  } catch {
    return null;
  }
};

/**
 * The witness is out of reach. A site whose lease still lies at the other site goes on renewing it there: no claim can be
 * made without the witness. Any other site does nothing.
 */
const tickWithoutClaim = async (context: SiteContext, memory: WatchMemory): Promise<TickReport> => {
  const { plan, here, ports } = context;
  try {
    const { body: lease } = await readEntry(
      ports,
      plan,
      sitePlace(plan, otherSite(plan, here.name).name),
      "lease",
    );
    if (lease.site !== here.name || lease.fenced)
      return idle("unknown", "the witness is out of reach", memory);
    const renewal = await renewLeases(context, { epoch: lease.epoch, activeSite: here.name }, memory.renewal);
    return renewalReport(memory, renewal, ", without the witness");
  } catch {
    // Both out of reach. Only a site that knows itself as the active one counts down; see `renewLeases`.
    if (memory.renewal.canary === null)
      return idle("unknown", "witness and other site are out of reach", memory);
    return renewalReport(
      memory,
      await renewLeases(context, { epoch: 0, activeSite: here.name }, memory.renewal),
    );
  }
};

const tickPassive = async (
  context: SiteContext,
  claim: Claim,
  machineArn: string,
  memory: WatchMemory,
): Promise<TickReport> => {
  const { plan } = context;
  const { sightings } = await observeLeases(context, claim.activeSite, memory.sightings);
  const next: WatchMemory = { ...memory, sightings };
  if ((await liveHolder(context, claim)) !== null)
    return idle("passive", `epoch ${claim.epoch} is being carried out`, next);
  if (claim.protection === "degraded") {
    const report = await protectAgain(context, claim);
    const detail = report.protected
      ? `${plan.workload} is protected again`
      : `not protected yet: ${report.missing.join("; ")}`;
    return idle("passive", detail, next);
  }
  await probeFrom(context, "standby", claim.activeSite);
  const { quorum } = await readSignals(context, claim.activeSite, sightings);
  if (!quorum.met) return idle("passive", quorum.reason, next);
  const result = await requestRecovery(context, machineArn, "watch", sightings, quorum.reason);
  return idle("passive", `${result.type}: ${result.reason}`, next);
};

/** Asks the active site's endpoint for every probe signal of this vantage, and reports the probes that failed. */
export const probeFrom = async (
  context: Context,
  vantage: "standby" | "witness",
  activeSite: string,
): Promise<readonly string[]> => {
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
  return failed;
};
