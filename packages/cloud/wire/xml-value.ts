import { readScalar, writeScalar } from "./scalar.ts";
import type { ListShape, MapShape, Shape, StructureShape } from "./shape.ts";
import { escapeXml, type XmlElement } from "./xml-text.ts";

type Fields = Readonly<Record<string, unknown>>;

const xmlNameOf = (shape: Shape, otherwise: string): string => shape.spelling.xmlName ?? otherwise;

/** The elements of a structure's members, without an element around them. */
export const writeXmlMembers = (shape: StructureShape, fields: Fields): string => {
  let xml = "";
  for (const { name, shape: member } of shape.members) {
    const field = fields[name];
    if (field === undefined || field === null || member.spelling.xmlAttribute) continue;
    xml += writeXml(member.spelling.xmlMemberName ?? name, member, field);
  }
  return xml;
};

const writeStructure = (name: string, shape: StructureShape, fields: Fields): string => {
  let attributes = shape.spelling.xmlNamespace ?? "";
  for (const { name: memberName, shape: member } of shape.members) {
    const field = fields[memberName];
    if (member.spelling.xmlAttribute && field !== undefined && field !== null) {
      attributes += ` ${xmlNameOf(member, memberName)}="${escapeXml(writeScalar(member, field, "date-time"))}"`;
    }
  }
  return `<${name}${attributes}>${writeXmlMembers(shape, fields)}</${name}>`;
};

const writeList = (name: string, shape: ListShape, items: readonly unknown[]): string => {
  const { element, spelling } = shape;
  if (spelling.xmlFlattened) return items.map((item) => writeXml(name, element, item)).join("");
  const inner = items.map((item) => writeXml(xmlNameOf(element, "member"), element, item)).join("");
  return `<${name}${spelling.xmlNamespace ?? ""}>${inner}</${name}>`;
};

const writeMap = (name: string, shape: MapShape, entries: Fields): string => {
  const keyName = xmlNameOf(shape.key, "key");
  const valueName = xmlNameOf(shape.value, "value");
  const parts = Object.entries(entries).map(
    ([key, value]) => `<${keyName}>${escapeXml(key)}</${keyName}>${writeXml(valueName, shape.value, value)}`,
  );
  if (shape.spelling.xmlFlattened) return parts.map((part) => `<${name}>${part}</${name}>`).join("");
  const inner = parts.map((part) => `<entry>${part}</entry>`).join("");
  return `<${name}${shape.spelling.xmlNamespace ?? ""}>${inner}</${name}>`;
};

/** A value as one element (or as several, where its shape is flattened). */
export const writeXml = (name: string, shape: Shape, value: unknown): string => {
  if (value === undefined || value === null) return "";
  if (shape.kind === "structure") return writeStructure(name, shape, value as Fields);
  if (shape.kind === "list") return writeList(name, shape, value as readonly unknown[]);
  if (shape.kind === "map") return writeMap(name, shape, value as Fields);
  return `<${name}${shape.spelling.xmlNamespace ?? ""}>${escapeXml(writeScalar(shape, value, "date-time"))}</${name}>`;
};

const named = (element: XmlElement, name: string): readonly XmlElement[] =>
  element.children.filter((child) => child.name === name);

const readMap = (shape: MapShape, entries: readonly XmlElement[]): Record<string, unknown> => {
  const value: Record<string, unknown> = {};
  for (const entry of entries) {
    const [key] = named(entry, xmlNameOf(shape.key, "key"));
    const [item] = named(entry, xmlNameOf(shape.value, "value"));
    if (key !== undefined && item !== undefined) value[key.text] = readXml(shape.value, item);
  }
  return value;
};

/** Reads a structure's members from the children of an element. */
export const readXmlMembers = (shape: StructureShape, element: XmlElement): Record<string, unknown> => {
  const fields: Record<string, unknown> = {};
  for (const { name, shape: member } of shape.members) {
    if (member.spelling.xmlAttribute) {
      const attribute = element.attributes[xmlNameOf(member, name)];
      if (attribute !== undefined) fields[name] = readScalar(member, attribute, "date-time");
      continue;
    }
    const found = named(element, member.spelling.xmlMemberName ?? name);
    const [first] = found;
    if (first === undefined) continue;
    if (member.spelling.xmlFlattened && member.kind === "list") {
      fields[name] = found.map((item) => readXml(member.element, item));
    } else if (member.spelling.xmlFlattened && member.kind === "map") fields[name] = readMap(member, found);
    else fields[name] = readXml(member, first);
  }
  return fields;
};

/** Reads one element by its shape. */
export const readXml = (shape: Shape, element: XmlElement): unknown => {
  if (shape.kind === "structure") return readXmlMembers(shape, element);
  if (shape.kind === "list") {
    return named(element, xmlNameOf(shape.element, "member")).map((item) => readXml(shape.element, item));
  }
  if (shape.kind === "map") return readMap(shape, named(element, "entry"));
  return readScalar(shape, element.text, "date-time");
};
