import { deployedName } from "@lifeboat/control-plane/names";
import { judgeCooldown } from "@lifeboat/recovery/cooldown";
import { moveToFinish, type Claim } from "@lifeboat/recovery/ledger";
import { canaryStore, otherSite, siteNamed, type RecoveryPlan } from "@lifeboat/recovery/plan";
import { judgeReadiness } from "@lifeboat/recovery/readiness";
import type { StatusReport } from "./status-report.ts";

type Read = Omit<StatusReport, "concerns">;

/** A lease whose last report is older than this many renewals is not being renewed. */
const MISSED_RENEWALS = 5;

/** What of all that was read a person has to look at, as sentences. Empty: a failover could begin now. */
export const concernsIn = (plan: RecoveryPlan, report: Read): readonly string[] => [
  ...(report.claim.ok ? claimConcerns(plan, report.claim.value) : [`the claim: ${report.claim.reason}`]),
  ...cooldownConcerns(plan, report),
  ...killSwitchConcerns(report),
  ...leaseConcerns(plan, report),
  ...readinessConcerns(report),
];

const claimConcerns = (plan: RecoveryPlan, claim: Claim): readonly string[] => {
  const { holder, phase, protection, activeSite, epoch } = claim;
  const concerns: string[] = [];
  if (holder !== null)
    concerns.push(`epoch ${epoch} is being carried out, in phase "${phase}", by ${holder.execution}`);
  const move = moveToFinish(claim, activeSite);
  if (move !== null) {
    const { region } = siteNamed(plan, activeSite);
    const when = holder === null ? "" : "if that execution has ended, ";
    concerns.push(
      `the move from ${move.from} to ${activeSite} is not finished: ${when}start ${deployedName(plan.workload, "failover")} in ${region} with {"workload": "${plan.workload}"}`,
    );
  }
  if (protection === "degraded")
    concerns.push(`nothing protects ${plan.workload}: ${otherSite(plan, activeSite).name} is not back yet`);
  return concerns;
};

/** By the assessment's own rule: what it would refuse. */
const cooldownConcerns = (plan: RecoveryPlan, { claim, askedAtMs }: Read): readonly string[] => {
  const { cooldownMs } = plan.decision;
  if (!claim.ok || judgeCooldown(claim.value, cooldownMs, askedAtMs).over) return [];
  const remainingMs = (claim.value.recoveredAtMs ?? 0) + cooldownMs - askedAtMs;
  const remaining =
    remainingMs < 120_000 ? `${Math.ceil(remainingMs / 1000)} s` : `${Math.ceil(remainingMs / 60_000)} min`;
  return [
    `nothing automatic starts for another ${remaining} (cooldown); a person may order a failover with an override`,
  ];
};

const killSwitchConcerns = ({ killSwitch }: Read): readonly string[] => {
  if (!killSwitch.ok) return [`the kill switch: ${killSwitch.reason}`];
  const { on, by, why } = killSwitch.value;
  return on ? [`the kill switch is on, by ${by}: ${why}`] : [];
};

const leaseConcerns = (plan: RecoveryPlan, { claim, leases, askedAtMs }: Read): readonly string[] => {
  // Where they lie is not known without the claim.
  if (!claim.ok) return [];
  const concerns: string[] = [];
  const read = (["witness", "standby"] as const).flatMap((where) => {
    const lease = leases[where];
    if (lease.ok) return [{ where, ...lease.value }];
    concerns.push(`the lease at the ${where}: ${lease.reason}`);
    return [];
  });
  for (const { where, site, fenced } of read)
    if (fenced)
      concerns.push(`${site} has fenced itself, says the lease at the ${where}: it takes no writes`);
  const silent = read.flatMap(({ where, canary }) => (canary === null ? [`at the ${where}`] : []));
  if (canaryStore(plan) !== undefined && silent.length > 0)
    concerns.push(
      `no canary is reported in the lease ${silent.join(" and ")}, which tells what a failover would lose`,
    );
  const reports = read.flatMap(({ canary }) => (canary === null ? [] : [canary.reportedAtMs]));
  const ageMs = askedAtMs - Math.max(...reports, Number.NEGATIVE_INFINITY);
  if (reports.length > 0 && ageMs > MISSED_RENEWALS * plan.ledger.lease.renewEveryMs)
    concerns.push(
      `the lease was last renewed ${Math.round(ageMs / 1000)} s ago, as far as this clock can tell`,
    );
  return concerns;
};

const readinessConcerns = ({ claim, readiness }: Read): readonly string[] => {
  if (!claim.ok) return [];
  if (!readiness.ok) return [readiness.reason];
  const verdict = judgeReadiness(readiness.value);
  return verdict.ready ? [] : [verdict.reason];
};
