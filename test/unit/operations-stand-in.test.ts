import type { Beat, Ports } from "@lifeboat/operations/ports";
import { tick } from "@lifeboat/operations/watch/tick";
import { freshMemory, type TickReport } from "@lifeboat/operations/watch/watch-memory";
import { RecoveryError } from "@lifeboat/recovery/errors";
import { withRequest, type Claim, type Holder } from "@lifeboat/recovery/ledger";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { describe, expect, it } from "vitest";
import type { ModelledStore } from "./operations-store.ts";
import {
  atParis,
  bootstrapped,
  claimIn,
  contextAt,
  createExecutions,
  createHandClock,
  createIds,
  executionNamed,
  leaseIn,
  MACHINE_ARN,
  plan,
  portsWith,
  putClaim,
  putLease,
  terms,
  witness,
  type HandClock,
  type ModelledExecutions,
} from "./operations-world.ts";

/** The passive site's watch, beside an active site that can be made to go on or fall silent part by part. */
interface Neighbour {
  readonly clock: HandClock;
  readonly store: ModelledStore;
  readonly beats: { at: string; holder: string; epoch: number; validForMs: number }[];
  readonly notices: string[];
  readonly executions: ModelledExecutions;
  /** What of the active site goes on. */
  readonly alive: {
    watch: boolean;
    application: boolean;
    database: boolean;
    replication: boolean;
    people: boolean;
    /** Step Functions of its region. */
    controlPlane: boolean;
  };
  readonly tick: () => Promise<TickReport>;
  /** Lets the active site's watch and this one's tick until then. */
  readonly pass: (ms: number) => Promise<readonly TickReport[]>;
}

const neighbour = async (of: RecoveryPlan = plan): Promise<Neighbour> => {
  const clock = createHandClock();
  const store = await bootstrapped();
  const alive = {
    watch: true,
    application: true,
    database: true,
    replication: true,
    people: true,
    controlPlane: true,
  };
  const beats: Neighbour["beats"] = [];
  const notices: string[] = [];
  const rows: Beat[] = [];
  const executions = createExecutions();
  const canary: Ports["canary"] = {
    beat: (_region, { at, holder, epoch, validForMs = Number.NaN }) => {
      if (!alive.database) return Promise.reject(new Error("no answer"));
      beats.push({ at, holder, epoch, validForMs });
      rows.push({ sequence: rows.length + 1, writtenAtMs: clock.nowMs() });
      return Promise.resolve({ type: "written", ...(rows[rows.length - 1] as Beat) });
    },
    newest: (_region, { at }) => {
      if (at === "here") return Promise.resolve(alive.replication ? (rows.at(-1) ?? null) : null);
      return alive.database ? Promise.resolve(rows.at(-1) ?? null) : Promise.reject(new Error("no answer"));
    },
  };
  const ports = portsWith({
    ledger: store,
    clock,
    ids: createIds("stand-in"),
    canary,
    executions: {
      ...executions,
      status: (arn) =>
        alive.controlPlane
          ? executions.status(arn)
          : Promise.reject(new RecoveryError("AwsUnavailable", "no answer in time")),
    },
    http: {
      get: () => Promise.resolve(alive.application ? { status: 200 } : { unreachable: "no answer in time" }),
    },
    alarms: {
      states: (_region, names) => Promise.resolve(new Map(names.map((name) => [name, "OK"]))),
      reportProbe: () => Promise.resolve(),
    },
    notices: {
      publish: (subject) =>
        alive.people ? Promise.resolve(void notices.push(subject)) : Promise.reject(new Error("no answer")),
    },
  });
  let memory = freshMemory(clock.nowMs());
  let turn = 0;
  const renewAsIreland = (): void => {
    if (!alive.watch) return;
    turn += 1;
    const place = turn % 2 === 0 ? atParis : witness;
    putLease(store, place, { site: "ireland", by: "ireland", durationMs: terms.durationMs });
  };
  const tickOnce = async (): Promise<TickReport> => {
    const report = await tick(contextAt("paris", ports, of), MACHINE_ARN, memory);
    ({ memory } = report);
    return report;
  };
  return {
    clock,
    store,
    beats,
    notices,
    executions,
    alive,
    tick: tickOnce,
    async pass(ms) {
      const reports: TickReport[] = [];
      for (const untilMs = clock.nowMs() + ms; clock.nowMs() < untilMs;) {
        const startedAtMs = clock.nowMs();
        renewAsIreland();
        reports.push(await tickOnce());
        clock.advance(Math.max(0, startedAtMs + terms.renewEveryMs - clock.nowMs()));
      }
      return reports;
    },
  };
};

const revisions = ({ store }: Neighbour): readonly number[] =>
  [witness, atParis].map((place) => leaseIn(store, place).revision);

describe("the passive site's watch, beside an active site whose watch is silent while its application answers", () => {
  it("leaves a site alone that renews its own lease", async () => {
    const site = await neighbour();
    await site.pass(300_000);
    expect(site.beats).toEqual([]);
    expect([witness, atParis].map((place) => leaseIn(site.store, place).by)).toEqual(["ireland", "ireland"]);
    expect(site.notices).toEqual([]);
  });

  it("renews the lease in its name, and then refreshes the row beside its writer, before that runs out", async () => {
    const site = await neighbour();
    await site.pass(60_000);
    site.alive.watch = false;
    const lastRenewalMs = site.clock.nowMs() - terms.renewEveryMs;
    while (site.beats.length === 0) await site.pass(terms.renewEveryMs);
    expect(site.clock.nowMs() - lastRenewalMs).toBeLessThanOrEqual(47_000);
    expect(site.beats[0]).toMatchObject({ at: "peer", holder: "ireland", epoch: 1 });
    expect(site.beats[0]?.validForMs).toBeLessThanOrEqual(terms.durationMs - terms.fenceWithinMs);
    expect(leaseIn(site.store, witness)).toMatchObject({ site: "ireland", by: "paris", fenced: false });
  });

  it("goes on for as long as that lasts, without a vote for an outage", async () => {
    const site = await neighbour();
    await site.pass(60_000);
    site.alive.watch = false;
    const reports = await site.pass(900_000);
    expect(site.beats.length).toBeGreaterThan(60);
    expect(reports.at(-1)?.detail).toBe("paris renews the lease of ireland");
  });

  it("tells people once, and not for a renewal that merely came late", async () => {
    const site = await neighbour();
    await site.pass(60_000);
    site.alive.watch = false;
    await site.pass(24_000);
    site.alive.watch = true;
    await site.pass(60_000);
    expect(site.notices).toEqual([]);
    site.alive.watch = false;
    await site.pass(900_000);
    expect(site.notices).toEqual(["spacelift: the control plane of ireland is silent"]);
  });

  it("goes on renewing while people cannot be told, and tells them as soon as they can", async () => {
    const site = await neighbour();
    await site.pass(60_000);
    Object.assign(site.alive, { watch: false, people: false });
    const reports = await site.pass(200_000);
    expect(site.notices).toEqual([]);
    expect(reports.at(-1)?.detail).toBe("paris renews the lease of ireland");
    site.alive.people = true;
    await site.pass(24_000);
    expect(site.notices).toHaveLength(1);
  });

  it("steps back as soon as the site renews by itself again", async () => {
    const site = await neighbour();
    await site.pass(60_000);
    site.alive.watch = false;
    await site.pass(120_000);
    site.alive.watch = true;
    await site.pass(24_000);
    const before = site.beats.length;
    await site.pass(120_000);
    expect(site.beats).toHaveLength(before);
    expect([witness, atParis].map((place) => leaseIn(site.store, place).by)).toEqual(["ireland", "ireland"]);
  });

  it("lets the lease run out when the application does not answer either", async () => {
    const site = await neighbour();
    await site.pass(60_000);
    site.alive.watch = false;
    await site.pass(120_000);
    site.alive.application = false;
    await site.pass(terms.renewEveryMs);
    const before = revisions(site);
    await site.pass(120_000);
    expect(revisions(site)).toEqual(before);
  });

  it("prolongs nothing where it does not reach the database", async () => {
    const site = await neighbour();
    await site.pass(60_000);
    Object.assign(site.alive, { watch: false, database: false });
    const before = revisions(site);
    await site.pass(120_000);
    expect(revisions(site)).toEqual(before);
    expect(site.notices).toHaveLength(1);
  });

  it("prolongs nothing where the plan has no route, and tells people what follows", async () => {
    const without: RecoveryPlan = {
      ...plan,
      stores: plan.stores.map((store) =>
        store.type === "aurora-global" ? { ...store, standIn: undefined } : store,
      ),
    };
    const site = await neighbour(without);
    await site.pass(60_000);
    site.alive.watch = false;
    const before = revisions(site);
    await site.pass(120_000);
    expect(revisions(site)).toEqual(before);
    expect(site.beats).toEqual([]);
    expect(site.notices).toEqual(["spacelift: the control plane of ireland is silent"]);
  });

  it("keeps out where an execution has just been asked for", async () => {
    const site = await neighbour();
    await site.pass(60_000);
    site.alive.watch = false;
    const requestedAtMs = site.clock.nowMs();
    putClaim(site.store, (claim) =>
      withRequest(claim, { execution: executionNamed("one"), requestedAtMs, trigger: "a person" }, "r"),
    );
    const before = revisions(site);
    await site.pass(120_000);
    expect(revisions(site)).toEqual(before);
  });

  describe("beside the hold of an execution", () => {
    const execution = executionNamed("one").replace("eu-west-3", "eu-west-1");
    const hold = (claim: Claim, holder: Pick<Holder, "site" | "from">): Claim => ({
      ...claim,
      holder: { execution, ...holder, succeeds: null, loss: null },
      phase: "start-services",
    });
    /** One that has moved the workload to Ireland. */
    const arrived = (claim: Claim): Claim => hold(claim, { site: "ireland", from: "paris" });

    it.each([
      ["was stopped after it had moved the workload there", { watch: false }],
      [
        "cannot be asked after, for the region's control plane is dead",
        { watch: false, controlPlane: false },
      ],
    ])("stands in where that %s", async (_what, alive) => {
      const site = await neighbour();
      site.executions.states.set(execution, "ABORTED");
      putClaim(site.store, arrived);
      await site.pass(60_000);
      Object.assign(site.alive, alive);
      const reports = await site.pass(900_000);
      expect(reports.at(-1)?.detail).toBe("paris renews the lease of ireland");
      expect(site.beats.length).toBeGreaterThan(60);
      expect(site.notices).toEqual(["spacelift: the control plane of ireland is silent"]);
      // It is left to a person, as before.
      expect(claimIn(site.store).holder?.execution).toBe(execution);
    });

    it("keeps out while it goes on", async () => {
      const site = await neighbour();
      site.executions.states.set(execution, "RUNNING");
      putClaim(site.store, arrived);
      await site.pass(60_000);
      site.alive.watch = false;
      const before = revisions(site);
      await site.pass(120_000);
      expect(revisions(site)).toEqual(before);
    });

    it("keeps out where it was moving the workload away, and may have begun to promote", async () => {
      const site = await neighbour();
      site.executions.states.set(execution, "ABORTED");
      await site.pass(60_000);
      site.alive.watch = false;
      putClaim(site.store, (claim) => hold(claim, { site: "paris", from: "ireland" }));
      const before = revisions(site);
      await site.pass(120_000);
      expect(revisions(site)).toEqual(before);
      expect(site.beats).toEqual([]);
    });

    it("keeps out where it is being finished or moved on by an execution that has been asked for", async () => {
      const site = await neighbour();
      site.executions.states.set(execution, "ABORTED");
      await site.pass(60_000);
      site.alive.watch = false;
      const requestedAtMs = site.clock.nowMs();
      putClaim(site.store, (claim) =>
        withRequest(
          arrived(claim),
          { execution: executionNamed("two"), requestedAtMs, trigger: "a person" },
          "r",
        ),
      );
      const before = revisions(site);
      await site.pass(120_000);
      expect(revisions(site)).toEqual(before);
    });
  });

  it("forgets a request that nobody has started, and stands in then", async () => {
    const site = await neighbour();
    await site.pass(60_000);
    site.alive.watch = false;
    const requestedAtMs = site.clock.nowMs();
    putClaim(site.store, (claim) =>
      withRequest(claim, { execution: executionNamed("one"), requestedAtMs, trigger: "watch" }, "r"),
    );
    const before = revisions(site);
    await site.pass(168_000);
    expect(claimIn(site.store).request).not.toBeNull();
    await site.pass(60_000);
    expect(claimIn(site.store).request).toBeNull();
    expect(revisions(site)).not.toEqual(before);
  });

  it.each([
    ["sealed", { durationMs: 0 }],
    ["fenced", { fenced: true }],
    ["of a later epoch", { epoch: 2 }],
  ])("never renews a lease that is %s", async (_what, changes) => {
    const site = await neighbour();
    await site.pass(60_000);
    site.alive.watch = false;
    for (const place of [witness, atParis]) putLease(site.store, place, changes);
    const before = revisions(site);
    await site.pass(120_000);
    expect(revisions(site)).toEqual(before);
    expect(site.beats).toEqual([]);
  });

  it("reports no canary until one of its own has come back by replication: two clocks measure nothing", async () => {
    const site = await neighbour();
    await site.pass(60_000);
    Object.assign(site.alive, { watch: false, replication: false });
    await site.pass(120_000);
    expect(leaseIn(site.store, witness)).toMatchObject({ by: "paris", canary: null });
    site.alive.replication = true;
    await site.pass(36_000);
    const { canary } = leaseIn(site.store, witness);
    expect(canary).toMatchObject({ periodMs: terms.renewEveryMs });
    // The beat that follows is announced, and for how long it admits writers.
    const admitsMs = site.beats.at(-1)?.validForMs ?? Number.NaN;
    expect((canary?.writesUntilMs ?? 0) - (canary?.mayHaveBeatenAtMs ?? 0)).toBe(admitsMs);
  });
});
