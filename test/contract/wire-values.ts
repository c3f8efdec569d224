import { createRandom, type Random } from "@lifeboat/cloud/kernel/random";
import type { Member, Shape, StructureShape } from "@lifeboat/cloud/wire/shape";

/** Members that the client makes up, replaces, or reads itself before it sends anything. */
const OMITTED = new Set([
  // S3: names an algorithm that the client then runs.
  "ChecksumAlgorithm",
  // S3: encoded and hashed by the client.
  "SSECustomerKey",
  "SSECustomerKeyMD5",
  "CopySourceSSECustomerKey",
  "CopySourceSSECustomerKeyMD5",
  // EventBridge: part of the host name.
  "EndpointId",
]);

/** Depth beyond which structures keep their plain members only: schemas are recursive. */
const DEEP = 3;
const DEEPEST = 7;

const simple = ({ shape }: Member): boolean => !["structure", "list", "map"].includes(shape.kind);

const textOf = (random: Random, shape: Shape): string => {
  if (shape.spelling.isJsonText) return '{"a":1}';
  // Signs that XML, forms, paths and JSON each have to escape.
  const tricky = ["", " x", "&<>", '"q"', "ü", "%2F", "+", "a b"][random.integer(0, 7)] ?? "";
  const isBare = ["label", "header", "headers-by-prefix"].includes(shape.spelling.http.in);
  return `s${random.hex(6)}${isBare ? "" : tricky}`;
};

/** A random value of a shape. */
export const randomValue = (random: Random, shape: Shape, depth = 0): unknown => {
  switch (shape.kind) {
    case "structure":
      return randomStructure(random, shape, depth);
    case "list":
      // A union of lists of itself ends nowhere else.
      return (depth > DEEPEST ? [] : [1, 2]).map(() => randomValue(random, shape.element, depth + 1));
    case "map":
      return {
        ka: randomValue(random, shape.value, depth + 1),
        kb: randomValue(random, shape.value, depth + 1),
      };
    case "boolean":
      return random.next() < 0.5;
    case "number":
      return shape.spelling.http.in === "status" ? 200 : random.integer(1, 1000);
    case "big-integer":
      return BigInt(random.integer(1, 1000));
    case "timestamp":
      return new Date((1_700_000_000 + random.integer(0, 100_000_000)) * 1000);
    case "blob":
      return Uint8Array.from([1, 2, 3, random.integer(0, 255)]);
    case "document":
      return { a: "b", list: [1, true, null] };
    case "unit":
      return {};
    case "string":
    case "big-decimal":
    default:
      return textOf(random, shape);
  }
};

const randomStructure = (random: Random, shape: StructureShape, depth: number): Record<string, unknown> => {
  const value: Record<string, unknown> = {};
  if (shape.isUnion) {
    const shallow = shape.members.filter((member) => simple(member) || depth < DEEP + 1);
    const choice = shallow.length === 0 ? shape.members : shallow;
    const member = choice[random.integer(0, choice.length - 1)];
    if (member !== undefined) value[member.name] = randomValue(random, member.shape, depth + 1);
    return value;
  }
  // A form cannot say "an object without members", so one member stays, whatever its depth.
  const plain = shape.members.filter(simple);
  const kept = depth <= DEEP ? shape.members : plain.length > 0 ? plain : shape.members.slice(0, 1);
  for (const member of kept) {
    if (member.shape.spelling.isStreaming || OMITTED.has(member.name)) continue;
    value[member.name] = randomValue(random, member.shape, depth + 1);
  }
  return value;
};

/** True for members that no comparison can take into account. */
export const isLeftOut = (name: string): boolean => OMITTED.has(name);

export const seeded = (name: string): Random => createRandom(`wire/${name}`);

/** A form in which equal values are equal texts, whatever their order and their byte containers. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "bigint") return `bigint ${item}`;
    // Node's bytes and the SDK's lazily parsed texts have a JSON form of their own.
    if (item instanceof Uint8Array) return { bytes: [...item] };
    if (
      typeof item === "object" &&
      item !== null &&
      "type" in item &&
      item.type === "Buffer" &&
      "data" in item
    ) {
      return { bytes: item.data };
    }
    const plain: unknown = typeof item === "object" && item !== null ? item.valueOf() : item;
    if (typeof plain === "string") return plain;
    if (typeof item === "object" && item !== null && !Array.isArray(item)) {
      return Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)));
    }
    return item;
  });
