import { RecoveryError } from "@lifeboat/recovery/errors";
import type { Claim } from "@lifeboat/recovery/ledger";
import { siteNamed } from "@lifeboat/recovery/plan";
import type { Context } from "./context.ts";
import type { Executions } from "./ports.ts";

const ended: ReadonlySet<string> = new Set(["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "NONE"]);

/** `arn:aws:states:eu-west-3:…` */
const regionOf = (executionArn: string): string => executionArn.split(":")[3] ?? "";

/**
 * What an execution is doing. Throws `AwsUnavailable` when that cannot be learned: two at once must not happen. One that runs
 * in the active site's own region is different: if that region does not answer, it is what is to be recovered from, and the
 * execution counts as ended (`FAILED`). Whoever takes over waits for that site's lease to run out and opens an epoch of its
 * own, in which the other one can do nothing.
 */
export const statusOf = async (
  { plan, ports }: Pick<Context<"executions">, "plan" | "ports">,
  execution: string,
  activeSite: string,
): ReturnType<Executions["status"]> => {
  try {
    return await ports.executions.status(execution);
  } catch (error) {
    const isUnanswered = error instanceof RecoveryError && error.name === "AwsUnavailable";
    if (isUnanswered && regionOf(execution) === siteNamed(plan, activeSite).region) return "FAILED";
    throw error;
  }
};

/** May the execution still act? Throws as {@link statusOf}. */
export const isLive = async (
  context: Pick<Context<"executions">, "plan" | "ports">,
  execution: string,
  activeSite: string,
): Promise<boolean> => !ended.has(await statusOf(context, execution, activeSite));

/** May the execution still act, by what Step Functions says of it? Throws `AwsUnavailable`, whichever region does not answer. */
export const isLiveByItsWord = async (
  { ports }: Pick<Context<"executions">, "ports">,
  execution: string,
): Promise<boolean> => !ended.has(await ports.executions.status(execution));

/**
 * The execution that carries out the claim's epoch; null when nobody holds it, or only one that died without an outcome: a
 * recovery that never completed does not block the next.
 */
export const liveHolder = async (
  context: Pick<Context<"executions">, "plan" | "ports">,
  { holder, activeSite }: Claim,
): Promise<string | null> =>
  holder !== null && (await isLive(context, holder.execution, activeSite)) ? holder.execution : null;
