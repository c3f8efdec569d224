import type { BucketEntry, BucketStatement } from "@lifeboat/control-plane/manifest";
import { toPublished } from "@lifeboat/plan/parse-published";
import type { ChosenStage } from "./choose-stage.ts";
import { logicalName } from "./names.ts";

const policyOf = ({ name, statements }: BucketEntry): string => {
  const arn = `arn:aws:s3:::${name}`;
  const objects = (keys: readonly string[]): readonly string[] => keys.map((key) => `${arn}/${key}`);
  const statement = (entry: BucketStatement) => ({
    Sid: entry.sid,
    Effect: entry.effect,
    Principal: "*",
    ...(entry.exceptActions === undefined ? { Action: entry.actions } : { NotAction: entry.exceptActions }),
    ...(entry.exceptKeys === undefined
      ? { Resource: [...(entry.bucket === true ? [arn] : []), ...objects(entry.keys)] }
      : { NotResource: objects(entry.exceptKeys) }),
    ...(entry.conditions === undefined ? {} : { Condition: entry.conditions }),
  });
  return JSON.stringify({ Version: "2012-10-17", Statement: statements.map(statement) });
};

const createBucket = (logical: string, entry: BucketEntry): aws.s3.Bucket => {
  const isLedger = entry.kind === "ledger";
  const bucket = new aws.s3.Bucket(logical, {
    bucket: entry.name,
    // Locks are set object by object; a default would lock every renewal of the lease as well.
    objectLockEnabled: isLedger,
  });
  const access = new aws.s3.BucketPublicAccessBlock(`${logical}PublicAccess`, {
    bucket: bucket.bucket,
    blockPublicAcls: true,
    ignorePublicAcls: true,
    // Route 53's checkers are the public: a switch's policy lets them read its two objects.
    blockPublicPolicy: isLedger,
    restrictPublicBuckets: isLedger,
  });
  new aws.s3.BucketPolicy(
    `${logical}Policy`,
    { bucket: bucket.bucket, policy: policyOf(entry) },
    { dependsOn: [access] },
  );
  return bucket;
};

/** The ledger's bucket of this place with the published plan in it, and the buckets of its switches. */
export const createBuckets = ({ plan, place }: ChosenStage): void => {
  let switches = 0;
  for (const entry of place.buckets) {
    if (entry.kind === "switch") {
      switches += 1;
      createBucket(logicalName("switch", String(switches)), entry);
      continue;
    }
    const bucket = createBucket("Ledger", entry);
    const versioning = new aws.s3.BucketVersioning("LedgerVersioning", {
      bucket: bucket.bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    new aws.s3.BucketLifecycleConfiguration(
      "LedgerLifecycle",
      {
        bucket: bucket.bucket,
        rules: entry.shortLived.map((prefix, index) => ({
          id: `short-lived-${index + 1}`,
          status: "Enabled",
          filter: { prefix },
          noncurrentVersionExpiration: { noncurrentDays: 1 },
        })),
      },
      { dependsOn: [versioning] },
    );
    const content = toPublished(plan);
    const { hash } = JSON.parse(content) as { hash: string };
    const object = { bucket: bucket.bucket, content, contentType: "application/json" };
    new aws.s3.BucketObjectv2(
      "PublishedPlan",
      { ...object, key: place.planKey },
      { dependsOn: [versioning] },
    );
    // Executions keep to the plan that they began with, so it stays when another one is published.
    new aws.s3.BucketObjectv2(
      `Plan${hash.slice(0, 12)}`,
      { ...object, key: place.planKey.replace(/plan\.json$/, `plans/${hash}.json`) },
      { dependsOn: [versioning], retainOnDelete: true },
    );
  }
};
