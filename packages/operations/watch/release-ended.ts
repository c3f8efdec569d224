import { withOutcome, type Claim, type Holder } from "@lifeboat/recovery/ledger";
import { isPastReturn } from "@lifeboat/recovery/phases";
import type { SiteContext } from "../context.ts";
import { changeEntry } from "../ledger/change-entry.ts";
import { witnessPlace } from "../ledger/places.ts";

const ENDED: ReadonlySet<string> = new Set(["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]);

/** The errors of the machine's two last states (`stepfunctions/failover.asl.json`): whatever was to be done lies behind them. */
const LAST_WORDS: ReadonlySet<string> = new Set(["RecoveryFailed", "OutcomeNotRecorded"]);

/** Which hold there is to give back, if any: `arrived`, or `left-alone`, as {@link releaseEnded} has them. */
const kindOf = ({ holder, activeSite, phase }: Claim): "arrived" | "left-alone" | null => {
  if (holder === null) return null;
  if (holder.site === activeSite) return "arrived";
  // The phase is the furthest that this holder, or one that it has taken over from, has come.
  return holder.from === activeSite && !isPastReturn(phase) ? "left-alone" : null;
};

/**
 * Is there nothing that it would still do, or that a redrive of it would have to do? Its own word alone counts: a region that does
 * not answer says nothing of what runs in it. Throws `AwsUnavailable`.
 */
const isOver = async (
  { ports }: SiteContext<"executions">,
  { execution }: Holder,
  kind: "arrived" | "left-alone",
): Promise<boolean> => {
  const status = await ports.executions.status(execution);
  if (kind === "left-alone") return ENDED.has(status);
  if (status !== "FAILED") return status === "SUCCEEDED";
  return LAST_WORDS.has((await ports.executions.failure(execution)) ?? "");
};

/**
 * Gives back the hold of an execution that has ended without doing so itself, in two cases:
 * - _arrived_: its site has become the active one, and nothing was left for it but to record its outcome (the witness was out of
 *   reach). Nobody takes over from it, for nothing is out of order. One that was stopped, or died, on its way keeps its hold:
 *   services may not run yet, and traffic not have moved. A redrive does the rest, and needs the hold for it.
 * - _left alone_: it has claimed, and no promotion may have begun. The site that it was to leave serves, or could, and steps
 *   down for the hold alone. Nothing of it takes effect late: each act asks for the mandate first, and the write that lets
 *   promotions begin is a compare-and-swap on the same claim. Whatever is still out of order begins a new execution.
 *
 * What it came to nobody knows here, so no cooldown begins; nor does one that died on its way to a claim make the next one wait:
 * a recovery that never completed does not block it. Says what it did; null: nothing. A failure to ask or to write leaves it to
 * the next tick.
 */
export const releaseEnded = async (
  context: SiteContext<"executions">,
  claim: Claim,
): Promise<string | null> => {
  const { plan, ports } = context;
  const { holder, epoch } = claim;
  const kind = kindOf(claim);
  if (holder === null || kind === null) return null;
  const { execution } = holder;
  try {
    if (!(await isOver(context, holder, kind))) return null;
    const endedAtMs = ports.clock.nowMs();
    const after = await changeEntry(ports, plan, witnessPlace(plan), "claim", (body, writeId) =>
      body.holder?.execution === execution && body.epoch === epoch && kindOf(body) === kind
        ? {
            ...withOutcome(body, { execution, endedAtMs, recovered: false, givenUp: false }, writeId),
            attemptEndedAtMs: kind === "arrived" ? endedAtMs : body.attemptEndedAtMs,
          }
        : null,
    );
    return after.holder === null ? `gave back what ${execution} held, which has ended` : null;
  } catch {
    return null;
  }
};
