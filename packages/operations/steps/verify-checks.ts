import { RecoveryError } from "@lifeboat/recovery/errors";
import { forSite, type Check } from "@lifeboat/recovery/plan";
import { awaitGoal, type Observation } from "../await-goal.ts";
import type { Mandate, SiteContext, StepMemo, StepResult } from "../context.ts";
import { requireMandate } from "../ledger/hold-mandate.ts";
import { writtenBeat } from "../written-beat.ts";

const HTTP_TIMEOUT_MS = 3000;
const LIMIT_MS = 600_000;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Where a check is asked: at the site's own endpoint (before traffic moves), or by the names that users have. */
export type Scope = "standby" | "workload";

/** Runs one check of the plan until it passes or its time is up. */
export const verifyCheck = (
  context: SiteContext<"canary">,
  mandate: Mandate,
  name: string,
  scope: Scope,
  memo: StepMemo | null,
): Promise<StepResult> => {
  const { plan, here, ports } = context;
  const check = plan.checks.find((candidate) => candidate.name === name);
  if (check === undefined) throw new RecoveryError("InputInvalid", `the plan has no check "${name}"`);
  return awaitGoal(ports.clock, memo, {
    observe: () =>
      check.type === "http" ? askHttp(context, check, scope) : writeCanary(context, mandate, check),
    // Checks have nothing to set in motion: they only wait for what other phases started.
    act: async () => {},
    usualMs: 0,
    limitMs: LIMIT_MS,
    what: `check "${name}" in ${here.region}`,
  });
};

const askHttp = async (
  { plan, here, ports }: SiteContext<"canary">,
  check: Extract<Check, { type: "http" }>,
  scope: Scope,
): Promise<Observation> => {
  const own = new URL(forSite(check.urls, here.name));
  // The public name belongs to whichever switch leads to this endpoint.
  const publicHost = plan.traffic.find(
    (traffic) => traffic.type === "switch" && forSite(traffic.endpoints, here.name) === own.hostname,
  )?.host;
  if (scope === "workload" && publicHost !== undefined) own.hostname = publicHost;
  const reply = await ports.http.get(own.href, HTTP_TIMEOUT_MS);
  const said = "status" in reply ? `answered ${reply.status}` : reply.unreachable;
  const passed = "status" in reply && reply.status === check.expectStatus;
  return { type: passed ? "reached" : "moving", detail: `${own.href} ${said}` };
};

/** Admits nobody: that is the watch's to do, which announces it in the lease first. */
const writeCanary = async (
  { plan, here, ports }: SiteContext<"canary">,
  mandate: Mandate,
  check: Extract<Check, { type: "sql-canary" }>,
): Promise<Observation> => {
  await requireMandate(ports, plan, mandate);
  try {
    const beat = writtenBeat(
      await ports.canary.beat(here.region, {
        at: "here",
        store: check.store,
        workload: plan.workload,
        holder: here.name,
        epoch: mandate.epoch,
      }),
    );
    return { type: "reached", detail: `${check.store} took canary ${beat.sequence}` };
  } catch (error) {
    return { type: "moving", detail: `${check.store} did not take a canary: ${reasonOf(error)}` };
  }
};
