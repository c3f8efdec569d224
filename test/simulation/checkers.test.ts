import type { WriteRow } from "@lifeboat/cloud/client/rows";
import { checkInvariants } from "@lifeboat/lab/checks/check-run";
import type { Evidence } from "@lifeboat/lab/checks/evidence";
import { firstKillSwitch } from "@lifeboat/recovery/ledger";
import { describe, expect, it } from "vitest";
import {
  call,
  claimAt,
  entered,
  execution,
  EXECUTION,
  exited,
  found,
  heldAt,
  historyEvent,
  leaseAt,
  nothing,
  OTHER,
  plan,
  recordAt,
} from "./planted-evidence.ts";

const acknowledged = (sequence: number, sentAtMs: number, region = "eu-west-1"): WriteRow => ({
  sequence,
  sentAtMs,
  outcome: { type: "acknowledged", atMs: sentAtMs + 5, region, status: 200 },
});

const commit = (atMs: number, region: string, timeline: number) => ({
  atMs,
  region,
  timeline,
  key: `row-${timeline}-${atMs}`,
});

const alarm = (
  atMs: number,
  region: string,
  name: string,
  value: "OK" | "ALARM",
): Evidence["alarms"][number] => ({ atMs, region, name, value });

const switchAt = (atMs: number, on: boolean) => ({
  atMs,
  body: { ...firstKillSwitch("spacelift", "w"), on },
});

it("says nothing of a run in which nothing happened", () => {
  expect(checkInvariants(nothing)).toEqual([]);
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

describe("quorum", () => {
  const STANDBY = "spacelift-unreachable-from-standby";
  const WITNESS = "spacelift-unreachable-from-witness";
  const failing = [
    alarm(50_000, "eu-west-3", STANDBY, "ALARM"),
    alarm(50_000, "eu-central-1", WITNESS, "ALARM"),
  ];
  const asks = (atMs: number, region: string, names: readonly string[]) =>
    call({
      atMs,
      region,
      service: "cloudwatch",
      operation: "DescribeAlarms",
      mutating: false,
      input: { AlarmNames: names },
    });
  const reads = (atMs: number, Bucket: string | undefined) =>
    call({
      atMs,
      service: "s3",
      operation: "GetObject",
      mutating: false,
      input: { Bucket, Key: "spacelift/lease" },
    });
  /** What an assessment asks: both leases, then the alarms. */
  const looks = [
    reads(91_000, plan.ledger.witnessBucket),
    reads(91_000, plan.ledger.buckets["paris"]),
    asks(92_000, "eu-west-3", [STANDBY]),
    asks(92_000, "eu-central-1", [WITNESS]),
  ];
  const history = [entered(90_000, "Assess"), exited(95_000, "Assess")];
  const promotion = {
    executions: [execution({ startedAtMs: 89_000, history })],
    wire: [...looks, call({ atMs: 200_000 })],
    alarms: failing,
    leases: [leaseAt(40_000, {})],
  };

  it("is content with three signals that fail, or with a person's override", () => {
    expect(found("quorum", promotion)).toEqual([]);
    const override = { who: "an operator", why: "it burns" };
    const ordered = execution({ input: { workload: "spacelift", override } });
    expect(found("quorum", { wire: [call()], executions: [ordered] })).toEqual([]);
  });

  it("fires on a promotion with too few signals", () => {
    expect(found("quorum", { ...promotion, alarms: failing.slice(0, 1) })).toEqual([
      expect.stringMatching(/2 of 3 signals/),
    ]);
  });

  it("fires when the lease was renewed before the assessment looked, whatever that said", () => {
    expect(found("quorum", { ...promotion, leases: [leaseAt(70_000, {})] })).toHaveLength(1);
    expect(found("quorum", { ...promotion, leases: [leaseAt(90_500, {})] })).toHaveLength(1);
  });

  it("takes a lease that is renewed for a vote where the site's database had taken no canary for as long as it holds", () => {
    const renewed = { ...promotion, leases: [leaseAt(90_500, {})] };
    const canary = (atMs: number, region = "eu-west-1") => ({
      atMs,
      region,
      timeline: 1,
      key: "spacelift",
    });
    const silent = { ...renewed, canaries: [canary(500), canary(90_000, "eu-west-3")] };
    expect(found("quorum", silent)).toEqual([]);
    expect(found("quorum", { ...silent, wire: silent.wire.slice(1) })).toHaveLength(1);
    expect(found("quorum", { ...renewed, canaries: [canary(20_000)] })).toHaveLength(1);
  });

  it("does not hold a renewal against it that came when it had looked", () => {
    expect(found("quorum", { ...promotion, leases: [leaseAt(40_000, {}), leaseAt(94_000, {})] })).toEqual([]);
  });

  it("takes no word of a fence for a renewal, and no renewal for one that lies elsewhere", () => {
    const note = { ...leaseAt(85_000, { fenced: true }), bucket: "spacelift-lifeboat-eu-west-1" };
    expect(found("quorum", { ...promotion, leases: [leaseAt(40_000, {}), note] })).toEqual([]);
    const fenced = leaseAt(85_000, { fenced: true });
    expect(found("quorum", { ...promotion, leases: [leaseAt(40_000, {}), fenced] })).toEqual([]);
  });

  it("fires when an alarm had gone back to OK when it was asked for, and when it failed only later", () => {
    const back = [...failing, alarm(91_500, "eu-west-3", STANDBY, "OK")];
    expect(found("quorum", { ...promotion, alarms: back })).toHaveLength(1);
    const late = [
      alarm(50_000, "eu-central-1", WITNESS, "ALARM"),
      alarm(94_000, "eu-west-3", STANDBY, "ALARM"),
    ];
    expect(found("quorum", { ...promotion, alarms: late })).toHaveLength(1);
    const meanwhile = [...failing, alarm(93_000, "eu-west-3", STANDBY, "OK")];
    expect(found("quorum", { ...promotion, alarms: meanwhile })).toEqual([]);
  });

  it("fires when it never asked for an alarm, or had no answer, or could read one lease only", () => {
    const without = (index: number) => promotion.wire.filter((_, at) => at !== index);
    for (const index of [0, 1, 2, 3])
      expect(found("quorum", { ...promotion, wire: without(index) })).toHaveLength(1);
    const unanswered = { ...asks(92_000, "eu-west-3", [STANDBY]), outcome: { type: "no-answer" } as const };
    expect(found("quorum", { ...promotion, wire: [unanswered, ...without(2)] })).toHaveLength(1);
  });

  it("judges the last decision, not one that people's answer has overtaken", () => {
    const again = [...history, entered(190_000, "Reassess"), exited(195_000, "Reassess")];
    const executions = [execution({ startedAtMs: 89_000, history: again })];
    expect(found("quorum", { ...promotion, executions })).toHaveLength(1);
    const later = looks.map((look) => ({
      ...look,
      atMs: look.atMs + 100_000,
      endedAtMs: look.endedAtMs + 100_000,
    }));
    const wire = [...later, call({ atMs: 200_000 })];
    expect(found("quorum", { ...promotion, executions, wire })).toEqual([]);
  });

  it("fires on a promotion by nobody's execution", () => {
    expect(found("quorum", { wire: [call({ execution: null })] })).toEqual([
      expect.stringMatching(/of no execution/),
    ]);
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

describe("a dry run", () => {
  const executions = [execution({ input: { workload: "spacelift", dryRun: true } })];

  it("fires on any mutating call, its own books included", () => {
    const books = { service: "s3", operation: "PutObject", input: { Bucket: plan.ledger.witnessBucket } };
    expect(found("dry-run-mutates-nothing", { executions, wire: [call(), call(books)] })).toHaveLength(2);
  });

  it("is content with reads, and with what other executions do", () => {
    const wire = [call({ mutating: false, operation: "DescribeGlobalClusters" }), call({ execution: OTHER })];
    expect(found("dry-run-mutates-nothing", { executions, wire })).toEqual([]);
  });
});

describe("the kill switch", () => {
  const switches = [switchAt(0, false), switchAt(1000, true), switchAt(100_000, false)];
  const scale = (atMs: number, desiredCount: number, more = {}) =>
    call({
      atMs,
      execution: null,
      service: "ecs",
      operation: "UpdateService",
      input: { service: "spacelift-server", desiredCount },
      ...more,
    });

  it("fires on an act while it is on, and on a new claim", () => {
    const planted = {
      switches,
      wire: [call({ atMs: 50_000 })],
      claims: [claimAt(10, {}), heldAt(60_000, 2)],
    };
    expect(found("kill-switch-stops-acts", planted)).toEqual([
      expect.stringMatching(/FailoverGlobalCluster/),
      expect.stringMatching(/epoch 2 was claimed/),
    ]);
  });

  const fence = (atMs: number, desiredCount: number, more = {}) =>
    scale(atMs, desiredCount, {
      region: "eu-west-1",
      origin: { place: "eu-west-1", principal: "function/lifeboat-spacelift-tend-services@eu-west-1" },
      ...more,
    });
  const renewal = (atMs: number) =>
    call({
      atMs,
      execution: null,
      service: "s3",
      operation: "PutObject",
      input: { Bucket: plan.ledger.witnessBucket, Key: "spacelift/lease" },
      origin: { place: "eu-west-1", principal: "function/lifeboat-spacelift-watch@eu-west-1" },
    });
  const serving = [claimAt(10, {})];

  it("lets a site that could not renew send its own compute to rest, and nothing else", () => {
    const unrenewed = { switches, claims: serving };
    expect(
      found("kill-switch-stops-acts", { ...unrenewed, wire: [renewal(10_000), fence(90_000, 0)] }),
    ).toEqual([]);
    expect(
      found("kill-switch-stops-acts", { ...unrenewed, wire: [renewal(10_000), fence(90_000, 3)] }),
    ).toHaveLength(1);
    const another = { place: "eu-west-1", principal: "function/lifeboat-spacelift-tend-standby@eu-west-1" };
    expect(
      found("kill-switch-stops-acts", {
        ...unrenewed,
        wire: [renewal(10_000), fence(90_000, 0, { origin: another })],
      }),
    ).toHaveLength(1);
  });

  it("fires on a fence of a site that serves and went on renewing", () => {
    const renewals = [5000, 17_000, 29_000, 41_000, 53_000, 65_000, 77_000, 89_000].map(renewal);
    expect(
      found("kill-switch-stops-acts", { switches, claims: serving, wire: [...renewals, fence(90_000, 0)] }),
    ).toHaveLength(1);
  });

  it("lets a fence that was due come a little late, and a site that the workload is moved away from stop", () => {
    const late = [5000, 78_000, 90_000].map(renewal);
    expect(
      found("kill-switch-stops-acts", { switches, claims: serving, wire: [...late, fence(95_000, 0)] }),
    ).toEqual([]);
    const moved = [claimAt(10, {}), heldAt(500, 2)];
    const renewals = [5000, 17_000, 29_000, 41_000].map(renewal);
    expect(
      found("kill-switch-stops-acts", { switches, claims: moved, wire: [...renewals, fence(50_000, 0)] }),
    ).toEqual([]);
  });

  it("is content before it, after it, and with people", () => {
    const person = call({ atMs: 50_000, origin: { place: "eu-west-3", principal: "operator" } });
    const planted = { switches, wire: [call({ atMs: 500 }), call({ atMs: 200_000 }), person] };
    expect(found("kill-switch-stops-acts", planted)).toEqual([]);
  });
});

describe("static stability", () => {
  const executions = [execution({ history: [exited(5000, "ShiftTraffic")] })];
  const claims = [heldAt(50, 2), claimAt(9000, { epoch: 2, holder: null })];

  it("fires on any call to the site that is left, reads included, until traffic has moved", () => {
    const read = call({ region: "eu-west-1", mutating: false, operation: "DescribeGlobalClusters" });
    expect(found("no-call-to-the-left-site", { executions, claims, wire: [read] })).toHaveLength(1);
    const after = { ...read, atMs: 6000 };
    expect(found("no-call-to-the-left-site", { executions, claims, wire: [after] })).toEqual([]);
  });

  it.each([
    ["route-53", "ChangeResourceRecordSets"],
    ["iam", "PutRolePolicy"],
    ["s3", "PutBucketReplication"],
  ])("fires on %s:%s", (service, operation) => {
    expect(found("no-global-change", { wire: [call({ service, operation })] })).toHaveLength(1);
  });

  it("is content with objects, and with what people configure", () => {
    const wire = [
      call({ service: "s3", operation: "PutObject" }),
      call({
        service: "iam",
        operation: "PutRolePolicy",
        origin: { place: "internet", principal: "operator" },
      }),
    ];
    expect(found("no-global-change", { wire })).toEqual([]);
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

describe("a terminal state", () => {
  const begun = { history: [entered(10, "Assess")] };

  it("fires on an end without an outcome, without a cause, and without a record", () => {
    expect(found("terminal-outcome", { executions: [execution({ output: {} })] })).toHaveLength(1);
    expect(found("terminal-outcome", { executions: [execution({ status: "TIMED_OUT" })] })).toHaveLength(1);
    expect(found("terminal-outcome", { executions: [execution(begun)] })).toEqual([
      expect.stringMatching(/without a record/),
    ]);
  });

  it("fires on an execution that goes on and on, and not on one that waits for a person", () => {
    const running = { status: "RUNNING", output: undefined, stoppedAtMs: undefined };
    const endedAtMs = 20 * 3_600_000;
    const stuck = execution({ ...running, history: [entered(10, "PromoteWait")] });
    expect(found("terminal-outcome", { endedAtMs, executions: [stuck] })).toHaveLength(1);
    const held = execution({ ...running, history: [entered(10, "Hold")] });
    expect(found("terminal-outcome", { endedAtMs, executions: [held] })).toEqual([]);
  });

  it("fires on a phase that outlasted its timeout, although what it waited for came in the end", () => {
    const visit = (leftAtMs: number, left: ReturnType<typeof exited>) =>
      execution({
        stoppedAtMs: leftAtMs,
        output: { outcome: "held" },
        history: [
          historyEvent(1, "MapStateEntered", { stateEnteredEventDetails: { name: "PromoteStores" } }),
          entered(2, "Promote"),
          left,
        ],
      });
    const records = [recordAt(100, { outcome: "held" })];
    const late = visit(2_400_000, exited(2_400_000, "PromoteStores"));
    expect(found("terminal-outcome", { records, executions: [late] })).toEqual([
      expect.stringMatching(/was in PromoteStores for 2399999 ms, and nobody was asked/),
    ]);
    const asked = visit(9_000_000, entered(1_805_000, "BeginHold"));
    expect(found("terminal-outcome", { records, executions: [asked] })).toEqual([]);
  });

  it("is content with an outcome that is on record, and with an error that says why", () => {
    const planted = { executions: [execution(begun)], records: [recordAt(100)] };
    expect(found("terminal-outcome", planted)).toEqual([]);
    const refused = execution({
      status: "FAILED",
      output: undefined,
      error: "InputInvalid",
      cause: "no workload",
    });
    expect(found("terminal-outcome", { executions: [refused] })).toEqual([]);
  });
});

describe("secrets", () => {
  const parameters = JSON.stringify({ Payload: { token: "a-task-token" } });
  const asking = execution({
    history: [historyEvent(1, "TaskScheduled", { taskScheduledEventDetails: { parameters } })],
  });
  const line = (text: string) => ({ atMs: 1, functionName: "ask", region: "eu-west-3", line: text });

  it("fires on a secret's value in a log, a record, a notice or a history", () => {
    const text = "it is hunter2";
    const notice = { atMs: 1, region: "eu-west-3", subject: undefined, message: text };
    expect(found("no-secret-in-the-open", { log: [line(text)] })).toHaveLength(1);
    expect(found("no-secret-in-the-open", { notices: [notice] })).toHaveLength(1);
    expect(found("no-secret-in-the-open", { records: [recordAt(1, { reason: text })] })).toHaveLength(1);
    expect(found("no-secret-in-the-open", { executions: [execution({ output: text })] })).toHaveLength(1);
  });

  it("fires on a task token in a log, and on the reading of a secret", () => {
    const planted = { executions: [asking], log: [line("token a-task-token")] };
    expect(found("no-secret-in-the-open", planted)).toHaveLength(1);
    const read = call({ service: "secrets-manager", operation: "GetSecretValue", mutating: false });
    expect(found("no-secret-in-the-open", { wire: [read] })).toHaveLength(1);
  });

  it("fires on a task token in a message to people", () => {
    const notice = { atMs: 1, region: "eu-west-3", subject: "hold", message: "--task-token a-task-token" };
    expect(found("no-secret-in-the-open", { executions: [asking], notices: [notice] })).toHaveLength(1);
  });
});

describe("cooldown", () => {
  const finished = claimAt(50, { revision: 2, recoveredAtMs: 49 });
  const at = plan.decision.cooldownMs;

  it("fires on a promotion soon after a finished recovery, and names the execution", () => {
    const planted = { claims: [finished], executions: [execution()], wire: [call({ atMs: 100 })] };
    expect(found("cooldown", planted)).toEqual([
      `${EXECUTION} promoted 50 ms after the last recovery had finished`,
    ]);
  });

  it("is content once it is over, before any recovery, and where a person took responsibility", () => {
    const late = { claims: [finished], executions: [execution()], wire: [call({ atMs: 51 + at })] };
    expect(found("cooldown", late)).toEqual([]);
    const first = { claims: [claimAt(50, {})], executions: [execution()], wire: [call({ atMs: 100 })] };
    expect(found("cooldown", first)).toEqual([]);
    const input = { workload: "spacelift", override: { who: "anna", why: "both are down" } };
    const ordered = { claims: [finished], executions: [execution({ input })], wire: [call({ atMs: 100 })] };
    expect(found("cooldown", ordered)).toEqual([]);
  });
});

describe("convergence", () => {
  const END = nothing.endedAtMs;
  const moved = { revision: 9, epoch: 2, activeSite: "paris" } as const;
  const lease = leaseAt(END - 1000, { site: "paris", epoch: 2 });
  const store = { name: "database", writerRegion: "eu-west-3", isMoving: false };
  const compute = (site: string, desired: number) => ({
    name: "services/server",
    site,
    desired,
    activeCount: 3,
    passiveCount: 0,
  });
  const lever = (site: string, on: boolean, closed: boolean) => ({
    name: "traffic/server",
    site,
    on,
    closed,
  });
  const inPlace: Evidence["standing"] = {
    lost: [],
    stores: [store],
    compute: [compute("ireland", 0), compute("paris", 3)],
    switches: [lever("ireland", false, true), lever("paris", true, false)],
  };
  const ended = (standing: Partial<Evidence["standing"]>, more: Partial<Evidence> = {}): readonly string[] =>
    found("convergence", {
      claims: [claimAt(END - 2000, moved)],
      leases: [lease],
      standing: { ...inPlace, ...standing },
      ...more,
    });

  it("is content where everything is where the ledger says", () => expect(ended({})).toEqual([]));

  it("fires on a writer elsewhere, and on one that is being moved", () => {
    expect(ended({ stores: [{ ...store, writerRegion: "eu-west-1" }] })).toEqual([
      "the writer of stores/database is in eu-west-1 while paris is active",
    ]);
    expect(ended({ stores: [{ ...store, isMoving: true }] })).toHaveLength(1);
  });

  it("fires on counts that are too small or too large at the active site", () => {
    expect(ended({ compute: [compute("paris", 2)] })).toEqual([
      "services/server of paris is to have 2 and not 3",
    ]);
    expect(ended({ compute: [compute("paris", 6)] })).toHaveLength(1);
  });

  it("fires on compute at the passive site once the workload is protected, and not before", () => {
    const standing = { compute: [compute("ireland", 3)] };
    expect(ended(standing)).toEqual(["services/server of ireland is to have 3 and not 0"]);
    const degraded = [claimAt(END - 2000, { ...moved, protection: "degraded" })];
    expect(ended(standing, { claims: degraded })).toEqual([]);
    expect(ended({ ...standing, lost: ["eu-west-1"] })).toEqual([]);
  });

  it("fires on a switch that does not fit the active site", () => {
    expect(ended({ switches: [lever("paris", false, false)] })).toEqual([
      "the switch traffic/server of paris is off",
    ]);
    expect(ended({ switches: [lever("ireland", true, true)] })).toHaveLength(1);
    expect(ended({ switches: [lever("ireland", false, false)] })).toHaveLength(1);
  });

  it("fires on an active site without a lease of the epoch", () => {
    const other = leaseAt(END - 1000, { site: "ireland", epoch: 2 });
    const old = leaseAt(END - 1000, { site: "paris", epoch: 1 });
    const sealed = leaseAt(END - 1000, { site: "paris", epoch: 2, durationMs: 0 });
    const runOut = leaseAt(END - 91_000, { site: "paris", epoch: 2 });
    expect(ended({}, { leases: [other, old, sealed, runOut] })).toEqual([
      "paris is active and has no lease of epoch 2",
    ]);
  });

  it("fires on a holder that ended long ago, and waits for a new attempt before", () => {
    const claims = [heldAt(1, 2)];
    const stopped = (stoppedAtMs: number) => ({ claims, executions: [execution({ stoppedAtMs })] });
    expect(ended({}, { ...stopped(0), endedAtMs: 1_800_001 })).toEqual([
      `the ledger is still held by ${EXECUTION}, which has ended`,
    ]);
    expect(ended({}, { ...stopped(0), endedAtMs: 1_799_999 })).toEqual([]);
  });

  it("fires on a request of long ago that nobody has started", () => {
    const request = { execution: EXECUTION, requestedAtMs: 1, trigger: "watch" };
    const asked = (atMs: number, executions: Evidence["executions"] = []) =>
      ended({}, { claims: [claimAt(atMs, { ...moved, request })], executions, endedAtMs: 1_900_000 });
    expect(asked(99_999)).toEqual([
      expect.stringMatching(/asked for half an hour ago, and nobody has started it/),
    ]);
    expect(asked(100_000)).toEqual([]);
    const running = execution({ arn: OTHER, status: "RUNNING", stoppedAtMs: undefined });
    expect(asked(99_999, [running])).toEqual([]);
  });

  it("fires on an act where there has been nothing to do for ten minutes", () => {
    const act = call({ atMs: END - 10, execution: null, service: "ecs", operation: "UpdateService" });
    const calm = { claims: [claimAt(END - 700_000, moved)], wire: [act] };
    expect(ended({}, calm)).toEqual([expect.stringMatching(/^ecs:UpdateService .*there was nothing to do$/)]);
    const refused: WriteRow = {
      sequence: 1,
      sentAtMs: END - 5000,
      outcome: { type: "failed", atMs: 1, reason: "" },
    };
    expect(ended({}, { ...calm, rows: [refused] })).toEqual([]);
  });

  it("judges nothing while an execution runs, and nothing under the kill switch", () => {
    const standing = { stores: [{ ...store, writerRegion: "eu-west-1" }] };
    const running = execution({ status: "RUNNING", stoppedAtMs: undefined });
    expect(ended(standing, { executions: [running] })).toEqual([]);
    expect(ended(standing, { switches: [switchAt(1, true)] })).toEqual([]);
  });
});
