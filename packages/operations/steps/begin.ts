import { RecoveryError } from "@lifeboat/recovery/errors";
import { moveToFinish, withRequest, type Claim, type UnfinishedMove } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";
import { changeEntry, readEntry } from "../ledger/change-entry.ts";
import { witnessPlace } from "../ledger/places.ts";
import { isLive, isLiveByItsWord } from "../live-executions.ts";
import { NO_SIGHTINGS, observeLeases, type LeaseSightings } from "../observe-leases.ts";

export interface BeginRequest {
  readonly execution: string;
  readonly dryRun: boolean;
  readonly trigger: string;
  /** What whoever started the execution has seen of the leases already; spares that part of the wait. */
  readonly sightings: LeaseSightings | null;
}

export interface Begun {
  readonly claim: Claim;
  readonly sightings: LeaseSightings;
  /** Another live execution that has the workload; null: this one has it. */
  readonly otherExecution: string | null;
  /** The move to this site that is to be finished; null: the workload is to be moved here. */
  readonly finishes: UnfinishedMove | null;
}

/**
 * Reads the ledger, makes this execution the workload's one and only (by compare-and-swap on the claim's request), and
 * begins to watch the leases. Where the workload is active here already, a person may have an unfinished move finished; anything else
 * is refused (`InputInvalid`). A dry run writes nothing. Throws `AwsUnavailable` while the state of another execution
 * cannot be learned: two at once is the one thing that must not happen.
 */
export const begin = async (context: SiteContext<"executions">, request: BeginRequest): Promise<Begun> => {
  const { plan, here, ports } = context;
  const place = witnessPlace(plan);
  const { body: claim } = await readEntry(ports, plan, place, "claim");
  // Nothing automatic finishes a move: whoever left it unfinished may have had a reason (ADR 12).
  const finishes = request.trigger === "person" ? moveToFinish(claim, here.name) : null;
  if (claim.activeSite === here.name && finishes === null) {
    throw new RecoveryError(
      "InputInvalid",
      `"${plan.workload}" is active at ${here.name} already; start the machine in the region of the passive site`,
    );
  }
  const current = claim.request?.execution ?? null;
  const isOurs = current === request.execution;
  // Sightings in the input are evidence only where the ledger says that Lifeboat itself asked for this execution.
  const given = isOurs ? request.sightings : null;
  // Nobody waits for the lease of the site that one runs in.
  const { sightings } =
    finishes === null
      ? await observeLeases(context, claim.activeSite, given ?? NO_SIGHTINGS)
      : { sightings: NO_SIGHTINGS };
  const begun = { claim, sightings, finishes };
  const other = await otherThatLives(context, claim, request.execution, finishes);
  if (other !== null) return { ...begun, otherExecution: other };
  if (request.dryRun || isOurs) return { ...begun, otherExecution: null };
  const requestedAtMs = ports.clock.nowMs();
  const changed = await changeEntry(ports, plan, place, "claim", (body, writeId) => {
    // Somebody else came in between, or we did and lost the reply.
    if ((body.request?.execution ?? null) !== current) return null;
    return withRequest(
      body,
      { execution: request.execution, requestedAtMs, trigger: request.trigger },
      writeId,
    );
  });
  const winner = changed.request?.execution ?? null;
  return { ...begun, claim: changed, otherExecution: winner === request.execution ? null : winner };
};

/**
 * Another live execution that has the workload. Who finishes a move asks for the holder as well, which a redrive may have brought back
 * to life after its request was forgotten; and believes its word alone: its own region is no lost one.
 */
const otherThatLives = async (
  context: SiteContext<"executions">,
  { request, holder, activeSite }: Claim,
  execution: string,
  finishes: UnfinishedMove | null,
): Promise<string | null> => {
  const others = [request, finishes === null ? null : holder].flatMap((one) =>
    one === null || one.execution === execution ? [] : [one.execution],
  );
  for (const other of others) {
    const otherIsLive =
      finishes === null ? await isLive(context, other, activeSite) : await isLiveByItsWord(context, other);
    if (otherIsLive) return other;
  }
  return null;
};
