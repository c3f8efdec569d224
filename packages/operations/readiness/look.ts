import type { Finding } from "@lifeboat/recovery/readiness";

/** One thing to look at on the standby. Changes nothing. */
export interface Check {
  /** As the plan names it: `stores/database`. */
  readonly resource: string;
  readonly look: () => Promise<Pick<Finding, "state" | "detail">>;
}

export const ready = (detail: string): Pick<Finding, "state" | "detail"> => ({ state: "ready", detail });
export const unfit = (detail: string): Pick<Finding, "state" | "detail"> => ({ state: "unfit", detail });

export const unknownOf = (resource: string, error: unknown): Finding => ({
  resource,
  state: "unknown",
  detail: error instanceof Error ? error.message : String(error),
});

/** Looks everywhere at once. What cannot be asked is unknown. */
export const lookAtAll = async (checks: readonly Check[]): Promise<readonly Finding[]> =>
  Promise.all(
    checks.map(async ({ resource, look }): Promise<Finding> => {
      try {
        return { resource, ...(await look()) };
      } catch (error) {
        return unknownOf(resource, error);
      }
    }),
  );
