import { withoutRequest, type Claim } from "@lifeboat/recovery/ledger";
import type { QuorumVerdict } from "@lifeboat/recovery/quorum";
import { keepSightings, recallSightings } from "../kept-sightings.ts";
import { changeEntry } from "../ledger/change-entry.ts";
import { witnessPlace } from "../ledger/places.ts";
import { liveHolder } from "../live-executions.ts";
import type { ClaimedRequest } from "../ports.ts";
import { observeLeases, type LeaseSightings } from "../observe-leases.ts";
import { readSignals } from "../read-signals.ts";
import { requestRecovery } from "../request-recovery.ts";
import { lookAround } from "./look-around.ts";
import { reasonOf } from "./own-fence.ts";
import { releaseEnded } from "./release-ended.ts";
import { freshRenewalMemory } from "./renew-leases.ts";
import { NOT_STANDING_IN, standIn } from "./stand-in.ts";
import type { WatchContext } from "./watch-context.ts";
import { idle, type TickReport, type WatchMemory } from "./watch-memory.ts";

/** Nothing is going on in the ledger, and the site stands by: what it has to do depends on what it sees. */
export const isCalm = (claim: Claim, here: string): boolean =>
  claim.activeSite !== here &&
  claim.holder === null &&
  claim.request === null &&
  claim.protection === "protected";

/**
 * A tick of the site that stands by. `reread` is given where `claim` was read by an earlier tick: as long as the active site
 * renews its lease and answers, that will do; anything else is decided on the claim as it is now.
 */
export const tickPassive = async (
  context: WatchContext,
  claim: Claim,
  machineArn: string,
  memory: WatchMemory,
  reread?: () => Promise<Claim | null>,
): Promise<TickReport> => {
  const { here, ports } = context;
  const seen = await lookAround(context, claim.activeSite, memory.sightings);
  const next: WatchMemory = {
    ...memory,
    sightings: seen.sightings,
    renewal: freshRenewalMemory(ports.clock.nowMs()),
    mayBeFenced: true,
  };
  const isInOrder = seen.renewed && seen.failedProbes.length === 0;
  if (isInOrder && isCalm(claim, here.name))
    return idle("passive", `${claim.activeSite} renews and answers`, { ...next, standIn: NOT_STANDING_IN });
  if (reread !== undefined) {
    const current = await reread();
    if (current === null) return idle("unknown", "the witness is out of reach", next);
    if (current.activeSite === here.name)
      return idle("active", `${here.name} has become the active site`, { ...next, claim: null });
    return decide(
      context,
      current,
      machineArn,
      { ...next, claim: { body: current, readAtMs: ports.clock.nowMs() } },
      seen,
    );
  }
  return decide(context, claim, machineArn, next, seen);
};

const decide = async (
  context: WatchContext,
  claim: Claim,
  machineArn: string,
  memory: WatchMemory,
  seen: Awaited<ReturnType<typeof lookAround>>,
): Promise<TickReport> => {
  if ((await liveHolder(context, claim)) !== null)
    return idle("passive", `epoch ${claim.epoch} is being carried out`, memory);
  await forgetDeadRequest(context, claim);
  const released = await releaseEnded(context, claim);
  // Given back before anything was promoted, an outage may go on: it is looked at now, and no tick is lost.
  if (released !== null && claim.holder?.site === claim.activeSite) return idle("passive", released, memory);
  if (claim.protection === "degraded") return idle("passive", await askToProtect(context, claim), memory);
  let next = memory;
  let stoodIn = released ?? "";
  // Nobody stands in on a claim that has just changed.
  if (released === null && !seen.renewed && seen.answers) {
    const report = await standIn(context, claim, seen, memory.standIn);
    next = { ...memory, standIn: report.memory };
    stoodIn = report.detail;
    if (report.standsIn) return idle("passive", report.detail, next);
  } else if (seen.renewed) {
    next = { ...memory, standIn: NOT_STANDING_IN };
  }
  // A container that sees the lease for the first time takes it for renewed: another one may know better.
  const known = seen.renewed
    ? await recallSightings(context, claim.activeSite, seen.sightings)
    : await shareSightings(context, claim.activeSite, seen.sightings);
  const { quorum, sightings } = await awaitQuorum(context, claim.activeSite, known);
  next = { ...next, sightings };
  if (!quorum.met)
    return idle("passive", stoodIn === "" ? quorum.reason : `${quorum.reason}; ${stoodIn}`, next);
  const result = await requestRecovery(context, machineArn, "watch", sightings, quorum.reason);
  return idle("passive", `${result.type}: ${result.reason}`, next);
};

/**
 * Has the site's services stopped, and the next step towards protection made; answers how far that is. Whatever is not answered
 * is asked for again.
 */
const askToProtect = async (context: WatchContext, claim: Claim): Promise<string> => {
  const { plan, here, ports } = context;
  try {
    const request = { workload: plan.workload, claimRevision: claim.revision };
    const running = await askToRetire(context, request);
    const answer = await ports.tending.protect(here.region, { ...request, running });
    if (answer.type === "ledger-changed") return "not protected yet: the ledger has changed";
    return answer.protected
      ? `${plan.workload} is protected again`
      : `not protected yet: ${answer.missing.join("; ")}`;
  } catch (error) {
    return `not protected yet: ${reasonOf(error)}`;
  }
};

/** What of this site's services is not known to have stopped. What cannot be stopped yet keeps nobody from the rest. */
const askToRetire = async (
  { here, ports }: WatchContext,
  request: ClaimedRequest,
): Promise<readonly string[]> => {
  try {
    const answer = await ports.tending.retire(here.region, request);
    return answer.type === "retired" ? answer.ran : ["services"];
  } catch (error) {
    return [`services (${reasonOf(error)})`];
  }
};

/** Whoever asked for an execution starts it within the timeout of a function, or is dead. */
const NEVER_STARTED_MS = 180_000;

/**
 * An execution that failed, and could not say so, or was never started, leaves its request in the claim. Nothing is blocked by
 * that, but nothing is calm either: this site would look closely for ever.
 */
const forgetDeadRequest = async (context: WatchContext, claim: Claim): Promise<void> => {
  const { plan, ports } = context;
  if (claim.request === null) return;
  const { execution, requestedAtMs } = claim.request;
  let status: string;
  try {
    // Its own word alone: a region that does not answer says nothing of what runs in it.
    status = await ports.executions.status(execution);
  } catch {
    return;
  }
  if (status === "RUNNING" || status === "PENDING_REDRIVE") return;
  // One that was never started is started by whoever finds the outage going on. When there is none any more nobody does, and
  // nobody would stand in for the active site either while it seems to be asked for.
  if (status === "NONE" && ports.clock.nowMs() - requestedAtMs < NEVER_STARTED_MS) return;
  await changeEntry(ports, plan, witnessPlace(plan), "claim", (body, writeId) =>
    body.request?.execution === execution ? withoutRequest(body, execution, writeId) : null,
  );
};

/** What this container or another one saw first; word of it is left where there is none yet. */
const shareSightings = async (
  context: WatchContext,
  activeSite: string,
  sightings: LeaseSightings,
): Promise<LeaseSightings> => {
  const recalled = await recallSightings(context, activeSite, sightings);
  if (recalled === sightings) await keepSightings(context, activeSite, sightings);
  return recalled;
};

const LOOK_EVERY_MS = 2500;

/** Reads the signals; while one vote is missing, again every few seconds until the next tick: an outage is no time to wait. */
const awaitQuorum = async (
  context: WatchContext,
  activeSite: string,
  earlier: LeaseSightings,
): Promise<{ readonly quorum: QuorumVerdict; readonly sightings: LeaseSightings }> => {
  const { plan, ports } = context;
  const untilMs = ports.clock.nowMs() + plan.ledger.lease.renewEveryMs - 2 * LOOK_EVERY_MS;
  let sightings = earlier;
  for (;;) {
    const { readings, quorum } = await readSignals(context, activeSite, sightings);
    const votes = readings.filter(({ state }) => state === "failing").length;
    const isClose = votes >= plan.decision.quorum - 1;
    if (quorum.met || !isClose || ports.clock.nowMs() >= untilMs) return { quorum, sightings };
    await ports.clock.sleep(LOOK_EVERY_MS);
    sightings = (await observeLeases(context, activeSite, sightings)).sightings;
  }
};
