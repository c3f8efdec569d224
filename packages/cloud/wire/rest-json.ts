import { fromJson, toJson } from "./json-value.ts";
import type { Protocol } from "./protocol.ts";
import { readRestInput, writeRestOutput, type BodyFormat } from "./rest-binding.ts";
import { matchRoute } from "./rest-route.ts";
import type { Member } from "./shape.ts";

const decoder = new TextDecoder();

const jsonName = ({ name, shape }: Member): string => shape.spelling.jsonName ?? name;

const format: BodyFormat = {
  contentType: "application/json",
  readBody(_shape, members, body) {
    const json = JSON.parse(decoder.decode(body)) as Record<string, unknown>;
    const input: Record<string, unknown> = {};
    for (const member of members) {
      const value = json[jsonName(member)];
      if (value !== undefined && value !== null) input[member.name] = fromJson(member.shape, value);
    }
    return input;
  },
  writeBody(_shape, members, output) {
    const json: Record<string, unknown> = {};
    for (const member of members) {
      const value = output[member.name];
      if (value !== undefined) json[jsonName(member)] = toJson(member.shape, value);
    }
    return JSON.stringify(json);
  },
  readPayload: (shape, body) => fromJson(shape, JSON.parse(decoder.decode(body))),
  writePayload: (shape, value) => JSON.stringify(toJson(shape, value)),
};

/**
 * REST JSON: HTTP bindings, JSON bodies, the error's name in a header.
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
export const restJson: Protocol = {
  name: "rest-json",
  read(service, request) {
    const match = matchRoute(service, request);
    if (match === undefined) return undefined;
    return { operation: match.operation, input: readRestInput(match, request, format) };
  },
  writeOutput(_service, operation, output, requestId) {
    const reply = writeRestOutput(operation, output, format);
    reply.headers["x-amzn-requestid"] = requestId;
    return reply;
  },
  writeError(_service, error, requestId) {
    const details = error.shape === undefined ? {} : (toJson(error.shape, error.details) as object);
    return {
      status: error.status,
      headers: {
        "content-type": "application/json",
        "x-amzn-requestid": requestId,
        "x-amzn-errortype": error.name,
      },
      body: JSON.stringify({ ...details, message: error.message }),
    };
  },
};
