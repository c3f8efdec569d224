import { bodyText } from "./message.ts";
import type { Protocol } from "./protocol.ts";
import { readForm, readValue } from "./query-form.ts";
import { writeXmlMembers } from "./xml-value.ts";
import { escapeXml } from "./xml-text.ts";

/**
 * EC2 Query: the query protocol with flat lists, capitalised names, no result element and errors in a list.
 * https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
export const ec2Query: Protocol = {
  name: "ec2-query",
  read(service, request) {
    const form = readForm(bodyText(request));
    const operation = service.operations.get(form.children.get("Action")?.text ?? "");
    if (operation === undefined) return undefined;
    const input = operation.input.kind === "unit" ? {} : readValue(operation.input, form, "ec2");
    return { operation, input: input as Record<string, unknown> };
  },
  writeOutput(service, { name, output: shape }, output, requestId) {
    const members = shape.kind === "structure" ? writeXmlMembers(shape, output) : "";
    return {
      status: 200,
      headers: { "content-type": "text/xml;charset=UTF-8" },
      body: `<${name}Response xmlns="${service.xmlNamespace}"><requestId>${requestId}</requestId>${members}</${name}Response>`,
    };
  },
  writeError: (_service, error, requestId) => ({
    status: error.status,
    headers: { "content-type": "text/xml;charset=UTF-8" },
    body: `<Response><Errors><Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
  }),
};
