import { readScalar } from "./scalar.ts";
import type { ListShape, MapShape, Shape, StructureShape } from "./shape.ts";

/** A form's parameters as the tree that their dotted names spell. */
interface Branch {
  text: string | undefined;
  readonly children: Map<string, Branch>;
}

const plant = (): Branch => ({ text: undefined, children: new Map() });

/** `A.member.1.B=x` becomes A → member → 1 → B. */
export const readForm = (body: string): Branch => {
  const root = plant();
  for (const [name, value] of new URLSearchParams(body)) {
    let branch = root;
    for (const part of name.split(".")) {
      let child = branch.children.get(part);
      if (child === undefined) {
        child = plant();
        branch.children.set(part, child);
      }
      branch = child;
    }
    branch.text = value;
  }
  return root;
};

/** Query services of EC2's dialect flatten every list and capitalise the names of members. */
export type Dialect = "aws" | "ec2";

const memberKey = (name: string, shape: Shape, dialect: Dialect): string => {
  const { ec2Name, xmlName } = shape.spelling;
  if (dialect === "aws") return xmlName ?? name;
  if (ec2Name !== undefined) return ec2Name;
  const key = xmlName ?? name;
  return key.charAt(0).toUpperCase() + key.slice(1);
};

const readStructure = (shape: StructureShape, branch: Branch, dialect: Dialect): Record<string, unknown> => {
  const fields: Record<string, unknown> = {};
  for (const { name, shape: member } of shape.members) {
    const child = branch.children.get(memberKey(name, member, dialect));
    if (child !== undefined) fields[name] = readValue(member, child, dialect);
  }
  return fields;
};

const numbered = (branch: Branch | undefined): readonly Branch[] => {
  const found: Branch[] = [];
  for (let index = 1; ; index++) {
    const child = branch?.children.get(String(index));
    if (child === undefined) return found;
    found.push(child);
  }
};

const readList = (shape: ListShape, branch: Branch, dialect: Dialect): unknown[] => {
  const isFlat = dialect === "ec2" || shape.spelling.xmlFlattened;
  const items = isFlat ? branch : branch.children.get(shape.element.spelling.xmlName ?? "member");
  return numbered(items).map((item) => readValue(shape.element, item, dialect));
};

const readMap = (shape: MapShape, branch: Branch, dialect: Dialect): Record<string, unknown> => {
  const entries = shape.spelling.xmlFlattened ? branch : branch.children.get("entry");
  const value: Record<string, unknown> = {};
  for (const entry of numbered(entries)) {
    const key = entry.children.get(shape.key.spelling.xmlName ?? "key")?.text;
    const item = entry.children.get(shape.value.spelling.xmlName ?? "value");
    if (key !== undefined && item !== undefined) value[key] = readValue(shape.value, item, dialect);
  }
  return value;
};

/** Reads a value from its branch of the form. */
export const readValue = (shape: Shape, branch: Branch, dialect: Dialect): unknown => {
  if (shape.kind === "structure") return readStructure(shape, branch, dialect);
  if (shape.kind === "list") return readList(shape, branch, dialect);
  if (shape.kind === "map") return readMap(shape, branch, dialect);
  return readScalar(shape, branch.text ?? "", "date-time");
};
