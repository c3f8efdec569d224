import type { WireRequest } from "./message.ts";
import type { Protocol, WireOperation } from "./protocol.ts";
import { readRestInput, writeRestOutput } from "./rest-binding.ts";
import { matchRoute } from "./rest-route.ts";
import { xmlBody } from "./xml-body.ts";
import { escapeXml } from "./xml-text.ts";

/** `bucket.s3.region.amazonaws.com`; a bucket's name may have dots. */
const VIRTUAL_HOST = /^(?<bucket>.+)\.s3[.-][a-z0-9-]+\.amazonaws\.com$|^(?<legacy>.+)\.s3\.amazonaws\.com$/;

interface Addressed {
  readonly bucket: string | undefined;
  readonly request: WireRequest;
}

/** Takes the bucket out of the host name or out of the path, whichever style the client chose. */
const address = (request: WireRequest): Addressed => {
  const groups = VIRTUAL_HOST.exec(request.hostname)?.groups;
  const bucket = groups?.["bucket"] ?? groups?.["legacy"];
  if (bucket !== undefined) return { bucket, request };
  const [, inPath = "", rest = ""] = /^\/([^/]*)(.*)$/s.exec(request.path) ?? [];
  if (inPath === "") return { bucket: undefined, request };
  return {
    bucket: decodeURIComponent(inPath),
    request: { ...request, path: rest.startsWith("/") ? rest : `/${rest}` },
  };
};

/** Copies and uploads share an address with plain PUTs; a header tells them apart where `x-id` does not. */
const isWanted =
  (request: WireRequest, bucket: string | undefined) =>
  (operation: WireOperation): boolean => {
    if (operation.name === "CreateSession" && request.query["session"] === undefined) return false;
    if (operation.name === "ListBuckets" || operation.name === "ListDirectoryBuckets")
      return bucket === undefined;
    const isCopy = request.headers["x-amz-copy-source"] !== undefined;
    const isPart = request.query["partNumber"] !== undefined;
    switch (operation.name) {
      case "CopyObject":
        return isCopy && !isPart;
      case "PutObject":
        return !isCopy && !isPart;
      case "UploadPartCopy":
        return isCopy && isPart;
      case "UploadPart":
        return !isCopy && isPart;
      default:
        return true;
    }
  };

const CHUNK = /^([0-9a-fA-F]+)(?:;[^\r\n]*)?\r\n/;

/** Removes the framing that the SDK puts around a streamed body, with its trailing checksum. */
const unwrapChunks = (body: Uint8Array): Uint8Array => {
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (;;) {
    const head = CHUNK.exec(Buffer.from(body.subarray(offset, offset + 256)).toString("latin1"));
    const length = Number.parseInt(head?.[1] ?? "0", 16);
    if (head === null || length === 0) return Buffer.concat(parts);
    const start = offset + head[0].length;
    parts.push(body.subarray(start, start + length));
    offset = start + length + 2;
  }
};

/** S3's flavour of REST XML: buckets in the host or in the path, bare errors, framed bodies. */
export const s3Xml: Protocol = {
  name: "s3",
  read(service, original) {
    const { bucket, request } = address(original);
    const match = matchRoute(service, request, isWanted(request, bucket));
    if (match === undefined) return undefined;
    const isFramed = request.headers["content-encoding"]?.includes("aws-chunked") === true;
    const input = readRestInput(
      match,
      isFramed ? { ...request, body: unwrapChunks(request.body) } : request,
      xmlBody,
    );
    if (bucket !== undefined) input["Bucket"] = bucket;
    return { operation: match.operation, input };
  },
  writeOutput(_service, operation, output, requestId) {
    const reply = writeRestOutput(operation, output, xmlBody);
    reply.headers["x-amz-request-id"] = requestId;
    return reply;
  },
  writeError: (_service, error, requestId) => ({
    status: error.status,
    headers: { "content-type": "application/xml", "x-amz-request-id": requestId },
    body: `<Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message><RequestId>${requestId}</RequestId></Error>`,
  }),
};
