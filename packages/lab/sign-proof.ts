import { createHash, createHmac } from "node:crypto";
import type { SimulatedPrincipal } from "@lifeboat/cloud/services/sts/create-sts";

const HEADER = "x-k8s-aws-id";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/**
 * What `aws eks get-token --region <region> --cluster-name <purpose>` prints: a request for the caller's identity, signed
 * together with its purpose and not sent. Without a purpose the signature covers none.
 */
export const signProof = (
  { accessKeyId, secretAccessKey }: SimulatedPrincipal,
  region: string,
  purpose: string | null,
  nowMs: number,
): string => {
  const host = `sts.${region}.amazonaws.com`;
  const at = new Date(Math.floor(nowMs / 1000) * 1000).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const scope = `${at.slice(0, 8)}/${region}/sts/aws4_request`;
  const signed = purpose === null ? "host" : `host;${HEADER}`;
  // In the order of the alphabet, which is the canonical one.
  const query = [
    "Action=GetCallerIdentity",
    "Version=2011-06-15",
    "X-Amz-Algorithm=AWS4-HMAC-SHA256",
    `X-Amz-Credential=${encodeURIComponent(`${accessKeyId}/${scope}`)}`,
    `X-Amz-Date=${at}`,
    "X-Amz-Expires=60",
    `X-Amz-SignedHeaders=${encodeURIComponent(signed)}`,
  ].join("&");
  const headers = purpose === null ? [`host:${host}`] : [`host:${host}`, `${HEADER}:${purpose}`];
  const canonical = ["GET", "/", query, ...headers, "", signed, sha256("")].join("\n");
  const text = ["AWS4-HMAC-SHA256", at, scope, sha256(canonical)].join("\n");
  const key = [region, "sts", "aws4_request"].reduce<Buffer>(
    hmac,
    hmac(`AWS4${secretAccessKey}`, at.slice(0, 8)),
  );
  const signature = createHmac("sha256", key).update(text).digest("hex");
  const url = `https://${host}/?${query}&X-Amz-Signature=${signature}`;
  return `k8s-aws-v1.${Buffer.from(url).toString("base64url")}`;
};
