import { Readable } from "node:stream";
import { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";
import type { WireReply, WireRequest } from "./message.ts";

const encoder = new TextEncoder();

const collect = async (body: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(typeof part === "string" ? encoder.encode(part) : part);
  return Buffer.concat(parts);
};

const readBody = (body: unknown): Uint8Array | Promise<Uint8Array> => {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === "string") return encoder.encode(body);
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (typeof body === "object" && Symbol.asyncIterator in body) {
    return collect(body as AsyncIterable<Uint8Array | string>);
  }
  throw new TypeError("a request body of a kind that the wire does not carry");
};

/** The request that an SDK client hands to its handler, as it arrives. */
export const fromSdk = async (request: HttpRequest): Promise<WireRequest> => {
  const query: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(request.query ?? {})) query[name] = value ?? "";
  return {
    method: request.method,
    hostname: request.hostname,
    path: request.path,
    query,
    headers: Object.fromEntries(
      Object.entries(request.headers as Record<string, string>).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ]),
    ),
    body: await readBody(request.body),
  };
};

/** The reply as an SDK client reads it: bytes, or a stream where the operation's output has one. */
export const toSdk = ({ status, headers, body }: WireReply, isStreamed: boolean): HttpResponse => {
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  return new HttpResponse({
    statusCode: status,
    headers: { ...headers, "content-length": headers["content-length"] ?? String(bytes.byteLength) },
    body: isStreamed ? Readable.from(bytes.byteLength === 0 ? [] : [bytes]) : bytes,
  });
};
