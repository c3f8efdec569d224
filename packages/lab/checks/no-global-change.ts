import { isOurs, nameOf } from "./acts.ts";
import type { Checker } from "./evidence.ts";

/** Services whose control planes lie in us-east-1, or whose changes take effect when they please. */
const FORBIDDEN = new Set(["route-53", "iam", "cloudfront"]);
const BUCKET_CONFIGURATION = /^(Create|Put|Delete)(Bucket|PublicAccessBlock|ObjectLockConfiguration)/;

/** No Route 53, IAM or bucket-configuration change, ever (invariant 11): what is needed is created beforehand. */
export const noGlobalChange: Checker = ({ wire }) =>
  wire
    .filter(
      (record) =>
        record.mutating &&
        (FORBIDDEN.has(record.service) ||
          (record.service === "s3" && BUCKET_CONFIGURATION.test(record.operation))) &&
        isOurs(record),
    )
    .map((record) => ({
      invariant: "no-global-change",
      message: `${nameOf(record)} by ${record.origin.principal}`,
      atMs: record.atMs,
    }));
