import { withRequest } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "./context.ts";
import { changeEntry, readEntry } from "./ledger/change-entry.ts";
import { requireSwitchOff } from "./ledger/hold-mandate.ts";
import { witnessPlace } from "./ledger/places.ts";
import { statusOf } from "./live-executions.ts";
import { recallSightings } from "./kept-sightings.ts";
import { observeLeases, NO_SIGHTINGS, type LeaseSightings } from "./observe-leases.ts";
import { leaseSignalAfterMs, readSignals } from "./read-signals.ts";

export type RequestResult =
  | { readonly type: "started"; readonly execution: string; readonly reason: string }
  | { readonly type: "already-requested"; readonly execution: string; readonly reason: string }
  | { readonly type: "not-needed"; readonly reason: string };

const LOOK_EVERY_MS = 2500;
/** Between two automatic attempts: what refused the last one (an unfit standby, say) does not mend in seconds. */
const PAUSE_MS = 120_000;

/**
 * Asks whether there is an outage, by the plan's quorum. The lease's signal needs time to speak: until it can, or the
 * lease is seen renewed, this looks again every few seconds, inside the function (an invocation is cheaper and sooner than
 * an execution that finds nothing to do).
 */
export const watchForOutage = async (
  context: SiteContext<"alarms" | "executions">,
  activeSite: string,
  earlier: LeaseSightings = NO_SIGHTINGS,
): Promise<{ readonly outage: boolean; readonly reason: string; readonly sightings: LeaseSightings }> => {
  const { plan, ports } = context;
  const giveUpAtMs = ports.clock.nowMs() + leaseSignalAfterMs(plan.ledger.lease.renewEveryMs) + LOOK_EVERY_MS;
  let sightings = earlier;
  for (;;) {
    const observed = (await observeLeases(context, activeSite, sightings)).sightings;
    sightings = await recallSightings(context, activeSite, observed);
    const { readings, quorum } = await readSignals(context, activeSite, sightings);
    if (quorum.met) return { outage: true, reason: quorum.reason, sightings };
    const votesLeft = readings.filter(
      (reading) => reading.state === "failing" || isWaitingLease(reading.signal, context),
    ).length;
    const hopeless = votesLeft < plan.decision.quorum;
    if (hopeless || ports.clock.nowMs() >= giveUpAtMs)
      return { outage: false, reason: quorum.reason, sightings };
    await ports.clock.sleep(LOOK_EVERY_MS);
  }
};

const isWaitingLease = (signal: string, { plan }: SiteContext<"alarms" | "executions">): boolean =>
  plan.decision.signals.some((candidate) => candidate.name === signal && candidate.type === "lease");

/** `arn:…:stateMachine:name` and an execution's name give the execution's ARN. */
export const executionArn = (machineArn: string, name: string): string =>
  `${machineArn.replace(":stateMachine:", ":execution:")}:${name}`;

/**
 * Starts at most one failover for a workload, however many alarms say so, twice or late. The request is written into the
 * claim by compare-and-swap before the execution is started under the name that it carries; whoever finds a request whose
 * execution was never started (its writer died in between) starts it, under the same name and with the same input.
 */
export const requestRecovery = async (
  context: SiteContext<"alarms" | "executions">,
  machineArn: string,
  trigger: string,
  sightings: LeaseSightings,
  reason: string,
): Promise<RequestResult> => {
  const { plan, ports } = context;
  const place = witnessPlace(plan);
  await requireSwitchOff(ports, plan);
  const { body: claim } = await readEntry(ports, plan, place, "claim");
  const input = { workload: plan.workload, trigger: "automatic" };
  const present = claim.request;
  if (present !== null) {
    const status = await statusOf(context, present.execution, claim.activeSite);
    if (status === "NONE" && present.execution.startsWith(`${executionArn(machineArn, plan.workload)}-`)) {
      await ports.executions.start(machineArn, nameIn(present.execution), {
        ...input,
        ...sightingsInput(sightings),
      });
      return { type: "started", execution: present.execution, reason: "requested before, but never started" };
    }
    if (status === "RUNNING" || status === "PENDING_REDRIVE") {
      return {
        type: "already-requested",
        execution: present.execution,
        reason: `${present.execution} is running`,
      };
    }
  }
  const sinceAttemptMs = ports.clock.nowMs() - (claim.attemptEndedAtMs ?? Number.NEGATIVE_INFINITY);
  if (sinceAttemptMs < PAUSE_MS) {
    const reason = `the last attempt ended ${Math.round(sinceAttemptMs / 1000)} s ago; the next one waits for ${PAUSE_MS / 1000} s`;
    return { type: "not-needed", reason };
  }
  // Unique for each change of the claim, so that two callers of one revision cannot make two names.
  const name = `${plan.workload}-e${claim.epoch}-r${claim.revision}`;
  const execution = executionArn(machineArn, name);
  const requestedAtMs = ports.clock.nowMs();
  const changed = await changeEntry(ports, plan, place, "claim", (body, writeId) =>
    body.revision === claim.revision
      ? withRequest(body, { execution, requestedAtMs, trigger }, writeId)
      : null,
  );
  if (changed.request?.execution !== execution) {
    return {
      type: "already-requested",
      execution: changed.request?.execution ?? "",
      reason: "another request was faster",
    };
  }
  await ports.executions.start(machineArn, name, { ...input, ...sightingsInput(sightings) });
  return { type: "started", execution, reason };
};

const sightingsInput = (sightings: LeaseSightings): { readonly sightings?: LeaseSightings } =>
  sightings.witness === null && sightings.standby === null ? {} : { sightings };

const nameIn = (execution: string): string => execution.slice(execution.lastIndexOf(":") + 1);
