import { AwsError } from "@lifeboat/cloud/kernel/service";
import type { Call } from "@lifeboat/cloud/kernel/service";
import type { Lab } from "../../create-lab.ts";

/**
 * From now on S3 answers some requests with SlowDown: it throttles by prefix, so that one key of a bucket may be slow while
 * another one is not (https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html). Answers how to end
 * it.
 */
export const slowDown = (
  { cloud }: Pick<Lab, "cloud">,
  isSlow: (call: Call & { readonly key: string }) => boolean,
): (() => void) => {
  const { access } = cloud.world;
  const before = access.call;
  let isOver = false;
  access.call = (service, call) =>
    !isOver && service === "s3" && isSlow({ ...call, key: String(call.input["Key"]) })
      ? new AwsError("SlowDown", "Please reduce your request rate.", 503)
      : before?.(service, call);
  return () => {
    isOver = true;
  };
};
