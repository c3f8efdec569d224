import type { Evidence } from "@lifeboat/lab/checks/evidence";
import { describe, expect, it } from "vitest";
import {
  call,
  claimAt,
  entered,
  execution,
  EXECUTION,
  exited,
  found,
  leaseAt,
  plan,
} from "./planted-evidence.ts";

const alarm = (
  atMs: number,
  region: string,
  name: string,
  value: "OK" | "ALARM",
): Evidence["alarms"][number] => ({ atMs, region, name, value });

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
