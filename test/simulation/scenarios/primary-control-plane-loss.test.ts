import { describe, expect, it } from "vitest";
import { exampleText } from "../../unit/plan-example.ts";
import { specOf, type Ran } from "./scenario-spec.ts";

/*
 * The control plane of the primary's region dies: no function runs there and no API answers, while its servers and its
 * database go on. A quarter of an hour later they die as well.
 * 1. While the application goes on nothing moves, and no write of a user fails: the standby's watch renews the lease for the
 *    site, and keeps the enforcer's row fresh.
 * 2. People are told, once.
 * 3. When the application dies as well the workload is promoted, once the lease has run out.
 * 4. Without a route to the primary's database nothing moves either; the enforcer stops the writers, which people are told.
 * 5. Without an enforcer the failover holds, for nothing proves that the old writer has stopped;
 * 6. unless the plan accepts presumed fencing.
 */
const withoutEnforcer = exampleText.replace("enforcer: postgres-job", "enforcer: none");

const outageAtMs = ({ simulation }: Ran): number =>
  simulation.lab.workload.client.rows().find(({ outcome }) => outcome.type === "failed")?.sentAtMs ?? 0;

describe("with an enforcer and a route to its row", () => {
  const ran = specOf("primary-control-plane-loss");

  it("1. goes on as if nothing had happened while the application does", () => {
    const { evidence, simulation } = ran();
    const deadAtMs = outageAtMs(ran());
    const startMs = simulation.lab.workload.client.rows()[0]?.sentAtMs ?? 0;
    expect(deadAtMs - startMs).toBeGreaterThan(900_000);
    expect(evidence.executions.every(({ startedAtMs }) => startedAtMs > deadAtMs)).toBe(true);
    expect(ran().acts.filter(({ atMs }) => atMs < deadAtMs)).toEqual([]);
    expect(
      evidence.leases.filter(({ body }) => body.by === "paris" && body.site === "ireland").length,
    ).toBeGreaterThan(60);
  });

  it("2. tells people, once", () => {
    expect(
      ran().notices.filter((subject) => /control plane of ireland is silent/.test(subject ?? "")),
    ).toHaveLength(1);
  });

  it("3. is recovered when the application dies as well, after the lease has run out", () => {
    const { wire, leases, plan } = ran().evidence;
    const lastRenewalMs =
      leases.findLast(({ body }) => body.site === "ireland" && body.epoch === 1)?.atMs ?? Number.NaN;
    const promotedAtMs = wire.find(({ operation }) => operation === "FailoverGlobalCluster")?.atMs;
    expect(promotedAtMs).toBeGreaterThan(lastRenewalMs + plan.ledger.lease.durationMs);
    expect(ran().servedFrom).toEqual(["eu-west-1", "eu-west-3"]);
  });
});

describe("with an enforcer and no route to its row", () => {
  const without = exampleText.replace(/^ {4}standIn:[^]*?(?=^ {2}- name: states)/m, "");
  const ran = specOf("primary-control-plane-loss", { planText: without, outcome: "recovered" });

  it("4. moves nothing before the application dies, stops the writers, and tells people what follows", () => {
    expect(without).not.toContain("writerHosts");
    const told = ran().evidence.notices.filter(({ subject }) => /is silent/.test(subject ?? ""));
    expect(told.map(({ message }) => message)).toEqual([
      expect.stringContaining("An enforcer stops the database's writers until the watch is back."),
    ]);
    expect(ran().failedWrites).toBeGreaterThan(100);
  });
});

describe("without an enforcer", () => {
  const held = specOf("primary-control-plane-loss", { planText: withoutEnforcer, outcome: "held" });

  it("5. holds, and promotes nothing", () => {
    expect(held().evidence.wire.filter(({ operation }) => operation === "FailoverGlobalCluster")).toEqual([]);
    expect(held().servedFrom).toEqual(["eu-west-1"]);
  });
});

describe("without an enforcer, where the plan accepts presumed fencing", () => {
  const presumed = specOf("primary-control-plane-loss", {
    planText: withoutEnforcer.replace("acceptPresumedFencing: false", "acceptPresumedFencing: true"),
    outcome: "recovered",
  });

  it("6. promotes once the lease has run out", () => {
    expect(presumed().servedFrom).toEqual(["eu-west-1", "eu-west-3"]);
  });
});
