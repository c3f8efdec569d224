import { describe, expect, it } from "vitest";
import {
  call,
  claimAt,
  execution,
  exited,
  found,
  heldAt,
  OTHER,
  plan,
  switchAt,
} from "./planted-evidence.ts";

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
