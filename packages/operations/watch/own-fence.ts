import { actWithinMs } from "@lifeboat/recovery/lease";
import { renewedLease, type Claim } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";
import { changeEntry } from "../ledger/change-entry.ts";
import { leasePlaces } from "../ledger/places.ts";
import { isOwnFenceNoted } from "../tending/own-fence-note.ts";

/*
 * How the watch asks for its site's own fence and takes it back. It stops and starts nothing by itself, so it may not know
 * what became of a fence that it asked for: one that nobody answered may be under way while the site renews again, and would
 * stop what serves. Acts are done one at a time. Once a resume has been answered no such fence goes on any more, and what it
 * stopped has been started again.
 */

/** Before a new container runs the function's code: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
const LONGEST_START_MS = 10_000;

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A fence that this container asked for then, and had no answer about, may still be under way. */
export const mayStillFence = ({ plan, ports }: SiteContext<never>, fenceAskedAtMs: number | null): boolean =>
  fenceAskedAtMs !== null &&
  ports.clock.nowMs() < fenceAskedAtMs + LONGEST_START_MS + actWithinMs(plan.ledger.lease);

/**
 * After a renewal: has started what this site's own fence stopped. Asks for nothing where no fence is noted, unless one may be
 * on its way to note it. Answers what was started; null: not known, so the next tick asks again.
 */
export const askToResume = async (
  context: SiteContext<"tending">,
  claim: Claim,
  fenceAskedAtMs: number | null,
  unnoted: boolean,
): Promise<readonly string[] | null> => {
  const { plan, here, ports } = context;
  try {
    if (!unnoted && !mayStillFence(context, fenceAskedAtMs) && !(await isOwnFenceNoted(context))) return [];
    const request = { workload: plan.workload, claimRevision: claim.revision, unnoted };
    const answer = await ports.tending.resume(here.region, request);
    return answer.type === "resumed" ? answer.started : null;
  } catch {
    return null;
  }
};

/** The last act of a site that was fenced because the ledger says so and runs nothing any more: tells whoever waits. */
export const tellFenced = async (context: SiteContext<never>, claim: Pick<Claim, "epoch">): Promise<void> => {
  const { plan, here, ports } = context;
  const places = leasePlaces(plan, here.name);
  await Promise.allSettled(
    [places.witness, places.standby].map((place) =>
      changeEntry(ports, plan, place, "lease", (body, writeId) =>
        body.site !== here.name || body.fenced || body.epoch > claim.epoch
          ? null
          : renewedLease(body, { ...body, fenced: true }, writeId),
      ),
    ),
  );
};
