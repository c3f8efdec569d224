import { fromJson, toJson } from "./json-value.ts";
import { bodyText } from "./message.ts";
import type { Protocol } from "./protocol.ts";

const parse = (text: string): unknown => (text === "" ? {} : JSON.parse(text));

/**
 * AWS JSON 1.0 and 1.1: every request is a POST to `/`, the operation is in `X-Amz-Target`.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export const awsJson: Protocol = {
  name: "aws-json",
  read(service, request) {
    const target = request.headers["x-amz-target"] ?? "";
    const operation = service.operations.get(target.slice(target.lastIndexOf(".") + 1));
    if (operation === undefined) return undefined;
    const input = operation.input.kind === "unit" ? {} : fromJson(operation.input, parse(bodyText(request)));
    return { operation, input: input as Record<string, unknown> };
  },
  writeOutput: (service, operation, output, requestId) => ({
    status: 200,
    headers: {
      "content-type": `application/x-amz-json-${service.jsonVersion}`,
      "x-amzn-requestid": requestId,
    },
    body: operation.output.kind === "unit" ? "" : JSON.stringify(toJson(operation.output, output)),
  }),
  writeError(service, error, requestId) {
    const headers: Record<string, string> = {
      "content-type": `application/x-amz-json-${service.jsonVersion}`,
      "x-amzn-requestid": requestId,
    };
    if (service.isQueryCompatible) {
      headers["x-amzn-query-error"] = `${error.code};${error.status < 500 ? "Sender" : "Receiver"}`;
    }
    const details = error.shape === undefined ? {} : (toJson(error.shape, error.details) as object);
    return {
      status: error.status,
      headers,
      body: JSON.stringify({ __type: error.name, ...details, message: error.message }),
    };
  },
};
