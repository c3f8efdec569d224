import type { WriteRow } from "@lifeboat/cloud/client/rows";
import { describe, expect, it } from "vitest";
import {
  acknowledged,
  call,
  claimAt,
  execution,
  EXECUTION,
  found,
  heldAt,
  leaseAt,
  OTHER,
  plan,
} from "./planted-evidence.ts";

const commit = (atMs: number, region: string, timeline: number) => ({
  atMs,
  region,
  timeline,
  key: `row-${timeline}-${atMs}`,
});

describe("single writer", () => {
  it("fires on a commit of the old timeline after the new one has begun", () => {
    const commits = [commit(1, "eu-west-1", 1), commit(2, "eu-west-3", 2), commit(3, "eu-west-1", 1)];
    expect(found("single-writer", { commits })).toEqual([
      expect.stringMatching(/eu-west-1 committed row-1-3 on timeline 1/),
    ]);
  });

  it("fires on a receipt of a job beside the old primary between two of users at the new one", () => {
    const rows = [acknowledged(1, 0, "eu-west-3"), acknowledged(2, 2000, "eu-west-3")];
    const residentRows = [acknowledged(1, 1000, "eu-west-1")];
    expect(found("single-writer", { rows, residentRows })).toEqual([
      expect.stringMatching(/eu-west-1 acknowledged write 1/),
    ]);
  });

  it("is content with a job beside the old primary that is refused", () => {
    const rows = [acknowledged(1, 0, "eu-west-3"), acknowledged(2, 2000, "eu-west-3")];
    const refused: WriteRow = {
      sequence: 2,
      sentAtMs: 1000,
      outcome: { type: "failed", atMs: 1005, reason: "28000" },
    };
    const residentRows = [acknowledged(1, -5000, "eu-west-1"), refused];
    expect(found("single-writer", { rows, residentRows })).toEqual([]);
  });

  it("fires on receipts of two regions that alternate", () => {
    const rows = [
      acknowledged(1, 0, "eu-west-3"),
      acknowledged(2, 1000, "eu-west-1"),
      acknowledged(3, 2000, "eu-west-3"),
    ];
    expect(found("single-writer", { rows })).toEqual([
      expect.stringMatching(/eu-west-1 acknowledged write 2/),
    ]);
  });

  it("is content with one timeline after the other", () => {
    const commits = [commit(1, "eu-west-1", 1), commit(2, "eu-west-3", 2), commit(3, "eu-west-3", 2)];
    const rows = [acknowledged(1, 0), acknowledged(2, 1000), acknowledged(3, 2000, "eu-west-3")];
    expect(found("single-writer", { commits, rows })).toEqual([]);
  });
});

describe("epoch at every act", () => {
  it("fires on an act before the claim", () => {
    const planted = { claims: [heldAt(200, 2)], wire: [call({ atMs: 100 })] };
    expect(found("epoch-at-every-act", planted)).toEqual([expect.stringMatching(/did not hold the epoch/)]);
  });

  it("fires on an act of an execution that never claimed", () => {
    expect(found("epoch-at-every-act", { wire: [call()] })).toEqual([expect.stringMatching(/never held/)]);
  });

  it("fires on an act after the next claim", () => {
    const planted = { claims: [heldAt(50, 2), heldAt(90, 3, OTHER)], wire: [call({ atMs: 100 })] };
    expect(found("epoch-at-every-act", planted)).toHaveLength(1);
  });

  it("fires when an act of the earlier holder is still on its way as the next one acts", () => {
    const late = call({ atMs: 80, endedAtMs: 5000 });
    const planted = {
      claims: [heldAt(50, 2), claimAt(85, { epoch: 2, holder: null }), heldAt(90, 3, OTHER)],
      wire: [late, call({ atMs: 1000, execution: OTHER })],
    };
    expect(found("epoch-at-every-act", planted)).toEqual([expect.stringMatching(/still on its way/)]);
  });

  it("fires when one acts at once that has taken over from a holder that never let go", () => {
    const claims = [heldAt(50, 2), heldAt(90_000, 3, OTHER)];
    const acted = (atMs: number) =>
      found("epoch-at-every-act", { claims, wire: [call({ atMs, execution: OTHER })] });
    expect(acted(149_999)).toEqual([
      expect.stringMatching(/59999 ms after it had taken epoch 3 from a holder/),
    ]);
    expect(acted(150_000)).toEqual([]);
    const letGo = [heldAt(50, 2), claimAt(80_000, { epoch: 2, holder: null }), heldAt(90_000, 3, OTHER)];
    const wire = [call({ atMs: 90_001, execution: OTHER })];
    expect(found("epoch-at-every-act", { claims: letGo, wire })).toEqual([]);
  });

  it("is content with an act between the claim and its end, with books and with notices", () => {
    const planted = {
      claims: [heldAt(50, 2), claimAt(300, { epoch: 2, holder: null })],
      wire: [
        call({ atMs: 100 }),
        call({ atMs: 400, service: "sns", operation: "Publish" }),
        call({
          atMs: 400,
          service: "s3",
          operation: "PutObject",
          input: { Bucket: plan.ledger.witnessBucket, Key: "spacelift/claim" },
        }),
      ],
    };
    expect(found("epoch-at-every-act", planted)).toEqual([]);
  });
});

describe("one execution", () => {
  const request = (arn: string) => ({ execution: arn, requestedAtMs: 0, trigger: "watch" });

  it("fires when the workload is passed on while its execution runs", () => {
    const planted = {
      claims: [claimAt(10, { request: request(EXECUTION) }), claimAt(20, { request: request(OTHER) })],
      executions: [execution({ startedAtMs: 11 })],
    };
    expect(found("one-execution", planted)).toEqual([expect.stringMatching(/two while .*one was running/)]);
  });

  it("does not take one for running whose region has no control plane, and does so before and after that", () => {
    const claims = [claimAt(10, { request: request(EXECUTION) }), claimAt(20, { request: request(OTHER) })];
    const executions = [execution({ startedAtMs: 11 })];
    const lost = (fromMs: number, untilMs: number, region = "eu-west-3") =>
      found("one-execution", { claims, executions, controlLosses: [{ region, fromMs, untilMs }] });
    expect(lost(15, Number.POSITIVE_INFINITY)).toEqual([]);
    expect(lost(21, Number.POSITIVE_INFINITY)).toHaveLength(1);
    expect(lost(12, 20)).toHaveLength(1);
    expect(lost(15, 30, "eu-west-1")).toHaveLength(1);
  });

  it("fires when two executions act in turns", () => {
    const planted = {
      executions: [execution(), execution({ arn: OTHER })],
      wire: [call({ atMs: 100 }), call({ atMs: 200, execution: OTHER }), call({ atMs: 300 })],
    };
    expect(found("one-execution", planted)).toEqual([expect.stringMatching(/two began to act before .*one/)]);
  });

  it("is content when the one before has ended", () => {
    const planted = {
      claims: [claimAt(10, { request: request(EXECUTION) }), claimAt(600, { request: request(OTHER) })],
      executions: [execution({ stoppedAtMs: 500 }), execution({ arn: OTHER, startedAtMs: 601 })],
      wire: [call({ atMs: 100 }), call({ atMs: 700, execution: OTHER })],
    };
    expect(found("one-execution", planted)).toEqual([]);
  });
});

describe("the lease", () => {
  const paris = { site: "paris", epoch: 2 };

  it("fires when another site takes it before it has run out at every place", () => {
    const atParis = { ...leaseAt(50_000, {}), bucket: "spacelift-lifeboat-eu-west-3" };
    const leases = [leaseAt(0, {}), leaseAt(100_000, paris), atParis];
    expect(found("lease-held-by-one", { leases })).toEqual([
      expect.stringMatching(/paris took the lease 50000 ms after ireland had renewed it for 90000 ms/),
    ]);
  });

  it("fires when the site that lost it renews an old epoch", () => {
    const leases = [leaseAt(0, {}), leaseAt(100_000, paris), leaseAt(110_000, {})];
    expect(found("lease-held-by-one", { leases })).toEqual([expect.stringMatching(/renewed epoch 1/)]);
  });

  it("fires on a renewal over a seal, and is content with one that came first at the other place", () => {
    const seal = leaseAt(100_000, { site: "paris", epoch: 2, durationMs: 0 });
    const renewal = leaseAt(100_010, {});
    expect(found("lease-held-by-one", { leases: [leaseAt(0, {}), seal, renewal] })).toEqual([
      expect.stringMatching(/renewed epoch 1 .* after paris had the lease of epoch 2/),
    ]);
    const elsewhere = { ...renewal, bucket: "spacelift-lifeboat-eu-west-3" };
    expect(found("lease-held-by-one", { leases: [leaseAt(0, {}), seal, elsewhere] })).toEqual([]);
    // Who takes the workload nevertheless has taken it from a lease that holds.
    const paris = leaseAt(100_020, { site: "paris", epoch: 2 });
    expect(found("lease-held-by-one", { leases: [leaseAt(0, {}), seal, elsewhere, paris] })).toHaveLength(1);
  });

  it("is content when it had run out, or when its holder had said that it is fenced", () => {
    expect(found("lease-held-by-one", { leases: [leaseAt(0, {}), leaseAt(90_000, paris)] })).toEqual([]);
    const said = [leaseAt(0, {}), leaseAt(5000, { fenced: true }), leaseAt(10_000, paris)];
    expect(found("lease-held-by-one", { leases: said })).toEqual([]);
  });
});
