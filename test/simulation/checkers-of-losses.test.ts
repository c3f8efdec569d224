import type { WriteRow } from "@lifeboat/cloud/client/rows";
import type { Evidence } from "@lifeboat/lab/checks/evidence";
import type { Lease } from "@lifeboat/recovery/ledger";
import { forSite } from "@lifeboat/recovery/plan";
import { describe, expect, it } from "vitest";
import {
  acknowledged,
  call,
  claimsOfPromotion,
  execution,
  found,
  heldAt,
  historyEvent,
  leaseAt,
  plan,
  promotion,
  recordAt,
} from "./planted-evidence.ts";

describe("the guard of the loss", () => {
  const canary = (atMs: number, region = "eu-west-1") => ({ atMs, region, timeline: 1, key: "spacelift" });
  const run = { claims: claimsOfPromotion, wire: [promotion], executions: [execution()] };

  it("fires on a promotion after the database had taken no canary for some renewals of the lease", () => {
    const blind = {
      ...run,
      canaries: [canary(10_000), canary(40_000, "eu-west-3")],
      leases: [leaseAt(50_000, {})],
    };
    expect(found("rpo-guard", blind)).toEqual([
      expect.stringMatching(/no canary for 40000 ms before its last renewal/),
    ]);
  });

  it("is content with canaries up to the last renewal, whatever came after it, and with people who accept", () => {
    const canaries = [canary(30_000), canary(95_000, "eu-west-3")];
    const seen = {
      ...run,
      canaries,
      leases: [leaseAt(50_000, {}), leaseAt(95_000, { site: "paris", by: "paris" })],
    };
    expect(found("rpo-guard", seen)).toEqual([]);
    const ordered = execution({
      input: { workload: "spacelift", override: { who: "one", why: "it burns" } },
    });
    const blind = { canaries: [canary(1000)], leases: [leaseAt(80_000, {})] };
    expect(found("rpo-guard", { ...run, ...blind })).toHaveLength(1);
    expect(found("rpo-guard", { ...run, ...blind, executions: [ordered] })).toEqual([]);
  });
});

describe("the guard of the loss, where canaries had stopped", () => {
  const STANDBY = forSite(plan.ledger.buckets, "paris");
  const told = (beatMs: number | undefined, acknowledgedAtMs = 10_000): Partial<Lease> => ({
    canary: {
      sequence: 1,
      acknowledgedAtMs,
      periodMs: 12_000,
      reportedAtMs: 85_000,
      mayHaveBeatenAtMs: beatMs,
    },
  });
  const canary = { atMs: 10_000, region: "eu-west-1", timeline: 1, key: "spacelift" };
  const silent = (
    witnessed: Partial<Lease>,
    atStandby: Partial<Lease> | null,
    commits: Evidence["commits"] = [],
  ): Partial<Evidence> => ({
    claims: claimsOfPromotion,
    wire: [promotion],
    executions: [execution()],
    canaries: [canary],
    commits,
    leases: [
      leaseAt(85_000, witnessed),
      ...(atStandby === null ? [] : [{ ...leaseAt(80_000, atStandby), bucket: STANDBY }]),
    ],
  });
  const fires = (evidence: Partial<Evidence>) => found("rpo-guard", evidence).length;

  it("is content where the site told at both places that no beat had reached its database since", () => {
    expect(fires(silent(told(10_000), told(10_000)))).toBe(0);
    const write = { ...canary, atMs: 10_000 + plan.decision.lossLimitMs, key: "row" };
    expect(fires(silent(told(10_000), told(10_000), [write]))).toBe(0);
  });

  it("fires where one place does not tell, a beat is in doubt, nothing ends sessions, or users wrote on", () => {
    const late = { ...canary, atMs: 10_001 + plan.decision.lossLimitMs, key: "row" };
    expect(fires(silent(told(10_000), null))).toBe(1);
    expect(fires(silent(told(10_000), told(undefined)))).toBe(1);
    expect(fires(silent(told(10_000), told(70_000)))).toBe(1);
    expect(fires(silent(told(10_000), told(10_000), [late]))).toBe(1);
    expect(fires(silent(told(10_000), told(10_000), [{ ...late, region: "eu-west-3" }]))).toBe(0);
    const stores = plan.stores.map((store) =>
      store.type === "aurora-global" ? { ...store, enforcer: "none" as const } : store,
    );
    expect(fires({ ...silent(told(10_000), told(10_000)), plan: { ...plan, stores } })).toBe(1);
  });
});

describe("loss reported", () => {
  const rows = [1, 2, 3, 4].map((sequence) => acknowledged(sequence, sequence * 10_000));
  const base = { rows, claims: [heldAt(90_000, 2)], executions: [execution()] };

  it("fires when users lost more than the record says", () => {
    const planted = { ...base, survived: new Set([1]), records: [recordAt(200_000)] };
    expect(found("loss-reported", planted)).toEqual([
      expect.stringMatching(/at most 10000 ms of loss; users lost 3 writes over 20000 ms/),
    ]);
  });

  it("fires when more than the limit was lost and nobody accepted that", () => {
    const long = [1, 2, 3].map((sequence) => acknowledged(sequence, sequence * 40_000));
    const records = [recordAt(300_000, { rpo: { minMs: 0, maxMs: 100_000 } })];
    const planted = {
      ...base,
      rows: long,
      claims: [heldAt(200_000, 2)],
      survived: new Set<number>(),
      records,
    };
    expect(found("loss-reported", planted)).toEqual([expect.stringMatching(/above the plan's limit/)]);
  });

  it("fires on an unknown loss that nobody accepted, and not on one that somebody approved", () => {
    const planted = { ...base, survived: new Set([1, 2, 3, 4]), records: [recordAt(200_000, { rpo: null })] };
    expect(found("loss-reported", planted)).toEqual([expect.stringMatching(/nobody accepted/)]);
    const output = JSON.stringify({ Payload: { verdict: "approve", persons: 1 } });
    const after = (resource: string) =>
      execution({
        history: [historyEvent(1, "TaskSucceeded", { taskSucceededEventDetails: { resource, output } })],
      });
    expect(found("loss-reported", { ...planted, executions: [after("invoke")] })).toEqual([]);
    // The same, as somebody sent it with a task token.
    const forged = { ...planted, executions: [after("invoke.waitForTaskToken")] };
    expect(found("loss-reported", forged)).toEqual([expect.stringMatching(/nobody accepted/)]);
  });

  it("counts what people accepted of the promotion that another execution finished, and of no other execution", () => {
    const verdict = JSON.stringify({ Payload: { verdict: "approve", persons: 2 } });
    const details = { taskSucceededEventDetails: { resource: "invoke", output: verdict } };
    const first = execution({ arn: "arn:first", history: [historyEvent(1, "TaskSucceeded", details)] });
    const finishes = { execution: "arn:first", startedAtMs: 0 };
    const planted = {
      ...base,
      survived: new Set([1, 2, 3, 4]),
      executions: [first, execution()],
      wire: [call({ atMs: 95_000, execution: "arn:first" })],
      records: [recordAt(200_000, { rpo: null, finishes })],
    };
    expect(found("loss-reported", planted)).toEqual([]);
    const byAnother = { ...planted, wire: [call({ atMs: 95_000, execution: "arn:second" })] };
    expect(found("loss-reported", byAnother)).toEqual([expect.stringMatching(/nobody accepted/)]);
    const ownMove = { ...planted, records: [recordAt(200_000, { rpo: null })] };
    expect(found("loss-reported", ownMove)).toEqual([expect.stringMatching(/nobody accepted/)]);
  });

  it("does not count writes that failed, that came after the claim, or that survived", () => {
    const failed: WriteRow = {
      sequence: 5,
      sentAtMs: 50_000,
      outcome: { type: "failed", atMs: 52_000, reason: "no answer" },
    };
    const planted = {
      ...base,
      rows: [...rows, failed, acknowledged(6, 100_000, "eu-west-3")],
      survived: new Set([1, 2, 3]),
      records: [recordAt(200_000)],
    };
    expect(found("loss-reported", planted)).toEqual([]);
  });
});
