import type { RuleCase } from "./plan-with-values.ts";

/** Plans that break a rule about signals, leases and objectives. */
export const decisionErrors: readonly RuleCase[] = [
  {
    rule: "The quorum is at most",
    values: { "decision/quorum": 6 },
    path: "decision.quorum",
    message: /only 5: no outage would ever be declared/,
  },
  {
    rule: "In automatic mode the quorum can be reached",
    values: { "decision/quorum": 5 },
    path: "decision.quorum",
    message: /only 4 are observed outside/,
  },
  {
    rule: "There is at most one signal of type `lease`",
    values: { "decision/signals/3": { name: "lease-again", type: "lease" } },
    path: "decision.signals.4",
    message: /one vote, not two/,
  },
  {
    rule: "No alarm is named by two signals",
    values: { "decision/signals/3/alarm": "spacelift-unreachable-from-standby" },
    path: "decision.signals.3.alarm",
    message: /"probe-from-standby" reads this alarm/,
  },
  {
    rule: "In automatic mode `lossLimit`",
    values: { "decision/lossLimitMs": 120_000 },
    path: "decision.lossLimit",
    message: /may lose 2m, more than the RPO of 60s/,
  },
  {
    rule: "A lossy failover takes",
    values: { "decision/approvals/usual": 3 },
    path: "decision.approvals.lossy",
    message: /fewer people \(2\) than losing none \(3\)/,
  },
  {
    rule: "`fenceWithin` is shorter",
    values: { "ledger/lease/fenceWithinMs": 90_000 },
    path: "ledger.lease.fenceWithin",
    message: /takes up to 90s, but the lease holds only 90s/,
  },
  {
    rule: "Three renewals fit",
    values: { "ledger/lease/renewEveryMs": 24_000 },
    path: "ledger.lease.renewEvery",
    message: /renew at least every 23s/,
  },
  {
    rule: "Three renewals fit",
    values: {
      "ledger/lease/durationMs": 2000,
      "ledger/lease/fenceWithinMs": 500,
      "ledger/lease/renewEveryMs": 600,
      "ledger/lease/driftMarginMs": 100,
    },
    path: "ledger.lease.renewEvery",
    message: /in the 1500ms before self-fencing begins; renew at least every 500ms/,
  },
  {
    rule: "`driftMargin` is at least",
    values: { "ledger/lease/driftMarginMs": 89 },
    path: "ledger.lease.driftMargin",
    message: /take at least 90ms/,
  },
  {
    rule: "`driftMargin` is at least",
    values: { "ledger/lease/driftMarginMs": 90_000 },
    path: "ledger.lease.driftMargin",
    message: /longer than the lease/,
  },
];

/** Plans that work, with a warning about the same. */
export const decisionWarnings: readonly RuleCase[] = [
  {
    rule: "Warning: a `lossLimit` of less than three and a half renewals and a second",
    values: { "decision/lossLimitMs": 42_000 },
    path: "decision.lossLimit",
    message: /may lose 43s until its enforcer stops it, which is more than 42s: a person is asked/,
  },
  {
    rule: "Warning: a `lossLimit` of less than three and a half renewals and a second (without an enforcer: than the lease",
    values: { "stores/0/enforcer": "none", "decision/acceptPresumedFencing": true },
    path: "decision.lossLimit",
    message: /may lose 103s until its lease has ended, which is more than 60s/,
  },
  {
    rule: "Warning: where a database has no enforcer",
    values: { "stores/0/enforcer": "none" },
    path: "stores.0.enforcer",
    message: /will wait for a person in spite of `mode: automatic`/,
  },
  {
    rule: "Warning: the waits that no recovery can avoid",
    values: { "objectives/rtoMs": 153_000 },
    path: "objectives.rto",
    message: /alone take 153s of 153s/,
  },
];
