import { RecoveryError } from "@lifeboat/recovery/errors";
import { withRequest, type Claim } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";
import { changeEntry, readEntry } from "../ledger/change-entry.ts";
import { witnessPlace } from "../ledger/places.ts";
import { isLive } from "../live-executions.ts";
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
}

/**
 * Reads the ledger, makes this execution the workload's one and only (by compare-and-swap on the claim's request), and
 * begins to watch the leases. A dry run writes nothing. Throws `AwsUnavailable` while the state of another execution
 * cannot be learned: two at once is the one thing that must not happen.
 */
export const begin = async (context: SiteContext<"executions">, request: BeginRequest): Promise<Begun> => {
  const { plan, ports } = context;
  const place = witnessPlace(plan);
  const { body: claim } = await readEntry(ports, plan, place, "claim");
  if (claim.activeSite === context.here.name) {
    throw new RecoveryError(
      "InputInvalid",
      `"${plan.workload}" is active at ${context.here.name} already; start the machine in the region of the passive site`,
    );
  }
  const current = claim.request?.execution ?? null;
  const isOurs = current === request.execution;
  // Sightings in the input are evidence only where the ledger says that Lifeboat itself asked for this execution.
  const given = isOurs ? request.sightings : null;
  const { sightings } = await observeLeases(context, claim.activeSite, given ?? NO_SIGHTINGS);
  const other = current === null || isOurs ? null : current;
  const otherIsLive = other !== null && (await isLive(context, other, claim.activeSite));
  if (otherIsLive) return { claim, sightings, otherExecution: other };
  if (request.dryRun || isOurs) return { claim, sightings, otherExecution: null };
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
  return { claim: changed, sightings, otherExecution: winner === request.execution ? null : winner };
};
