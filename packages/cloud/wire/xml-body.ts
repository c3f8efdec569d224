import type { BodyFormat } from "./rest-binding.ts";
import { parseXml } from "./xml-text.ts";
import { readXml, readXmlMembers, writeXml } from "./xml-value.ts";

const decoder = new TextDecoder();

/** XML bodies of the REST protocols. */
export const xmlBody: BodyFormat = {
  contentType: "application/xml",
  readBody: (shape, members, body) => readXmlMembers({ ...shape, members }, parseXml(decoder.decode(body))),
  writeBody: (shape, members, output) =>
    members.length === 0 ? "" : writeXml(shape.spelling.xmlName ?? shape.name, { ...shape, members }, output),
  readPayload: (shape, body) => readXml(shape, parseXml(decoder.decode(body))),
  writePayload: (shape, value) =>
    writeXml(shape.spelling.xmlName ?? (shape.kind === "structure" ? shape.name : ""), shape, value),
};
