import { GetHealthCheckCommand, Route53Client, type HealthCheckConfig } from "@aws-sdk/client-route-53";
import type { HealthCheckEntry } from "@lifeboat/control-plane/manifest";
import { createLab } from "@lifeboat/lab/create-lab";
import { describe, expect, it } from "vitest";
import { exampleText, readValid } from "../unit/plan-example.ts";

/** What Route 53 is asked for, from an entry of the manifest. */
const configOf = (check: HealthCheckEntry): HealthCheckConfig =>
  check.type === "object"
    ? {
        Type: check.scheme,
        FullyQualifiedDomainName: check.host,
        Port: check.scheme === "HTTPS" ? 443 : 80,
        ResourcePath: check.path,
        RequestInterval: check.intervalSeconds,
        FailureThreshold: check.failureThreshold,
      }
    : {
        Type: "CALCULATED",
        ChildHealthChecks: [...check.children],
        HealthThreshold: check.threshold,
        Inverted: check.inverted,
      };

describe("the switch that is deployed", () => {
  it("has the health checks that recoveries on the laptop run with", async () => {
    const lab = await createLab({ ...readValid(exampleText), seed: 1 });
    const { clock } = lab.cloud.world;
    const client = new Route53Client({
      region: "us-east-1",
      credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
      requestHandler: lab.cloud.connect({ region: "us-east-1" }),
    });
    const checks = lab.manifest.places.flatMap(({ healthChecks }) => healthChecks);
    expect(checks).toHaveLength(5);
    for (const check of checks) {
      let answered: HealthCheckConfig | undefined;
      const asking = client.send(new GetHealthCheckCommand({ HealthCheckId: check.name })).then((output) => {
        answered = output.HealthCheck?.HealthCheckConfig;
      });
      await clock.run({ untilMs: clock.nowMs() + 10_000, until: () => answered !== undefined });
      await asking;
      expect(answered).toMatchObject(configOf(check));
    }
  });
});
