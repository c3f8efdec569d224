import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import type { Claim } from "@lifeboat/recovery/ledger";
import { siteNamed } from "@lifeboat/recovery/plan";
import { actsIn, isOurs, nameOf } from "./acts.ts";
import type { Checker, Evidence } from "./evidence.ts";

/** A holder that has ended is followed by another attempt within this time, if its site is to be moved at all. */
const SUCCESSION_MS = 1_800_000;
/** Where nothing has failed and the ledger has not changed for so long, nothing has anything left to do. */
const CALM_MS = 600_000;
/** Looked at for acts, at the end of a time of calm. */
const LAST_MS = 60_000;

/**
 * Every path leads to one state (invariant 9). At the end of a run, where the ledger says that nobody moves the workload:
 * 1. the writer of each store is at the active site, and no operation moves it;
 * 2. the active site's services and workers have their active counts, no less and no more, whatever was repeated;
 * 3. the active site's lease, of the current epoch, has not run out;
 * 4. traffic is where the active site is: the standby's switch is on while it is active; at rest no switch is, and the
 *    primary is closed exactly while it is the passive one;
 * 5. once the ledger says that the workload is protected, the passive site has its passive counts;
 * 6. where nobody was refused and the ledger did not change for ten minutes, nothing acts any more.
 * Where it names a holder that has ended, the next attempt has followed within half an hour, and what was asked for has been
 * started or forgotten by then. Under the kill switch nothing
 * may be put right, and a region that is lost cannot be: neither is judged.
 *
 * That the workload is protected again in the end is no matter of a moment: the runs of faults wait for it (`liveness`).
 */
export const convergence: Checker = (evidence) => {
  const claim = evidence.claims.at(-1);
  if (claim === undefined || evidence.switches.at(-1)?.body.on === true) return [];
  const said = (message: string) => ({ invariant: "convergence", message, atMs: evidence.endedAtMs });
  if (isUnderWay(evidence, claim.body))
    return isForgotten(evidence, claim)
      ? [
          said(
            `${claim.body.request?.execution} has been asked for half an hour ago, and nobody has started it`,
          ),
        ]
      : [];
  const { holder } = claim.body;
  if (holder !== null) {
    const stoppedAtMs = evidence.executions.find(({ arn }) => arn === holder.execution)?.stoppedAtMs;
    return stoppedAtMs !== undefined && evidence.endedAtMs - stoppedAtMs > SUCCESSION_MS
      ? [said(`the ledger is still held by ${holder.execution}, which has ended`)]
      : [];
  }
  return [
    ...misplaced(evidence, claim.body),
    ...unleased(evidence, claim.body),
    ...restless(evidence, claim.atMs),
  ].map(said);
};

const isUnderWay = ({ executions }: Evidence, { request }: Claim): boolean =>
  executions.some(({ status }) => status === "RUNNING") ||
  (request !== null && !executions.some(({ arn }) => arn === request.execution));

/** Asked for long ago, and never started: nothing is under way, and nothing is calm. */
const isForgotten = (
  { executions, endedAtMs }: Evidence,
  { atMs, body: { request } }: Evidence["claims"][number],
): boolean =>
  request !== null &&
  !executions.some(({ arn, status }) => arn === request.execution || status === "RUNNING") &&
  endedAtMs - atMs > SUCCESSION_MS;

const misplaced = ({ plan, standing }: Evidence, { activeSite, protection }: Claim): readonly string[] => {
  const { region } = siteNamed(plan, activeSite);
  const primary = plan.sites.primary.name;
  const isLost = (site: string): boolean => standing.lost.includes(siteNamed(plan, site).region);
  const isProtected = protection === "protected";
  return [
    ...standing.stores
      .filter(({ writerRegion, isMoving }) => writerRegion !== region || isMoving)
      .map(
        ({ name, writerRegion, isMoving }) =>
          `the writer of stores/${name} is in ${writerRegion}${isMoving ? ", and on the move," : ""} while ${activeSite} is active`,
      ),
    ...standing.compute.flatMap(({ name, site, desired, activeCount, passiveCount }) => {
      if (isLost(site) || (site !== activeSite && !isProtected)) return [];
      const due = site === activeSite ? activeCount : passiveCount;
      return desired === due ? [] : [`${name} of ${site} is to have ${desired} and not ${due}`];
    }),
    ...standing.switches.flatMap(({ name, site, on, closed }) => {
      const isPassive = site !== activeSite;
      // Between a recovery and its protection the switches of the primary, and of a site that is away, are on their way.
      if (!isProtected && (isPassive || site === primary)) return [];
      const due = { on: site === activeSite && site !== primary, closed: isPassive && site === primary };
      return on === due.on && closed === due.closed
        ? []
        : [`the switch ${name} of ${site} is ${on ? "on" : "off"}${closed ? " and closed" : ""}`];
    }),
  ];
};

const unleased = (
  { plan, leases, standing, endedAtMs }: Evidence,
  { activeSite, epoch }: Claim,
): readonly string[] => {
  if (standing.lost.includes(siteNamed(plan, activeSite).region)) return [];
  const held = leases.some(
    ({ atMs, body }) =>
      body.site === activeSite &&
      body.epoch === epoch &&
      !body.fenced &&
      body.durationMs > 0 &&
      atMs + body.durationMs > endedAtMs,
  );
  return held ? [] : [`${activeSite} is active and has no lease of epoch ${epoch}`];
};

/** Acts of the watches in a time in which there was nothing to do. */
const restless = (evidence: Evidence, changedAtMs: number): readonly string[] => {
  const { rows, endedAtMs } = evidence;
  const refusedAtMs = rows.findLast(({ outcome }) => outcome.type === "failed")?.sentAtMs ?? 0;
  if (endedAtMs - Math.max(changedAtMs, refusedAtMs) < CALM_MS) return [];
  // A run is asked this again and again while it settles, and its wire is long: what ended earlier, in whose order it is, began earlier.
  const isEarlier = (record: WireRecord): boolean => record.endedAtMs <= endedAtMs - LAST_MS;
  const last = evidence.wire.slice(evidence.wire.findLastIndex(isEarlier) + 1);
  return actsIn({ plan: evidence.plan, wire: last.filter(({ atMs }) => atMs > endedAtMs - LAST_MS) })
    .filter(isOurs)
    .map((record) => `${nameOf(record)} by ${record.origin.principal}, and there was nothing to do`);
};
