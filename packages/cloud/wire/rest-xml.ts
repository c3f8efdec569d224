import { errorDetails } from "./aws-query.ts";
import type { Protocol } from "./protocol.ts";
import { readRestInput, writeRestOutput } from "./rest-binding.ts";
import { matchRoute } from "./rest-route.ts";
import { xmlBody } from "./xml-body.ts";
import { escapeXml } from "./xml-text.ts";

/**
 * REST XML: HTTP bindings, XML bodies. https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
 */
export const restXml: Protocol = {
  name: "rest-xml",
  read(service, request) {
    const match = matchRoute(service, request);
    if (match === undefined) return undefined;
    return { operation: match.operation, input: readRestInput(match, request, xmlBody) };
  },
  writeOutput(_service, operation, output, requestId) {
    const reply = writeRestOutput(operation, output, xmlBody);
    reply.headers["x-amzn-requestid"] = requestId;
    return reply;
  },
  writeError(service, error, requestId) {
    const type = error.status < 500 ? "Sender" : "Receiver";
    const inner = `<Type>${type}</Type><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>`;
    return {
      status: error.status,
      headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
      body: `<ErrorResponse xmlns="${service.xmlNamespace}"><Error>${inner}${errorDetails(error)}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    };
  },
};
