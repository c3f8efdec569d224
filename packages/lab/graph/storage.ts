import { parsePolicy } from "@lifeboat/cloud/iam/policy";
import type { Create } from "./deployment.ts";
import { nested, text } from "./resource-graph.ts";

/** A bucket that the workload has already is the plan's; one of Lifeboat's own is made here. */
export const createBucket: Create = ({ parts, graph, region }, inputs) => {
  const name = text(inputs, "bucket");
  const versioned = graph.resources.some(
    (resource) =>
      resource.type === "aws:s3/bucketVersioning:BucketVersioning" &&
      resource.inputs["bucket"] === name &&
      nested(resource.inputs, "versioningConfiguration")["status"] === "Enabled",
  );
  const { s3 } = parts.cloud;
  if (s3.has(name)) {
    // The switch's records were made with it; who may read it is for its policy to say.
    s3.bucket(name).publicKeys.clear();
    return;
  }
  s3.createBucket({
    name,
    region,
    ...(versioned ? {} : { versioning: "never" as const }),
    ...(inputs["objectLockEnabled"] === true ? { objectLock: "without-default" as const } : {}),
  });
};

/** The bucket's policy decides about calls; what it lets everybody read is public. */
export const putBucketPolicy: Create = ({ parts, iam }, inputs) => {
  const name = text(inputs, "bucket");
  const arn = `arn:aws:s3:::${name}`;
  iam.putResourcePolicy(arn, text(inputs, "policy"));
  const bucket = parts.cloud.s3.bucket(name);
  for (const { effect, principal, action, resource } of parsePolicy(name, text(inputs, "policy"))
    .statements) {
    if (effect !== "Allow" || principal !== "*") continue;
    if (!action.patterns.every((pattern) => pattern === "s3:GetObject") || resource.not)
      throw new Error(`the public may do more with ${name} than read: not simulated`);
    for (const pattern of resource.patterns) {
      if (/[*?]/.test(pattern)) throw new Error(`the public may read ${pattern}: not simulated`);
      bucket.publicKeys.add(pattern.slice(arn.length + 1));
    }
  }
};

/** Objects that the stack publishes: the plan. SST's own assets lie in buckets of SST. */
export const putObject: Create = ({ parts }, inputs) => {
  const bucket = text(inputs, "bucket");
  if (bucket.startsWith("sst-asset-")) return;
  parts.cloud.s3.seed(bucket, text(inputs, "key"), text(inputs, "content"));
};
