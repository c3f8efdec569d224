import { forSite, type RecoveryPlan, type Site } from "@lifeboat/recovery/plan";
import type { BucketEntry, BucketStatement } from "./manifest.ts";
import { closedObject, switchChecks, switchesOf } from "./switch-checks.ts";

const tlsOnly = {
  sid: "TlsOnly",
  effect: "Deny",
  actions: ["s3:*"],
  keys: ["*"],
  bucket: true,
  conditions: { Bool: { "aws:SecureTransport": "false" } },
} as const satisfies BucketStatement;

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
        actions: ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"],
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

/**
 * Everything needs TLS, but for reading what plain HTTP health checks look at: objects that are public, and whose presence
 * is all they say.
 */
const tlsBut = (keys: readonly string[]): readonly BucketStatement[] =>
  keys.length === 0
    ? [tlsOnly]
    : [
        { ...tlsOnly, keys: [], exceptKeys: keys },
        {
          sid: "TlsToChange",
          effect: "Deny",
          actions: [],
          exceptActions: ["s3:GetObject"],
          keys,
          conditions: tlsOnly.conditions,
        },
      ];

/** The keys that health checks ask for without TLS in a bucket. */
const plainKeys = (plan: RecoveryPlan, bucket: string): readonly string[] =>
  switchChecks(plan).flatMap((check) =>
    check.type === "object" && check.scheme === "HTTP" && check.host.startsWith(`${bucket}.s3.`)
      ? [check.path.slice(1)]
      : [],
  );

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
      ...tlsBut(plainKeys(plan, name)),
    ],
    shortLived: [],
  }));
};
