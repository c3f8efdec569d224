import { createHash, createHmac } from "node:crypto";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** RFC 3986, as Signature Version 4 wants it. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );

export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Credential {
  readonly accessKeyId: string;
  /** `20261121/eu-west-3/sts/aws4_request` */
  readonly scope: string;
}

/** Whose key signed, and for what; undefined where the request says nothing about it. */
export const credentialIn = (url: URL): Credential | undefined => {
  const [accessKeyId, ...scope] = (url.searchParams.get("X-Amz-Credential") ?? "").split("/");
  return accessKeyId === undefined || accessKeyId === "" || scope.length !== 4
    ? undefined
    : { accessKeyId, scope: scope.join("/") };
};

/**
 * The signature that a request with its signature in the query must have:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. Every header that the
 * request says is signed counts with the value that arrived, so a header with another value does not match.
 */
export const signatureOf = ({ method, url, headers }: SignedRequest, secret: string): string => {
  const { searchParams } = url;
  const signed = (searchParams.get("X-Amz-SignedHeaders") ?? "").split(";");
  const query = [...searchParams]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .toSorted()
    .join("&");
  const present: Readonly<Record<string, string>> = { ...headers, host: url.host };
  const canonical = [
    method,
    url.pathname,
    query,
    ...signed.map((name) => `${name}:${(present[name] ?? "").trim()}`),
    "",
    signed.join(";"),
    sha256(""),
  ].join("\n");
  const scope = credentialIn(url)?.scope ?? "";
  const text = ["AWS4-HMAC-SHA256", searchParams.get("X-Amz-Date") ?? "", scope, sha256(canonical)].join(
    "\n",
  );
  const [date = "", region = "", service = "", end = ""] = scope.split("/");
  const key = [region, service, end].reduce<Buffer>(hmac, hmac(`AWS4${secret}`, date));
  return createHmac("sha256", key).update(text).digest("hex");
};
