import type { HostHandler } from "../../kernel/fabric.ts";
import { currentVersion, type Bucket, type ObjectVersion } from "./bucket.ts";

const decoder = new TextDecoder();

/**
 * A bucket's address for anybody. A key that is not public answers 403 whether or not it exists. A public key that is
 * missing answers 404, as S3 does where the public may list; without that it would be 403, and neither is a success.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (Permissions)
 */
export const publicEndpoint = (bucket: Bucket): HostHandler => {
  // A health check's servers ask for the same version all day.
  let last: { readonly version: ObjectVersion; readonly text: string } | undefined;
  const textOf = (version: ObjectVersion): string => {
    if (last?.version !== version) last = { version, text: decoder.decode(version.body) };
    return last.text;
  };
  return ({ method, url }) => {
    if (method !== "GET" && method !== "HEAD") return { status: 403, body: "AccessDenied" };
    const path = url.pathname.slice(1);
    const key = path.includes("%") ? decodeURIComponent(path) : path;
    if (!bucket.publicKeys.has(key)) return { status: 403, body: "AccessDenied" };
    const version = currentVersion(bucket, key);
    if (version === undefined) return { status: 404, body: "NoSuchKey" };
    return { status: 200, body: method === "HEAD" ? "" : textOf(version) };
  };
};
