import { createLab, type Lab } from "@lifeboat/lab/create-lab";
import { withVirtualGlobals } from "@lifeboat/lab/virtual-globals";
import { describe, expect, it } from "vitest";
import { exampleText, readValid } from "../unit/plan-example.ts";

/*
 * A site that is cut off, and whose fence fails or is not answered: the watch that decides and the function that acts are two,
 * and either may die or not hear of the other.
 * 1. A fence that dies is begun again until it stands, before the lease has ended for anybody.
 * 2. A fence that nobody answered is taken back when the site renews before anything was claimed: what it stopped runs again,
 *    however late the fence came.
 * 3. At no time are a fence and a resume done at once.
 * 4. A fence that could not be noted is taken back all the same.
 */

const IRELAND = "eu-west-1";
const nameOf = (name: string): string => `function/lifeboat-spacelift-${name}@${IRELAND}`;

interface Stage {
  readonly lab: Lab;
  readonly wait: (ms: number) => Promise<void>;
  readonly waitFor: (done: () => boolean) => Promise<void>;
  readonly cut: () => void;
  readonly mend: () => void;
  /** When the calls left by which services were scaled to a count. */
  readonly scaledAtMs: (isCount: (count: unknown) => boolean) => readonly number[];
}

const cutOff = async (run: (stage: Stage) => Promise<void>): Promise<void> => {
  const lab = await createLab({ ...readValid(exampleText), seed: 3 });
  const { clock, random, network } = lab.cloud.world;
  const others = [lab.plan.sites.standby.region, lab.plan.witness.region];
  const scaledAtMs: Stage["scaledAtMs"] = (isCount) =>
    lab.wire
      .filter(({ operation, region }) => operation === "UpdateService" && region === IRELAND)
      .filter(({ input }) => isCount((input as { desiredCount?: number }).desiredCount))
      .map(({ atMs }) => atMs);
  await withVirtualGlobals(clock, random.stream("process"), async () => {
    let isDone = false;
    const story = async (): Promise<void> => {
      await lab.bootstrap();
      await clock.sleep(180_000);
      await run({
        lab,
        wait: (ms) => clock.sleep(ms),
        waitFor: async (done) => {
          for (const untilMs = clock.nowMs() + 600_000; !done() && clock.nowMs() < untilMs;)
            await clock.sleep(200);
          expect(done()).toBe(true);
        },
        cut: () => {
          for (const other of others) network.cut(IRELAND, other);
        },
        mend: () => {
          for (const other of others) network.mend(IRELAND, other);
        },
        scaledAtMs,
      });
    };
    const told = story().finally(() => {
      isDone = true;
    });
    await clock.run({ untilMs: clock.nowMs() + 3_600_000, until: () => isDone });
    await told;
  });
};

const runningServers = ({ ecs }: Lab): number =>
  ecs.runningTasks(IRELAND, "spacelift", "spacelift-server").length;

const actsOn = (lab: Lab) =>
  lab.cloud.lambda.invocations.filter(
    ({ functionName, region }) => region === IRELAND && functionName.endsWith("-tend-services"),
  );

describe("a site that is cut off, and whose fence dies", () => {
  it("1. begins it again every second, and has stopped before the lease ends", async () => {
    await cutOff(async ({ lab, waitFor, cut, scaledAtMs }) => {
      const { faults } = lab.cloud.world;
      let kills = 0;
      faults.call = ({ origin }) => {
        if (origin.principal !== nameOf("tend-services") || kills === 5) return undefined;
        kills += 1;
        return { type: "kill-before" };
      };
      cut();
      await waitFor(() => scaledAtMs((count) => count === 0).length > 0);
      expect(kills).toBe(5);
      const renewedAtMs =
        lab.wire.findLast(
          ({ operation, origin, outcome }) =>
            operation === "PutObject" && origin.principal === nameOf("watch") && outcome.type === "answered",
        )?.atMs ?? Number.NaN;
      const { durationMs, fenceWithinMs } = lab.plan.ledger.lease;
      const [stoppedAtMs] = scaledAtMs((count) => count === 0);
      expect(stoppedAtMs).toBeGreaterThanOrEqual(renewedAtMs + durationMs - fenceWithinMs);
      expect(stoppedAtMs).toBeLessThan(renewedAtMs + durationMs);
    });
  });
});

describe("a site that renews while its fence is on its way", () => {
  it("2. and 3. resumes after the fence, and not beside it", async () => {
    await cutOff(async ({ lab, wait, waitFor, cut, mend, scaledAtMs }) => {
      const { world } = lab.cloud;
      expect(runningServers(lab)).toBeGreaterThan(0);
      cut();
      // The fence's own calls take their time, longer than its caller waits, and the note is not made before it is mended.
      world.faults.extraLatencyMs = (from, to) => (from === IRELAND && to === IRELAND ? 2300 : 0);
      await waitFor(() => actsOn(lab).length > 0);
      mend();
      await waitFor(() => scaledAtMs((count) => count === 0).length > 0);
      delete world.faults.extraLatencyMs;
      await waitFor(() => scaledAtMs((count) => Number(count) > 0).length > 0);
      await wait(120_000);
      expect(runningServers(lab)).toBeGreaterThan(0);
      const [first, ...others] = actsOn(lab);
      expect(others.length).toBeGreaterThan(0);
      for (const { startedAtMs } of others)
        expect(startedAtMs).toBeGreaterThanOrEqual(first?.endedAtMs ?? Number.POSITIVE_INFINITY);
    });
  });
});

describe("a site that fences itself while its own region's S3 takes no writes", () => {
  it("4. runs again once it renews, although nothing tells of its fence", async () => {
    await cutOff(async ({ lab, wait, waitFor, cut, mend, scaledAtMs }) => {
      const { faults } = lab.cloud.world;
      let refused = 0;
      faults.call = ({ operation, region, origin }) => {
        if (operation !== "PutObject" || region !== IRELAND || origin.place !== IRELAND) return undefined;
        refused += 1;
        return { type: "refuse", code: "SlowDown", message: "Please reduce your request rate.", status: 503 };
      };
      cut();
      await waitFor(() => scaledAtMs((count) => count === 0).length > 0);
      expect(refused).toBeGreaterThan(0);
      await wait(4000);
      mend();
      await waitFor(() => scaledAtMs((count) => Number(count) > 0).length > 0);
      delete faults.call;
      await wait(120_000);
      expect(runningServers(lab)).toBeGreaterThan(0);
      // Once, and not at every tick from now on.
      expect(scaledAtMs((count) => Number(count) > 0).length).toBeLessThanOrEqual(lab.plan.services.length);
    });
  });
});
