import { hasEnded, RECOVERY_WITHIN_MS } from "@lifeboat/lab/scenarios/scenario";
import { expect, it } from "vitest";
import { play } from "./run-scenario.ts";

it("tells of a step that failed and is called again, with the reason, and of no hold", async () => {
  const lines: string[] = [];
  const failures = (): readonly string[] => lines.filter((line) => line.startsWith("start-service failed"));
  const simulation = await play(
    async ({ lab, wait, waitFor, markOutage }) => {
      const { cloud, plan } = lab;
      await wait(60_000);
      markOutage();
      cloud.world.network.lose(plan.sites.primary.region);
      cloud.world.faults.call = ({ operation }) =>
        operation === "UpdateService" && failures().length === 0
          ? { type: "refuse", code: "ThrottlingException", message: "Rate exceeded", status: 400 }
          : undefined;
      await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    },
    { onEvent: ({ text }) => lines.push(text) },
  );
  expect(simulation.result.outcome).toBe("recovered");
  expect(failures()[0]).toMatch(/^start-service failed: AwsUnavailable: .*Rate exceeded/);
  expect(lines.filter((line) => line.startsWith("held in"))).toEqual([]);
});
