import type { HostHandler } from "../../kernel/fabric.ts";
import type { HttpReply } from "../../kernel/http.ts";
import { textOf } from "../../wire/bytes.ts";
import { currentVersion, type Bucket, type ObjectVersion } from "./bucket.ts";

const DENIED: HttpReply = { status: 403, body: "AccessDenied" };
const MISSING: HttpReply = { status: 404, body: "NoSuchKey" };

/**
 * A bucket's address for anybody. A key that is not public answers 403 whether or not it exists. A public key that is
 * missing answers 404, as S3 does where the public may list; without that it would be 403, and neither is a success.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (Permissions)
 */
export const publicEndpoint = (bucket: Bucket): HostHandler => {
  // A health check's servers ask for the same all day, by the same URL: its key is read once, and the reply is one while the
  // version is.
  const keys = new WeakMap<URL, string>();
  const keyIn = (url: URL): string => {
    const known = keys.get(url);
    if (known !== undefined) return known;
    const key = decodeURIComponent(url.pathname.slice(1));
    keys.set(url, key);
    return key;
  };
  let last: { readonly version: ObjectVersion; readonly reply: HttpReply } | undefined;
  const replyWith = (version: ObjectVersion): HttpReply => {
    if (last?.version !== version) last = { version, reply: { status: 200, body: textOf(version.body) } };
    return last.reply;
  };
  return ({ method, url }) => {
    if (method !== "GET" && method !== "HEAD") return DENIED;
    const key = keyIn(url);
    if (!bucket.publicKeys.has(key)) return DENIED;
    const version = currentVersion(bucket, key);
    if (version === undefined) return MISSING;
    return method === "HEAD" ? { status: 200, body: "" } : replyWith(version);
  };
};
