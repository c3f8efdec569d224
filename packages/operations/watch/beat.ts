import { writerGraceMs } from "@lifeboat/recovery/lease";
import type { Lease } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";

export type Beaten =
  | { readonly type: "written"; readonly canary: NonNullable<Lease["canary"]> }
  /** No connection was made: nothing was written, and the enforcer's row is as old as before. */
  | { readonly type: "unreached" }
  /** It may have been written, or may yet be. */
  | { readonly type: "unknown" };

/** The canary function ends within this time, whatever becomes of it: a beat that nobody knows of is written by then. */
export const LONGEST_BEAT_MS = 10_000;

/** Writes the canary, and refreshes the row by which the enforcer admits writers, for so long as the renewal allows. */
export const beat = async (
  { plan, here, ports }: SiteContext<"canary">,
  store: string,
  epoch: number,
  sentAtMs: number,
): Promise<Beaten> => {
  const terms = plan.ledger.lease;
  try {
    const answer = await ports.canary.beat(here.region, {
      at: "here",
      store,
      workload: plan.workload,
      holder: here.name,
      epoch,
      // Counted from before the renewal was sent.
      askedAtMs: sentAtMs,
      validForMs: writerGraceMs(terms, plan.decision.lossLimitMs),
    });
    if (answer.type === "unreached") return { type: "unreached" };
    const { sequence, writtenAtMs } = answer;
    return {
      type: "written",
      canary: {
        sequence,
        acknowledgedAtMs: writtenAtMs,
        periodMs: terms.renewEveryMs,
        reportedAtMs: writtenAtMs,
      },
    };
  } catch {
    return { type: "unknown" };
  }
};

/** Asks the writer, and changes nothing there: not even the row by which the enforcer admits writers. */
export const doesAnswer = ({ plan, here, ports }: SiteContext<"canary">, store: string): Promise<boolean> =>
  ports.canary.newest(here.region, { at: "writer", store, workload: plan.workload }).then(
    () => true,
    () => false,
  );
