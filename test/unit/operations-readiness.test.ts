import { checkReadiness } from "@lifeboat/operations/check-readiness";
import type { Readiness } from "@lifeboat/operations/ports";
import { lookAtAll } from "@lifeboat/operations/readiness/look";
import { otherSite } from "@lifeboat/recovery/plan";
import { judgeReadiness, readinessParts, type Finding } from "@lifeboat/recovery/readiness";
import { describe, expect, it } from "vitest";
import { createModelledStore } from "./operations-store.ts";
import { portsWith } from "./operations-world.ts";
import { exampleText, readValid } from "./plan-example.ts";

const { plan } = readValid(exampleText);
const here = otherSite(plan, plan.sites.primary.name);

const expected: Readonly<Record<(typeof readinessParts)[number], readonly string[]>> = {
  stores: plan.stores.map(({ name }) => `stores/${name}`),
  compute: (["keys", "secrets", "certificates", "services", "workers"] as const).flatMap((section) =>
    plan[section].map(({ name }) => `${section}/${name}`),
  ),
  traffic: plan.traffic.map(({ name }) => `traffic/${name}`),
};

const allReady: Readiness["look"] = (_region, part) =>
  Promise.resolve(expected[part].map((resource) => ({ resource, state: "ready", detail: "fine" })));

const check = (look: Readiness["look"], of = plan): Promise<readonly Finding[]> =>
  checkReadiness({
    plan: of,
    planHash: "hash",
    here,
    ports: portsWith({ ledger: createModelledStore(), readiness: { look } }),
  });

const unknownIn = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ state }) => state === "unknown").map(({ resource }) => resource);

describe("the readiness of the standby", () => {
  it("is asked of every part, in the standby's region, for the plan of the execution", async () => {
    const asked: unknown[] = [];
    const findings = await check((region, part, request) => {
      asked.push({ region, part, request });
      return allReady(region, part, request);
    });
    const request = { workload: plan.workload, planHash: "hash" };
    expect(asked).toEqual(readinessParts.map((part) => ({ region: here.region, part, request })));
    expect(findings.map(({ resource }) => resource)).toEqual(
      readinessParts.flatMap((part) => expected[part]),
    );
    expect(judgeReadiness(findings).ready).toBe(true);
  });

  it.each(readinessParts)(
    "is unknown for all of %s when that part does not answer, and for nothing else",
    async (part) => {
      const findings = await check((region, asked, request) =>
        asked === part ? Promise.reject(new Error("no answer")) : allReady(region, asked, request),
      );
      expect(unknownIn(findings)).toEqual(expected[part]);
      expect(judgeReadiness(findings).ready).toBe(false);
    },
  );

  it("is unknown for what a part leaves out, and takes no word about anything else", async () => {
    const findings = await check(async (region, part, request) =>
      part === "traffic"
        ? [{ resource: "stores/elsewhere", state: "ready", detail: "fine" }]
        : allReady(region, part, request),
    );
    expect(unknownIn(findings)).toEqual(expected.traffic);
    expect(findings.map(({ resource }) => resource)).not.toContain("stores/elsewhere");
  });

  it("asks no part of which the plan has nothing", async () => {
    const asked: string[] = [];
    await check(
      (region, part, request) => {
        asked.push(part);
        return allReady(region, part, request);
      },
      { ...plan, traffic: [] },
    );
    expect(asked).toEqual(["stores", "compute"]);
  });

  it("is unknown for one thing that cannot be asked, and known for its neighbours", async () => {
    const findings = await lookAtAll([
      { resource: "keys/one", look: () => Promise.reject(new Error("KMS is out of reach")) },
      { resource: "keys/two", look: () => Promise.resolve({ state: "ready", detail: "usable" }) },
    ]);
    expect(findings).toEqual([
      { resource: "keys/one", state: "unknown", detail: "KMS is out of reach" },
      { resource: "keys/two", state: "ready", detail: "usable" },
    ]);
  });
});
