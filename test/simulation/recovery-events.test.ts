import { eventSchema } from "@lifeboat/plan/event-schema";
import { taskTokens } from "@lifeboat/lab/checks/read-execution";
import { gatherEvidence } from "@lifeboat/lab/checks/check-run";
import { scenarioNamed } from "@lifeboat/lab/scenarios/catalogue";
import { simulate, type Simulation } from "@lifeboat/lab/simulate";
import type { RecoveryEvent } from "@lifeboat/recovery/recovery-event";
import { describe, expect, it } from "vitest";
import { exampleText, readValid } from "../unit/plan-example.ts";
import { runScenario } from "./run-scenario.ts";

const BUS = "lifeboat-spacelift";

const toldIn = ({ lab }: Simulation) =>
  lab.cloud.eventbridge.events
    .filter(({ bus }) => bus === BUS)
    .map(({ region, event }) => ({ region, event }));

/** Every event that was told, once by its id; each has to follow its schema. */
const eventsOf = (simulation: Simulation): readonly RecoveryEvent[] => {
  const byId = new Map<string, RecoveryEvent>();
  for (const { event } of toldIn(simulation)) {
    const detail = eventSchema.parse(event.detail);
    expect(event).toMatchObject({ source: "lifeboat", "detail-type": detail.type });
    byId.set(detail.id, detail);
  }
  return [...byId.values()];
};

const typesOf = (events: readonly RecoveryEvent[]): readonly string[] => [
  ...new Set(events.map(({ type }) => type.replace("lifeboat.", ""))),
];

const stepsOf = (events: readonly RecoveryEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === "lifeboat.recovery.step-ended" ? [event.step] : []));

/** No value of a secret and no token that an answer could be given with. */
const expectNoSecret = (simulation: Simulation): void => {
  const { executions, secrets } = gatherEvidence(simulation.lab);
  const tokens = executions.flatMap(taskTokens);
  const text = JSON.stringify(toldIn(simulation));
  expect([...tokens, ...secrets].filter((value) => text.includes(value))).toEqual([]);
};

describe("a recovery that is told", () => {
  it("begins, claims, goes step by step and ends, in the region that acts; then the old site protects", async () => {
    const simulation = await runScenario("second-region-loss", { spelt: false });
    const events = eventsOf(simulation);
    expect(typesOf(events)).toEqual([
      "recovery.started",
      "recovery.assessed",
      "recovery.claimed",
      "recovery.step-ended",
      "recovery.ended",
      "workload.protected",
    ]);
    const [first, second] = simulation.recoveries.map(({ execution }) =>
      events.filter((event) => "execution" in event && event.execution === execution),
    );
    for (const of of [first ?? [], second ?? []]) {
      expect(of[0]?.type).toBe("lifeboat.recovery.started");
      expect(of.at(-1)).toMatchObject({ type: "lifeboat.recovery.ended", outcome: "recovered" });
      expect([...new Set(stepsOf(of))].toSorted((left, right) => left.localeCompare(right))).toEqual([
        "activate",
        "fence",
        "promote",
        "retire-primary",
        "shift-traffic",
        "start-service",
        "start-workers",
        "verify-standby",
        "verify-workload",
      ]);
    }
    const regions = toldIn(simulation).map(({ region, event }) => [
      (event.detail as RecoveryEvent).site,
      region,
    ]);
    expect(new Set(regions.map(String))).toEqual(new Set(["paris,eu-west-3", "ireland,eu-west-1"]));
    expect(events.find(({ type }) => type === "lifeboat.workload.protected")).toMatchObject({
      site: "ireland",
      epoch: 2,
    });
    const ended = first?.at(-1);
    expect(ended?.type === "lifeboat.recovery.ended" ? ended.lossMs : null).toBe(
      simulation.recoveries[0]?.rpoMs?.max,
    );
    expectNoSecret(simulation);
  });

  it("says that people have to approve, and no token with which they could", async () => {
    const simulation = await runScenario("lag-above-limit");
    const events = eventsOf(simulation);
    expect(typesOf(events)).toContain("recovery.approval-needed");
    const { executions } = gatherEvidence(simulation.lab);
    expect(executions.flatMap(taskTokens).length).toBeGreaterThan(0);
    expectNoSecret(simulation);
  });

  it("says that a step is held, once for each question", async () => {
    const simulation = await runScenario("promotion-stuck");
    const held = eventsOf(simulation).filter(({ type }) => type === "lifeboat.recovery.held");
    expect(held.length).toBeGreaterThan(0);
    expect(held[0]).toMatchObject({ phase: "promote" });
    expectNoSecret(simulation);
  });

  it("says in its own region that a site has fenced itself", async () => {
    const simulation = await runScenario("primary-isolated");
    const fenced = eventsOf(simulation).filter(({ type }) => type === "lifeboat.site.fenced");
    expect(fenced).toMatchObject([{ site: "ireland", epoch: 1 }]);
  });

  it("is told nothing of a dry run", async () => {
    expect(toldIn(await runScenario("dry-run"))).toEqual([]);
  });
});

describe("a bus that nobody can reach", () => {
  it.each(["refuses", "is silent"])("and that %s, stops no recovery and hardly delays one", async (how) => {
    const { plan } = readValid(exampleText);
    const scenario = scenarioNamed("region-loss");
    if (scenario === undefined) throw new Error("no scenario region-loss");
    const run = (broken: boolean) =>
      simulate({
        plan,
        seed: 1,
        scenario: {
          ...scenario,
          async run(stage) {
            if (broken)
              stage.lab.cloud.world.faults.call = ({ service }) =>
                service !== "eventbridge"
                  ? undefined
                  : how === "refuses"
                    ? { type: "refuse", code: "InternalFailure", message: "no", status: 500 }
                    : { type: "lose-reply" };
            await scenario.run(stage);
          },
        },
      });
    const [sound, broken] = [await run(false), await run(true)];
    expect(broken.result.outcome).toBe("recovered");
    // A dozen steps in a row, each of which waits for 0.7 s at most.
    expect((broken.result.rtoMs ?? 0) - (sound.result.rtoMs ?? 0)).toBeLessThan(12_000);
    const warned = broken.lab.log.filter(({ line }) => line.includes("an event could not be told"));
    expect(warned.length).toBeGreaterThan(5);
  });
});
