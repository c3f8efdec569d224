import { quoteHeader, splitHeader } from "@smithy/core/serde";
import type { WireReply, WireRequest } from "./message.ts";
import type { WireOperation } from "./protocol.ts";
import type { RouteMatch } from "./rest-route.ts";
import { readScalar, writeScalar } from "./scalar.ts";
import type { Member, Shape, StructureShape } from "./shape.ts";

type Fields = Readonly<Record<string, unknown>>;

/** How a REST protocol spells the body, or the one member that is the body. */
export interface BodyFormat {
  readonly contentType: string;
  readBody(shape: StructureShape, members: readonly Member[], body: Uint8Array): Record<string, unknown>;
  writeBody(shape: StructureShape, members: readonly Member[], output: Fields): string;
  readPayload(shape: Shape, body: Uint8Array): unknown;
  writePayload(shape: Shape, value: unknown): string;
}

/** Members by the part of the message that carries them. */
interface Plan {
  readonly bound: readonly Member[];
  readonly payload: Member | undefined;
  readonly body: readonly Member[];
}

const plans = new WeakMap<StructureShape, Plan>();

const planOf = (shape: StructureShape): Plan => {
  const found = plans.get(shape);
  if (found !== undefined) return found;
  const at = (place: string): readonly Member[] =>
    shape.members.filter(({ shape: { spelling } }) => spelling.http.in === place);
  const plan: Plan = {
    bound: shape.members.filter(({ shape: { spelling } }) => !["body", "payload"].includes(spelling.http.in)),
    payload: at("payload")[0],
    body: at("body"),
  };
  plans.set(shape, plan);
  return plan;
};

const readHeader = (shape: Shape, text: string): unknown => {
  if (shape.kind === "list") {
    // An HTTP date has a comma of its own.
    const items = shape.element.kind === "timestamp" ? text.split(/(?<=GMT),\s*/) : splitHeader(text);
    return items.map((item) => readScalar(shape.element, item, "http-date"));
  }
  if (shape.spelling.isJsonText) return Buffer.from(text, "base64").toString();
  return readScalar(shape, text, "http-date");
};

const writeHeader = (shape: Shape, value: unknown): string => {
  if (shape.kind === "list") {
    return (value as readonly unknown[])
      .map((item) => writeScalar(shape.element, item, "http-date"))
      .map((item) => (shape.element.kind === "timestamp" ? item : quoteHeader(item)))
      .join(", ");
  }
  if (shape.spelling.isJsonText) {
    return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64");
  }
  return writeScalar(shape, value, "http-date");
};

const readQuery = (shape: Shape, given: string | readonly string[]): unknown => {
  const texts = typeof given === "string" ? [given] : given;
  if (shape.kind === "list") return texts.map((text) => readScalar(shape.element, text, "date-time"));
  return readScalar(shape, texts[0] ?? "", "date-time");
};

const readBound = ({ name, shape }: Member, match: RouteMatch, request: WireRequest): unknown => {
  const { http } = shape.spelling;
  switch (http.in) {
    case "label": {
      const text = match.labels[name];
      return text === undefined ? undefined : readScalar(shape, text, "date-time");
    }
    case "query": {
      const given = request.query[http.name];
      return given === undefined ? undefined : readQuery(shape, given);
    }
    case "query-rest":
      return shape.kind === "map"
        ? Object.fromEntries(
            Object.entries(request.query).map(([key, given]) => [key, readQuery(shape.value, given)]),
          )
        : undefined;
    case "header": {
      const text = request.headers[http.name];
      return text === undefined ? undefined : readHeader(shape, text);
    }
    case "headers-by-prefix": {
      const found = Object.entries(request.headers)
        .filter(([key]) => key.startsWith(http.prefix))
        .map(([key, text]) => [key.slice(http.prefix.length), text] as const);
      return found.length === 0 ? undefined : Object.fromEntries(found);
    }
    case "status":
    case "payload":
    case "body":
    default:
      return undefined;
  }
};

/** Reads an operation's input from all parts of a request. */
export const readRestInput = (
  match: RouteMatch,
  request: WireRequest,
  format: BodyFormat,
): Record<string, unknown> => {
  const shape = match.operation.input;
  if (shape.kind !== "structure") return {};
  const { bound, payload, body } = planOf(shape);
  const input: Record<string, unknown> =
    body.length > 0 && request.body.length > 0 ? format.readBody(shape, body, request.body) : {};
  for (const member of bound) {
    const value = readBound(member, match, request);
    if (value !== undefined) input[member.name] = value;
  }
  if (payload !== undefined && request.body.length > 0)
    input[payload.name] = readPayload(payload.shape, request, format);
  return input;
};

const readPayload = (shape: Shape, request: WireRequest, format: BodyFormat): unknown => {
  if (shape.kind === "blob") return request.body;
  if (shape.kind === "string") return new TextDecoder().decode(request.body);
  return format.readPayload(shape, request.body);
};

const writePayload = (shape: Shape, value: unknown, format: BodyFormat): Uint8Array | string => {
  if (shape.kind === "blob") return typeof value === "string" ? value : (value as Uint8Array);
  if (shape.kind === "string") return String(value);
  return format.writePayload(shape, value);
};

/** Writes headers and status that members of the output are bound to; answers the status. */
const writeBound = (
  members: readonly Member[],
  output: Fields,
  headers: Record<string, string>,
  status: number,
): number => {
  let answered = status;
  for (const { name, shape } of members) {
    const value = output[name];
    if (value === undefined || value === null) continue;
    const { http } = shape.spelling;
    if (http.in === "header") headers[http.name] = writeHeader(shape, value);
    else if (http.in === "headers-by-prefix") {
      for (const [key, text] of Object.entries(value as Fields))
        headers[`${http.prefix}${key}`] = String(text);
    } else if (http.in === "status") answered = Number(value);
  }
  return answered;
};

/** Writes an operation's output into status, headers and body. */
export const writeRestOutput = (operation: WireOperation, output: Fields, format: BodyFormat): WireReply => {
  const headers: Record<string, string> = { "content-type": format.contentType };
  const shape = operation.output;
  const status = operation.http?.status ?? 200;
  if (shape.kind !== "structure") return { status, headers, body: "" };
  const { bound, payload, body } = planOf(shape);
  const answered = writeBound(bound, output, headers, status);
  if (payload !== undefined) {
    const value = output[payload.name];
    const written = value === undefined || value === null ? "" : writePayload(payload.shape, value, format);
    return { status: answered, headers, body: written };
  }
  return { status: answered, headers, body: format.writeBody(shape, body, output) };
};
