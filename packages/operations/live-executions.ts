import type { Claim } from "@lifeboat/recovery/ledger";
import type { Ports } from "./ports.ts";

const ended: ReadonlySet<string> = new Set(["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "NONE"]);

/** May the execution still act? Throws `AwsUnavailable` when that cannot be learned: two at once must not happen. */
export const isLive = async (
  { executions }: Pick<Ports, "executions">,
  execution: string,
): Promise<boolean> => !ended.has(await executions.status(execution));

/**
 * The execution that carries out the claim's epoch; null when nobody holds it, or only one that died without an outcome: a
 * recovery that never completed does not block the next.
 */
export const liveHolder = async (
  ports: Pick<Ports, "executions">,
  { holder }: Claim,
): Promise<string | null> =>
  holder !== null && (await isLive(ports, holder.execution)) ? holder.execution : null;
