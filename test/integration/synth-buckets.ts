import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import { parsePublished } from "@lifeboat/plan/parse-published";
import { describe, expect, it } from "vitest";
import type { Graph } from "../../infra/synth/graph.ts";
import { exampleText, readValid } from "../unit/plan-example.ts";
import { denials } from "./synth-checks.ts";
import { matches, ofType, statementsOf } from "./synth-graph.ts";

const places = ["ireland", "paris", "witness"];
const sites = ["ireland", "paris"];
const { plan } = readValid(exampleText);
const manifest = buildManifest(plan);

/** Does a part of a statement cover a name? Of `these` or all but `those`, one is given. */
const covers = (these: readonly string[], those: readonly string[] | undefined, name: string): boolean =>
  those === undefined
    ? these.some((pattern) => matches(pattern, name))
    : !those.some((pattern) => matches(pattern, name));

/** What the example's buckets let whom do. The graphs are made once, by the caller. */
export const describeBuckets = (graphOf: (place: string) => Graph): void => {
  describe("the ledger's bucket", () => {
    it.each(places)("of %s denies deletes, PUTs without a condition and plain HTTP", (place) => {
      const graph = graphOf(place);
      const entry = manifest.places.find((candidate) => candidate.place === place);
      const bucket = entry?.ledgerBucket ?? "";
      const denied = denials(graph, bucket);
      const arn = `arn:aws:s3:::${bucket}`;
      for (const key of ["claim", "lease", "switch"]) {
        const object = `${arn}/spacelift/${key}`;
        const covering = denied.filter(({ Resource }) => Resource.includes(object));
        expect(covering.flatMap(({ Action }) => Action)).toEqual(
          expect.arrayContaining(["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject"]),
        );
        const unconditional = covering.find(({ Action }) => Action.includes("s3:PutObject"));
        expect(unconditional?.Condition).toEqual({
          Null: { "s3:if-match": "true", "s3:if-none-match": "true" },
        });
      }
      expect(denied).toContainEqual(
        expect.objectContaining({
          Action: ["s3:*"],
          Resource: [arn, `${arn}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        }),
      );
    });

    it.each(places)("of %s is versioned, lockable and closed to the public", (place) => {
      const graph = graphOf(place);
      const ledger = ofType(graph, "aws:s3/bucket:Bucket").find(({ name }) => name === "Ledger");
      expect(ledger?.inputs["objectLockEnabled"]).toBe(true);
      const access = ofType(graph, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").find(
        ({ name }) => name === "LedgerPublicAccess",
      );
      expect(access?.inputs).toMatchObject({
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
      const [versioning] = ofType(graph, "aws:s3/bucketVersioning:BucketVersioning");
      expect(versioning?.inputs["versioningConfiguration"]).toEqual({ status: "Enabled" });
    });

    it.each(places)("of %s holds the plan, under the hash that executions are bound to", (place) => {
      const [object] = ofType(graphOf(place), "aws:s3/bucketObjectv2:BucketObjectv2").filter(
        ({ name }) => name === "PublishedPlan",
      );
      expect(object?.inputs["key"]).toBe("spacelift/plan.json");
      const reading = parsePublished(String(object?.inputs["content"]), readValid(exampleText).hash);
      expect(reading).toMatchObject({ ok: true, plan });
    });
  });

  describe("the switch's bucket", () => {
    it.each(sites)("of %s lets everybody read the two switch objects, and nothing else", (place) => {
      const graph = graphOf(place);
      const bucket = ofType(graph, "aws:s3/bucket:Bucket").find(({ name }) => name === "Switch1");
      const name = String(bucket?.inputs["bucket"]);
      const [policy] = ofType(graph, "aws:s3/bucketPolicy:BucketPolicy").filter(
        ({ inputs }) => inputs["bucket"] === name,
      );
      const allowed = statementsOf(policy?.inputs["policy"]).filter(({ Effect }) => Effect === "Allow");
      expect(allowed).toEqual([
        expect.objectContaining({
          Principal: "*",
          Action: ["s3:GetObject"],
          Resource: [`arn:aws:s3:::${name}/spacelift/active`, `arn:aws:s3:::${name}/spacelift/active.closed`],
        }),
      ]);
    });

    it.each([
      ["ireland", ["spacelift/active", "spacelift/active.closed"]],
      ["paris", []],
    ])("of %s can be read without TLS at %j only, and changed nowhere", (place, plain) => {
      const graph = graphOf(place);
      const bucket = ofType(graph, "aws:s3/bucket:Bucket").find(({ name }) => name === "Switch1");
      const name = String(bucket?.inputs["bucket"]);
      const denied = denials(graph, name).filter(
        ({ Condition }) => Condition?.["Bool"]?.["aws:SecureTransport"] === "false",
      );
      const isDenied = (action: string, key: string): boolean =>
        denied.some(
          (statement) =>
            covers(statement.Action, statement.NotAction, action) &&
            covers(statement.Resource, statement.NotResource, `arn:aws:s3:::${name}/${key}`),
        );
      const keys = ["spacelift/active", "spacelift/active.closed", "other"];
      expect(keys.filter((key) => !isDenied("s3:GetObject", key))).toEqual(plain);
      expect(keys.filter((key) => !isDenied("s3:PutObject", key))).toEqual([]);
      expect(keys.filter((key) => !isDenied("s3:DeleteObject", key))).toEqual([]);
      expect(covers(["s3:*"], undefined, "s3:GetObject")).toBe(true);
    });

    it("is watched by health checks that exist once, at the witness", () => {
      expect(ofType(graphOf("ireland"), "aws:route53/healthCheck:HealthCheck")).toEqual([]);
      expect(ofType(graphOf("paris"), "aws:route53/healthCheck:HealthCheck")).toEqual([]);
      const checks = ofType(graphOf("witness"), "aws:route53/healthCheck:HealthCheck");
      const buckets = sites.flatMap((site) =>
        ofType(graphOf(site), "aws:s3/bucket:Bucket").map(({ inputs }) => String(inputs["bucket"])),
      );
      const objects = checks.filter(({ inputs }) => inputs["type"] !== "CALCULATED");
      expect(
        objects.map(({ inputs }) => [inputs["type"], inputs["port"], inputs["requestInterval"]]),
      ).toEqual([
        ["HTTP", 80, 30],
        ["HTTP", 80, 30],
        ["HTTPS", 443, 10],
      ]);
      for (const { inputs } of objects)
        expect(buckets).toContain(String(inputs["fqdn"]).replace(/\.s3\..*$/, ""));
      const atRest = checks.find(({ name }) => name.endsWith("AtRest"));
      const serves = checks.find(({ name }) => name.endsWith("PrimaryServes"));
      expect(atRest?.inputs).toMatchObject({
        type: "CALCULATED",
        invertHealthcheck: true,
        childHealthThreshold: 1,
      });
      expect(serves?.inputs).toMatchObject({
        type: "CALCULATED",
        invertHealthcheck: false,
        childHealthThreshold: 1,
      });
      expect(serves?.inputs["childHealthchecks"]).toHaveLength(2);
    });
  });
};
