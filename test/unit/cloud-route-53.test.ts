import { describe, expect, it } from "vitest";
import { createWorld } from "@lifeboat/cloud/kernel/create-world";
import type { HealthCheckConfig } from "@aws-sdk/client-route-53";
import { createRoute53 } from "@lifeboat/cloud/services/route-53/route-53";
import { caller } from "./cloud-call.ts";

const IRELAND = "eu-west-1";
const PARIS = "eu-west-3";
const NAME = "app.example.com";
const ENDPOINT: HealthCheckConfig = {
  Type: "HTTPS",
  FullyQualifiedDomainName: "endpoint.example.net",
  ResourcePath: "/health",
  RequestInterval: 10,
  FailureThreshold: 3,
};

const setup = () => {
  const world = createWorld({
    seed: 11,
    startMs: Date.UTC(2026, 10, 3),
    accountId: "111122223333",
    regions: [IRELAND, PARIS],
  });
  const faults = { controlPlaneDown: false };
  const targets = new Map<string, boolean>();
  const route53 = createRoute53(world, { faults, targetHealth: (host) => targets.get(host) });
  const endpoint = { status: 200, body: "all is well", delayMs: 0, requests: 0 };
  world.fabric.listen("endpoint.example.net", PARIS, async () => {
    endpoint.requests += 1;
    await world.clock.sleep(endpoint.delayMs);
    return { status: endpoint.status, body: endpoint.body };
  });
  const run = (ms: number): Promise<void> => world.clock.run({ untilMs: world.clock.nowMs() + ms });
  const call = caller(route53);
  const check = (config: Partial<HealthCheckConfig> = {}, startsHealthy = true, id = "check"): void =>
    route53.createHealthCheck({ id, config: { ...ENDPOINT, ...config }, startsHealthy });
  /** Milliseconds until the check's verdict is `healthy`. */
  const untilHealthy = async (healthy: boolean, id = "check"): Promise<number> => {
    const startMs = world.clock.nowMs();
    await world.clock.run({ untilMs: startMs + 600_000, until: () => route53.isHealthy(id) === healthy });
    return world.clock.nowMs() - startMs;
  };
  return { world, route53, endpoint, faults, targets, run, call, check, untilHealthy };
};

describe("a health check of an endpoint", () => {
  it("turns when enough checkers have failed as often in a row as the threshold says, and back", async () => {
    const { endpoint, check, untilHealthy, run } = setup();
    check();
    await run(60_000);
    expect(endpoint.requests).toBeGreaterThan(80);
    endpoint.status = 503;
    const downMs = await untilHealthy(false);
    expect(downMs).toBeGreaterThan(20_000);
    expect(downMs).toBeLessThan(40_000);
    endpoint.status = 200;
    // 18 % are enough to be healthy again, so that it comes back sooner than it goes.
    const upMs = await untilHealthy(true);
    expect(upMs).toBeGreaterThan(20_000);
    expect(upMs).toBeLessThan(downMs);
  });

  it("waits longer with a longer interval", async () => {
    const { endpoint, check, untilHealthy } = setup();
    check({ RequestInterval: 30 });
    endpoint.status = 503;
    const downMs = await untilHealthy(false);
    expect(downMs).toBeGreaterThan(60_000);
    expect(downMs).toBeLessThan(110_000);
  });

  it("fails on an answer without the search string, on a slow answer, and on none", async () => {
    const { world, endpoint, check, untilHealthy } = setup();
    check({ Type: "HTTPS_STR_MATCH", SearchString: "well", FailureThreshold: 1 });
    endpoint.body = "all is bad";
    await untilHealthy(false);
    endpoint.body = "all is well";
    await untilHealthy(true);
    endpoint.delayMs = 2500;
    await untilHealthy(false);
    endpoint.delayMs = 0;
    await untilHealthy(true);
    world.network.lose(PARIS);
    expect(await untilHealthy(false)).toBeLessThan(20_000);
  });

  it("is not moved by the loss of a region that two of its checkers are in", async () => {
    const { world, route53, check, run, endpoint } = setup();
    check();
    world.network.lose(IRELAND);
    await run(120_000);
    expect(route53.isHealthy("check")).toBe(true);
    expect(endpoint.requests).toBeGreaterThan(100);
  });

  it("inverted, says the opposite: a standby takes over when its switch answers", async () => {
    const { endpoint, check, untilHealthy, route53, run } = setup();
    endpoint.status = 404;
    check({ Inverted: true, FailureThreshold: 1 }, false);
    expect(route53.isHealthy("check")).toBe(true);
    await run(60_000);
    expect(route53.isHealthy("check")).toBe(true);
    endpoint.status = 200;
    expect(await untilHealthy(false)).toBeLessThan(15_000);
  });

  it("tells what each checker saw, and counts as healthy while it is disabled", async () => {
    const { endpoint, check, run, call, route53 } = setup();
    endpoint.status = 500;
    check();
    check({ Disabled: true }, true, "disabled");
    await run(60_000);
    const reply = call("us-east-1", "GetHealthCheckStatus", { HealthCheckId: "check" }) as {
      HealthCheckObservations: { Region: string; StatusReport: { Status: string } }[];
    };
    expect(reply.HealthCheckObservations).toHaveLength(16);
    expect(new Set(reply.HealthCheckObservations.map(({ StatusReport }) => StatusReport.Status))).toEqual(
      new Set(["Failure: HTTP Status Code 500"]),
    );
    expect(route53.isHealthy("check")).toBe(false);
    expect(route53.isHealthy("disabled")).toBe(true);
  });

  it("publishes its status in us-east-1 every minute", async () => {
    const { world, check, run } = setup();
    const seen: unknown[] = [];
    world.onMeasure((region, { metricName, value }) => seen.push([region, metricName, value]));
    check();
    await run(61_000);
    expect(seen).toEqual([
      ["us-east-1", "HealthCheckStatus", 1],
      ["us-east-1", "HealthCheckPercentageHealthy", 100],
    ]);
  });
});

describe("a calculated health check", () => {
  it("is healthy while at least as many children are as its threshold says, children of children included", async () => {
    const { route53, check, endpoint, untilHealthy } = setup();
    check({}, true, "a");
    check({ FullyQualifiedDomainName: "nothing.example.net" }, false, "b");
    const calculated = (id: string, children: string[], threshold: number, inverted = false): void =>
      route53.createHealthCheck({
        id,
        config: {
          Type: "CALCULATED",
          ChildHealthChecks: children,
          HealthThreshold: threshold,
          Inverted: inverted,
        },
      });
    calculated("any", ["a", "b"], 1);
    calculated("all", ["a", "b"], 2);
    calculated("nested", ["any", "all"], 1);
    calculated("not-any", ["any"], 1, true);
    expect(["any", "all", "nested", "not-any"].map((id) => route53.isHealthy(id))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    endpoint.status = 500;
    await untilHealthy(false, "any");
    expect(["any", "all", "nested", "not-any"].map((id) => route53.isHealthy(id))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});

describe("the name servers", () => {
  const alias = (host: string, evaluate = false) => ({
    HostedZoneId: "Z1",
    DNSName: host,
    EvaluateTargetHealth: evaluate,
  });
  const failover = (at: ReturnType<typeof setup>, evaluate = false): void =>
    at.route53.createHostedZone({
      id: "Z",
      name: "example.com",
      records: [
        {
          Name: NAME,
          Type: "A",
          SetIdentifier: "1",
          Failover: "PRIMARY",
          HealthCheckId: "check",
          AliasTarget: alias("one.elb.amazonaws.com", evaluate),
        },
        {
          Name: NAME,
          Type: "A",
          SetIdentifier: "2",
          Failover: "SECONDARY",
          AliasTarget: alias("two.elb.amazonaws.com", evaluate),
        },
        { Name: "www.example.com", Type: "CNAME", TTL: 30, ResourceRecords: [{ Value: NAME }] },
      ],
    });
  const host = (answer: unknown): unknown => (answer as { host?: string }).host;

  it("answer with the secondary record while the primary's check is unhealthy", async () => {
    const at = setup();
    at.check({ FailureThreshold: 1 });
    failover(at);
    expect(at.route53.answer(NAME)).toEqual({
      type: "answer",
      host: "one.elb.amazonaws.com",
      ttlSeconds: 60,
    });
    at.endpoint.status = 500;
    await at.untilHealthy(false);
    expect(host(at.route53.answer(NAME))).toBe("two.elb.amazonaws.com");
    expect(at.route53.answer("www.example.com")).toEqual({
      type: "answer",
      host: "two.elb.amazonaws.com",
      ttlSeconds: 30,
    });
    expect(at.route53.answer("missing.example.com")).toEqual({ type: "nxdomain" });
  });

  it("answer with the primary record when both are unhealthy, and consider a target's health where asked to", () => {
    const at = setup();
    at.check();
    failover(at, true);
    at.targets.set("one.elb.amazonaws.com", false);
    expect(host(at.route53.answer(NAME))).toBe("two.elb.amazonaws.com");
    at.targets.set("two.elb.amazonaws.com", false);
    expect(host(at.route53.answer(NAME))).toBe("one.elb.amazonaws.com");
  });

  it("are heard by clients through a resolver that keeps an answer for its TTL and hands out what is left of it", async () => {
    const at = setup();
    at.check({ FailureThreshold: 1 });
    failover(at);
    const ask = async (): Promise<unknown> => {
      const answer = at.route53.resolve(NAME, "internet");
      await at.run(200);
      return answer;
    };
    expect(await ask()).toMatchObject({ host: "one.elb.amazonaws.com", ttlSeconds: 60 });
    at.endpoint.status = 500;
    await at.run(40_000);
    const left = (await ask()) as { host: string; ttlSeconds: number };
    expect(left.host).toBe("one.elb.amazonaws.com");
    expect(left.ttlSeconds).toBeGreaterThan(15);
    expect(left.ttlSeconds).toBeLessThan(20);
    await at.run(20_000);
    expect(await ask()).toMatchObject({ host: "two.elb.amazonaws.com" });
  });
});

describe("the control plane", () => {
  const change = (action: string, name: string, value: string) => ({
    HostedZoneId: "/hostedzone/Z",
    ChangeBatch: {
      Changes: [
        {
          Action: action,
          ResourceRecordSet: { Name: name, Type: "A", TTL: 60, ResourceRecords: [{ Value: value }] },
        },
      ],
    },
  });
  const withZone = () => {
    const at = setup();
    at.route53.createHostedZone({ id: "Z", name: "example.com", records: [] });
    return at;
  };

  it("takes changes in effect within a minute, and says so", async () => {
    const { call, run, route53 } = withZone();
    const { ChangeInfo } = call(
      "us-east-1",
      "ChangeResourceRecordSets",
      change("CREATE", NAME, "192.0.2.1"),
    ) as { ChangeInfo: { Id: string } };
    expect(ChangeInfo).toMatchObject({ Status: "PENDING" });
    expect(route53.answer(NAME)).toEqual({ type: "nxdomain" });
    expect(call("us-east-1", "ListResourceRecordSets", { HostedZoneId: "Z" })).toMatchObject({
      ResourceRecordSets: [{ Name: `${NAME}.` }],
      IsTruncated: false,
    });
    await run(60_000);
    expect(call("us-east-1", "GetChange", { Id: ChangeInfo.Id })).toMatchObject({
      ChangeInfo: { Status: "INSYNC" },
    });
    expect(route53.answer(NAME)).toEqual({ type: "answer", host: "192.0.2.1", ttlSeconds: 60 });
  });

  it("never goes back to an older change that propagates later", async () => {
    const { call, run, route53 } = withZone();
    for (let last = 1; last <= 20; last++) {
      call("us-east-1", "ChangeResourceRecordSets", change("UPSERT", NAME, `192.0.2.${last}`));
    }
    await run(61_000);
    expect(route53.answer(NAME)).toMatchObject({ host: "192.0.2.20" });
  });

  it("refuses a batch as a whole", () => {
    const { call } = withZone();
    const code = (name: string) => expect.objectContaining({ code: name });
    expect(() => call("us-east-1", "ChangeResourceRecordSets", change("DELETE", NAME, "192.0.2.1"))).toThrow(
      code("InvalidChangeBatch"),
    );
    expect(() =>
      call("us-east-1", "ChangeResourceRecordSets", change("CREATE", "app.example.org", "192.0.2.1")),
    ).toThrow(code("InvalidChangeBatch"));
    expect(() => call("us-east-1", "ListResourceRecordSets", { HostedZoneId: "other" })).toThrow(
      code("NoSuchHostedZone"),
    );
    expect(() => call("us-east-1", "GetHealthCheck", { HealthCheckId: "other" })).toThrow(
      code("NoSuchHealthCheck"),
    );
  });

  it("is away while us-east-1 is, and the name servers are not", async () => {
    const { world, call, run, route53 } = withZone();
    call("us-east-1", "ChangeResourceRecordSets", change("CREATE", NAME, "192.0.2.1"));
    await run(60_000);
    world.network.lose("us-east-1");
    expect(() => call("us-east-1", "ChangeResourceRecordSets", change("UPSERT", NAME, "192.0.2.2"))).toThrow(
      expect.objectContaining({ code: "ServiceUnavailable", status: 503 }),
    );
    expect(route53.answer(NAME)).toMatchObject({ host: "192.0.2.1" });
  });
});
