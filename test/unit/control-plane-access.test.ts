import { accessDocuments, ROLE_LIMITS, type AccessDocuments } from "@lifeboat/control-plane/access-documents";
import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import { idleCost } from "@lifeboat/control-plane/cost";
import type { PlaceManifest } from "@lifeboat/control-plane/manifest";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { sessionPrefix } from "@lifeboat/recovery/session-name";
import { describe, expect, inject, it } from "vitest";
import { accessPlan, documentsOf, EXTERNAL_ID, ROLE, WORKLOAD_ACCOUNT } from "../integration/access-plan.ts";

const plan = accessPlan();
const example = inject("examplePlan");

const usersOf = (documents: AccessDocuments, action: string, resource: string): readonly string[] =>
  documents.permissions.flatMap(({ Statement }) =>
    Statement.filter(
      ({ Action, Resource }) => Action.includes(action) && Resource.includes(resource),
    ).flatMap(({ Condition }) => Condition["StringLike"]?.["aws:userid"] ?? []),
  );

const placeNamed = (given: RecoveryPlan, name: string): PlaceManifest => {
  const place = buildManifest(given).places.find((candidate) => candidate.place === name);
  if (place === undefined) throw new Error(`there is no ${name}`);
  return place;
};

describe("the name of a session", () => {
  it("of one function is never that of another, whatever they are called", () => {
    const names = placeNamed(plan, "paris").functions.map(({ name }) => name);
    const prefixes = names.map((name) => sessionPrefix({ workload: "spacelift", name, region: "eu-west-3" }));
    for (const prefix of prefixes)
      expect(prefixes.filter((other) => other.startsWith(prefix))).toEqual([prefix]);
  });
});

describe("the documents of the role", () => {
  const documents = documentsOf(plan);

  it("let in the roles that need it, by their names, with the external id", () => {
    const [statement, ...others] = documents.trust.Statement;
    expect(others).toEqual([]);
    expect(statement?.Condition).toEqual({ StringEquals: { "sts:ExternalId": EXTERNAL_ID } });
    const names = statement?.Principal.AWS.map(
      (arn) => /role\/lifeboat-spacelift-(.+)-euw[13]$/.exec(arn)?.[1],
    );
    expect(new Set(names)).toEqual(
      new Set([
        "check-compute",
        "check-stores",
        "check-traffic",
        "confirm-store",
        "promote",
        "record-outcome",
        "retire-primary",
        "start-service",
        "start-workers",
        "tend-services",
        "tend-standby",
      ]),
    );
  });

  it("grant each action to the functions alone that take it, where they take it", () => {
    const cluster = `arn:aws:rds:eu-west-3:${WORKLOAD_ACCOUNT}:cluster:spacelift-paris`;
    expect(usersOf(documents, "rds:FailoverGlobalCluster", cluster)).toEqual(["*:spacelift.promote.euw3.*"]);
    const server = `arn:aws:ecs:eu-west-3:${WORKLOAD_ACCOUNT}:service/spacelift/spacelift-server`;
    expect(usersOf(documents, "ecs:UpdateService", server)).toEqual([
      // The other site's function stops what runs here, when this is the old primary.
      "*:spacelift.retire-primary.euw1.*",
      "*:spacelift.start-service.euw3.*",
      "*:spacelift.tend-services.euw3.*",
    ]);
  });

  it("name somebody in every statement, no wildcard in an action, and no other account", () => {
    for (const { Statement } of documents.permissions)
      for (const { Action, Resource, Condition } of Statement) {
        expect([Condition["StringLike"]?.["aws:userid"]].flat().length).toBeGreaterThan(0);
        expect(Action.filter((action) => action.includes("*"))).toEqual([]);
        expect(JSON.stringify(Resource)).not.toContain(plan.account);
      }
  });

  it("keep the conditions that a grant has beside", () => {
    const kms = documents.permissions
      .flatMap(({ Statement }) => Statement)
      .filter(({ Action }) => Action.includes("kms:CreateGrant"));
    expect(kms.map(({ Condition }) => Condition["StringEquals"])).toEqual([
      { "kms:ViaService": "rds.eu-west-1.amazonaws.com" },
      { "kms:ViaService": "rds.eu-west-3.amazonaws.com" },
    ]);
  });

  it("are as many as IAM's size of a policy makes of them", () => {
    const sizes = documents.permissions.map((document) => JSON.stringify(document).length);
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(ROLE_LIMITS.policy);
    expect(JSON.stringify(documents.trust).length).toBeLessThanOrEqual(ROLE_LIMITS.trust);
  });

  it("leave the external id as much room as the documents say, beside a long name of a workload", () => {
    const fits = (letters: number, characters: number): boolean => {
      const access = { role: ROLE, externalId: "x".repeat(characters) };
      try {
        accessDocuments({ ...plan, workload: "w".repeat(letters) }, access);
        return true;
      } catch {
        return false;
      }
    };
    expect([fits(23, 34), fits(23, 35), fits(24, 2), fits(25, 2)]).toEqual([true, false, true, false]);
  });

  it("are refused where IAM would refuse them", () => {
    const access = { role: ROLE, externalId: "x".repeat(1000) };
    expect(() => accessDocuments(plan, access)).toThrow(
      /trust policy .* IAM allows 2048: .* shorter external id/,
    );
    const many = (count: number, name: (index: number) => string) =>
      Array.from({ length: count }, (_, index) => ({
        type: "ecs" as const,
        name: `s-${index}`,
        clusters: { ireland: "c", paris: "c" },
        service: name(index),
        activeCount: 1,
        passiveCount: 0,
      }));
    const own = { role: ROLE, externalId: EXTERNAL_ID };
    const large = { ...plan, services: many(120, (index) => `service-${index}`) };
    expect(() => accessDocuments(large, own)).toThrow(/one statement .* split the plan/);
  });
});

describe("the manifest of a workload in another account", () => {
  it("has the canary beside the database, and everything else where it always is", () => {
    const names = (place: string, given: RecoveryPlan) =>
      placeNamed(given, place).functions.map(({ name }) => name);
    expect(names("paris-workload", plan)).toEqual(["canary"]);
    expect([...names("paris", plan), "canary"].toSorted()).toEqual(names("paris", example).toSorted());
    expect(placeNamed(plan, "paris-workload")).toMatchObject({
      kind: "workload",
      account: WORKLOAD_ACCOUNT,
      region: "eu-west-3",
      buckets: [],
      schedules: [],
      topics: [],
    });
    expect(placeNamed(plan, "witness").functions).toEqual(placeNamed(example, "witness").functions);
  });

  it("shows the replication lag as that account measures it", () => {
    const widgets = JSON.stringify(placeNamed(plan, "witness").dashboards);
    expect(widgets.match(new RegExp(`"accountId":"${WORKLOAD_ACCOUNT}"`, "g"))).toHaveLength(2);
    expect(JSON.stringify(placeNamed(example, "witness").dashboards)).not.toContain("accountId");
  });

  it("is as it was without `access`", () => {
    const { places } = buildManifest(example);
    expect(places.map(({ place }) => place)).toEqual(["ireland", "paris", "witness"]);
    expect(
      places.flatMap(({ functions }) => functions).filter(({ invokers }) => invokers !== undefined),
    ).toEqual([]);
    expect(JSON.stringify(places)).not.toContain("sts:AssumeRole");
  });

  it("can be counted", () => {
    const cost = (given: RecoveryPlan) => idleCost(given, buildManifest(given));
    expect(cost(plan)).toEqual(cost(example));
  });
});
