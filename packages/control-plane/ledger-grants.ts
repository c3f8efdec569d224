import { forSite, sitesOf, type RecoveryPlan } from "@lifeboat/recovery/plan";
import type { Permission } from "./manifest.ts";

export const bucketArn = (bucket: string, key = ""): string => `arn:aws:s3:::${bucket}${key}`;

/** What a function may do with the ledger, by purpose. */
export interface LedgerGrants {
  /** The published plan and the ledger's keys, wherever the ledger lies. */
  readonly read: readonly Permission[];
  /** The published plan alone. Whoever asks for it has found it there: that it is missing need not be told apart. */
  readonly readPlan: Permission;
  /** The current plan, the claim, the kill switch and the own lease. Whoever asks for it has found them there. */
  readonly readForServices: Permission;
  readonly changeClaim: Permission;
  readonly changeLeases: Permission;
  /** In the own place alone. */
  readonly changeOwnLease: Permission;
  readonly writeRecords: Permission;
  readonly writeProtections: Permission;
  readonly readProtections: Permission;
  /** To know what is there and what is not; in the own place alone. */
  readonly list: Permission;
  /** Questions, answers, verdicts. */
  readonly readApprovals: Permission;
  readonly writeApprovals: Permission;
  readonly writeAnswers: Permission;
  readonly writeVerdicts: Permission;
}

/** `ownBucket`: the ledger's bucket in the function's own place. */
export const ledgerGrants = (plan: RecoveryPlan, ownBucket: string): LedgerGrants => {
  const { workload, ledger } = plan;
  const buckets = [ledger.witnessBucket, ...sitesOf(plan).map((site) => forSite(ledger.buckets, site.name))];
  const claim = bucketArn(ledger.witnessBucket, `/${workload}/claim`);
  const leases = buckets.map((bucket) => bucketArn(bucket, `/${workload}/lease`));
  const plans = bucketArn(ownBucket, `/${workload}/plans/*`);
  const currentPlan = bucketArn(ownBucket, `/${workload}/plan.json`);
  const killSwitch = bucketArn(ledger.witnessBucket, `/${workload}/switch`);
  const ownLease = bucketArn(ownBucket, `/${workload}/lease`);
  return {
    readPlan: { actions: ["s3:GetObject"], resources: [plans] },
    read: [
      {
        actions: ["s3:GetObject"],
        resources: [currentPlan, plans, claim, killSwitch, ...leases],
      },
      // Without it S3 answers 403 where a key is missing, and "there is no ledger" would look like "the ledger is out of reach":
      // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
      { actions: ["s3:ListBucket"], resources: buckets.map((bucket) => bucketArn(bucket)) },
    ],
    readForServices: { actions: ["s3:GetObject"], resources: [currentPlan, claim, killSwitch, ownLease] },
    // Each version of the claim is locked as it is written.
    changeClaim: { actions: ["s3:PutObject", "s3:PutObjectRetention"], resources: [claim] },
    changeLeases: { actions: ["s3:PutObject"], resources: leases },
    changeOwnLease: { actions: ["s3:PutObject"], resources: [ownLease] },
    writeRecords: {
      actions: ["s3:PutObject"],
      resources: [bucketArn(ownBucket, `/${workload}/records/*`)],
    },
    readProtections: {
      actions: ["s3:GetObject"],
      resources: [bucketArn(ownBucket, `/${workload}/protection/*`)],
    },
    writeProtections: {
      actions: ["s3:PutObject"],
      resources: [bucketArn(ownBucket, `/${workload}/protection/*`)],
    },
    list: { actions: ["s3:ListBucket"], resources: [bucketArn(ownBucket)] },
    readApprovals: {
      actions: ["s3:GetObject"],
      resources: [bucketArn(ownBucket, `/${workload}/approvals/*`)],
    },
    writeApprovals: {
      actions: ["s3:PutObject"],
      resources: ["question.json", "wake/*", "told/*"].map((paper) =>
        bucketArn(ownBucket, `/${workload}/approvals/*/${paper}`),
      ),
    },
    writeAnswers: {
      actions: ["s3:PutObject"],
      resources: [bucketArn(ownBucket, `/${workload}/approvals/*/answers/*`)],
    },
    writeVerdicts: {
      actions: ["s3:PutObject"],
      resources: [bucketArn(ownBucket, `/${workload}/approvals/*/verdict.json`)],
    },
  };
};
