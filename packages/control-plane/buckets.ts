import { forSite, type RecoveryPlan, type Site } from "@lifeboat/recovery/plan";
import type { BucketEntry, BucketStatement } from "./manifest.ts";
import { closedObject, switchesOf } from "./switch-checks.ts";

const tlsOnly: BucketStatement = {
  sid: "TlsOnly",
  effect: "Deny",
  actions: ["s3:*"],
  keys: ["*"],
  bucket: true,
  conditions: { Bool: { "aws:SecureTransport": "false" } },
};

/** The keys of the ledger that are changed by conditional PUT only, below the workload's prefix. */
export const LEDGER_KEYS = ["claim", "lease", "switch"] as const;

/**
 * The ledger's bucket. Nobody may delete: a delete marker would let `If-None-Match` succeed again, and the fencing epoch
 * start anew. Nobody may PUT without a condition: a write that lost a race must not win it by haste. Records (of recoveries,
 * of protection, of questions and answers) are created and never replaced. In an unconditional PUT both headers are absent, and only then is the deny
 * in effect:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export const ledgerBucket = (workload: string, name: string): BucketEntry => {
  const ledger = LEDGER_KEYS.map((key) => `${workload}/${key}`);
  const records = [`${workload}/records/*`, `${workload}/protection/*`, `${workload}/approvals/*`];
  return {
    kind: "ledger",
    name,
    statements: [
      tlsOnly,
      {
        sid: "NothingIsDeleted",
        effect: "Deny",
        actions: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        keys: [...ledger, ...records],
      },
      {
        sid: "ConditionalWritesOnly",
        effect: "Deny",
        actions: ["s3:PutObject"],
        keys: ledger,
        conditions: { Null: { "s3:if-match": "true", "s3:if-none-match": "true" } },
      },
      {
        sid: "RecordsAreWrittenOnce",
        effect: "Deny",
        actions: ["s3:PutObject"],
        keys: records,
        conditions: { Null: { "s3:if-none-match": "true" } },
      },
    ],
    // Renewed every few seconds: thousands of versions a day that nobody will ask for.
    shortLived: [`${workload}/lease`],
  };
};

/** The buckets of a site's switches: everybody, which means Route 53's checkers, may read the two objects, and no more. */
export const switchBuckets = (plan: RecoveryPlan, here: Site): readonly BucketEntry[] => {
  const keys = new Map<string, string[]>();
  for (const traffic of switchesOf(plan)) {
    const { bucket, key } = forSite(traffic.switches, here.name);
    keys.set(bucket, [...(keys.get(bucket) ?? []), key, closedObject(key)]);
  }
  return [...keys].map(([name, objects]) => ({
    kind: "switch",
    name,
    statements: [
      { sid: "SwitchesAreReadable", effect: "Allow", actions: ["s3:GetObject"], keys: objects },
      tlsOnly,
    ],
    shortLived: [],
  }));
};
