import { bodyText } from "./message.ts";
import type { Protocol } from "./protocol.ts";
import { readForm, readValue } from "./query-form.ts";
import { writeXmlMembers } from "./xml-value.ts";
import { escapeXml } from "./xml-text.ts";

const XML = { "content-type": "text/xml" } as const;

/** The members of an error beyond code and message. */
export const errorDetails: (error: Parameters<Protocol["writeError"]>[1]) => string = ({ shape, details }) =>
  shape?.kind === "structure" ? writeXmlMembers(shape, details) : "";

/**
 * AWS Query: a form in, XML out. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export const awsQuery: Protocol = {
  name: "aws-query",
  read(service, request) {
    const form = readForm(bodyText(request));
    const operation = service.operations.get(form.children.get("Action")?.text ?? "");
    if (operation === undefined) return undefined;
    const input = operation.input.kind === "unit" ? {} : readValue(operation.input, form, "aws");
    return { operation, input: input as Record<string, unknown> };
  },
  writeOutput(service, { name, output: shape }, output, requestId) {
    const members = shape.kind === "structure" ? writeXmlMembers(shape, output) : "";
    const result = `<${name}Result>${members}</${name}Result>`;
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    return {
      status: 200,
      headers: { ...XML, "x-amzn-requestid": requestId },
      body: `<${name}Response xmlns="${service.xmlNamespace}">${result}${metadata}</${name}Response>`,
    };
  },
  writeError(service, error, requestId) {
    const type = error.status < 500 ? "Sender" : "Receiver";
    const inner = `<Type>${type}</Type><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>`;
    return {
      status: error.status,
      headers: { ...XML, "x-amzn-requestid": requestId },
      body: `<ErrorResponse xmlns="${service.xmlNamespace}"><Error>${inner}${errorDetails(error)}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    };
  },
};
