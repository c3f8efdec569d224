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
// A writer that nothing stops is presumed to go on until its lease ends: nobody is to ask because of that.
const withoutEnforcer = exampleText
  .replace("enforcer: postgres-job", "enforcer: none")
  .replace("lossLimit: 60s", "lossLimit: 2m")
  .replace("rpo: 60s", "rpo: 2m");

/** When the control plane was lost, and when the application died as well: a quarter of an hour later. */
const lossesAtMs = ({ evidence }: Ran): readonly [number, number] => {
  const lostAtMs = evidence.controlLosses.find(({ region }) => region === "eu-west-1")?.fromMs ?? Number.NaN;
  return [lostAtMs, lostAtMs + 900_000];
};

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

  it("4. moves nothing before the application dies", () => {
    const { executions, claims, wire, leases } = ran().evidence;
    const [lostAtMs, deadAtMs] = lossesAtMs(ran());
    expect(ran().acts.filter(({ atMs }) => atMs < deadAtMs)).toEqual([]);
    expect(executions.filter(({ startedAtMs }) => startedAtMs < deadAtMs)).toEqual([]);
    expect(claims.filter(({ atMs }) => atMs > lostAtMs && atMs < deadAtMs)).toEqual([]);
    expect(leases.filter(({ body }) => body.by === "paris" && body.site === "ireland")).toEqual([]);
    const promotedAtMs = wire.find(({ operation }) => operation === "FailoverGlobalCluster")?.atMs;
    expect(promotedAtMs).toBeGreaterThan(deadAtMs);
  });

  it("4. has the enforcer stop the writers within the lease, although the application lives", () => {
    const { commits, rows, plan } = ran().evidence;
    const [lostAtMs, deadAtMs] = lossesAtMs(ran());
    const { durationMs, fenceWithinMs } = plan.ledger.lease;
    const stoppedAtMs = commits.findLast(({ region }) => region === "eu-west-1")?.atMs ?? Number.NaN;
    expect(stoppedAtMs).toBeGreaterThan(lostAtMs);
    expect(stoppedAtMs).toBeLessThanOrEqual(lostAtMs + durationMs - fenceWithinMs);
    // The application answers all the time, and says that it cannot write.
    const refused = rows.filter(
      ({ sentAtMs }) => sentAtMs > stoppedAtMs + 2000 && sentAtMs < deadAtMs - 2000,
    );
    expect(refused.length).toBeGreaterThan(1000);
    expect(new Set(refused.map(({ outcome }) => outcome.type === "failed" && outcome.status))).toEqual(
      new Set([500]),
    );
  });

  it("4. tells people what follows, before it has gone on for two minutes", () => {
    expect(without).not.toContain("writerHosts");
    const told = ran().evidence.notices.filter(({ subject }) => /is silent/.test(subject ?? ""));
    expect(told.map(({ message }) => message)).toEqual([
      expect.stringContaining("An enforcer stops the database's writers until the watch is back."),
    ]);
    const [lostAtMs] = lossesAtMs(ran());
    expect((told[0]?.atMs ?? Number.NaN) - lostAtMs).toBeLessThan(120_000);
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

  it("6. moves nothing while the application lives", () => {
    const [, deadAtMs] = lossesAtMs(presumed());
    expect(presumed().acts.filter(({ atMs }) => atMs < deadAtMs)).toEqual([]);
    expect(presumed().evidence.executions.filter(({ startedAtMs }) => startedAtMs < deadAtMs)).toEqual([]);
    expect(
      presumed().evidence.rows.filter(
        ({ outcome, sentAtMs }) => outcome.type === "failed" && sentAtMs < deadAtMs - 2000,
      ),
    ).toEqual([]);
  });

  it("6. promotes once the lease has run out, without asking, and says on what it presumed that", () => {
    const { wire, leases, plan, records, notices } = presumed().evidence;
    const lastRenewalMs = Math.max(
      ...leases
        .filter(({ body }) => body.site === "ireland" && body.epoch === 1 && body.durationMs > 0)
        .map(({ atMs }) => atMs),
    );
    const promotions = wire.filter(({ operation }) => operation === "FailoverGlobalCluster");
    expect(promotions).toHaveLength(1);
    expect(promotions[0]?.atMs).toBeGreaterThan(lastRenewalMs + plan.ledger.lease.durationMs);
    expect(records.map(({ body }) => [body.outcome, body.fencing])).toEqual([["recovered", "presumed"]]);
    expect(notices.filter(({ subject }) => /hold needed|approval/.test(subject ?? ""))).toEqual([]);
    expect(presumed().servedFrom).toEqual(["eu-west-1", "eu-west-3"]);
  });
});
