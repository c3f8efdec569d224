import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import { parsePublished } from "@lifeboat/plan/parse-published";
import { describe, expect, it } from "vitest";
import type { Graph } from "../../infra/synth/graph.ts";
import { exampleText, readValid } from "../unit/plan-example.ts";
import { denials } from "./synth-checks.ts";
import { ofType, statementsOf } from "./synth-graph.ts";

const places = ["ireland", "paris", "witness"];
const sites = ["ireland", "paris"];
const { plan } = readValid(exampleText);
const manifest = buildManifest(plan);

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

    it("is watched by health checks that exist once, at the witness", () => {
      expect(ofType(graphOf("ireland"), "aws:route53/healthCheck:HealthCheck")).toEqual([]);
      expect(ofType(graphOf("paris"), "aws:route53/healthCheck:HealthCheck")).toEqual([]);
      const checks = ofType(graphOf("witness"), "aws:route53/healthCheck:HealthCheck");
      const buckets = sites.flatMap((site) =>
        ofType(graphOf(site), "aws:s3/bucket:Bucket").map(({ inputs }) => String(inputs["bucket"])),
      );
      const objects = checks.filter(({ inputs }) => inputs["type"] === "HTTPS");
      expect(objects).toHaveLength(3);
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
