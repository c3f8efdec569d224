import { matchesCidr } from "./cidr.ts";

/**
 * Event patterns: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
 *
 * A pattern names fields and lists what each may be. A field of the event that is a list matches when one of its
 * elements does; a list of objects matches when one object does.
 */
export type Pattern = Readonly<Record<string, unknown>>;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A pattern that EventBridge would refuse. */
export class InvalidPattern extends Error {
  constructor(reason: string) {
    super(`Event pattern is not valid. Reason: ${reason}`);
    this.name = "InvalidEventPatternException";
  }
}

const texts = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? (value as readonly unknown[]) : [value]).map((item) => {
    if (typeof item !== "string") throw new InvalidPattern("expected a string or a list of strings");
    return item;
  });

const wildcard = (pattern: string): RegExp => {
  if (pattern.includes("**")) throw new InvalidPattern("Consecutive wildcard characters");
  const source = pattern.replaceAll(
    /\\([*\\])|([.+?^${}()|[\]\\])|(\*)/g,
    (_whole, escaped, special, star) => {
      if (typeof escaped === "string") return `\\${escaped}`;
      return typeof star === "string" ? "[\\s\\S]*" : `\\${String(special)}`;
    },
  );
  return new RegExp(`^${source}$`);
};

const numeric = (condition: unknown, value: number): boolean => {
  if (!Array.isArray(condition) || condition.length === 0 || condition.length % 2 !== 0) {
    throw new InvalidPattern("numeric needs pairs of an operator and a number");
  }
  for (let index = 0; index < condition.length; index += 2) {
    const bound: unknown = condition[index + 1];
    if (typeof bound !== "number") throw new InvalidPattern("numeric compares with numbers");
    const holds = {
      "<": value < bound,
      "<=": value <= bound,
      "=": value === bound,
      ">": value > bound,
      ">=": value >= bound,
    }[String(condition[index])];
    if (holds === undefined)
      throw new InvalidPattern(`Unrecognized numeric range operator: ${String(condition[index])}`);
    if (!holds) return false;
  }
  return true;
};

/** `prefix` and `suffix` take a text, or `{"equals-ignore-case": text}`. */
const affix = (
  condition: unknown,
  value: unknown,
  holds: (value: string, part: string) => boolean,
): boolean => {
  if (isFields(condition)) {
    const [part = ""] = texts(condition["equals-ignore-case"]);
    return typeof value === "string" && holds(value.toLowerCase(), part.toLowerCase());
  }
  return texts(condition).some((part) => typeof value === "string" && holds(value, part));
};

const startsWith = (value: string, part: string): boolean => value.startsWith(part);
const endsWith = (value: string, part: string): boolean => value.endsWith(part);

const anythingBut = (condition: unknown, value: unknown): boolean => {
  if (isFields(condition)) {
    const [operator] = Object.keys(condition);
    const operand = condition[operator ?? ""];
    switch (operator) {
      case "prefix":
        return !affix(operand, value, startsWith);
      case "suffix":
        return !affix(operand, value, endsWith);
      case "wildcard":
        return !texts(operand).some((one) => typeof value === "string" && wildcard(one).test(value));
      case "equals-ignore-case":
        return !texts(operand).some(
          (one) => typeof value === "string" && one.toLowerCase() === value.toLowerCase(),
        );
      case undefined:
      default:
        throw new InvalidPattern(`Unsupported anything-but pattern: ${operator ?? ""}`);
    }
  }
  const excluded: readonly unknown[] = Array.isArray(condition) ? condition : [condition];
  return !excluded.includes(value);
};

/** One alternative of a field's list against one value that is there. */
const matchesValue = (alternative: unknown, value: unknown): boolean => {
  if (!isFields(alternative)) return alternative === value;
  const [operator, ...more] = Object.keys(alternative);
  if (operator === undefined || more.length > 0)
    throw new InvalidPattern("Only one key allowed in match expression");
  const operand = alternative[operator];
  switch (operator) {
    case "exists":
      return operand === true;
    case "prefix":
      return affix(operand, value, startsWith);
    case "suffix":
      return affix(operand, value, endsWith);
    case "anything-but":
      return anythingBut(operand, value);
    case "equals-ignore-case":
      return texts(operand).some(
        (one) => typeof value === "string" && one.toLowerCase() === value.toLowerCase(),
      );
    case "wildcard":
      return texts(operand).some((one) => typeof value === "string" && wildcard(one).test(value));
    case "numeric":
      return typeof value === "number" && numeric(operand, value);
    case "cidr":
      return texts(operand).some((one) => typeof value === "string" && matchesCidr(one, value));
    default:
      throw new InvalidPattern(`Unrecognized match type ${operator}`);
  }
};

const isAbsence = (alternative: unknown): boolean => isFields(alternative) && alternative["exists"] === false;

const matchesLeaf = (alternatives: readonly unknown[], value: unknown): boolean => {
  if (alternatives.length === 0) throw new InvalidPattern("Empty arrays are not allowed");
  // Only leaves exist: an object in the event's place is not a value.
  if (value === undefined || isFields(value)) return alternatives.some(isAbsence);
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return alternatives.some((alternative) => values.some((one) => matchesValue(alternative, one)));
};

const matchesField = (expected: unknown, value: unknown): boolean => {
  if (Array.isArray(expected)) return matchesLeaf(expected, value);
  if (!isFields(expected)) throw new InvalidPattern("a field must be an object or an array");
  if (Array.isArray(value))
    return (value as readonly unknown[]).some((one) => isFields(one) && matchesPattern(expected, one));
  return matchesPattern(expected, isFields(value) ? value : {});
};

/** True when the event has all that the pattern asks for. Throws {@link InvalidPattern} on a pattern that AWS refuses. */
export const matchesPattern = (pattern: Pattern, event: Fields): boolean =>
  Object.entries(pattern).every(([name, expected]) => {
    if (name === "$or" && Array.isArray(expected)) {
      return (expected as readonly unknown[]).some(
        (option) => isFields(option) && matchesPattern(option, event),
      );
    }
    return matchesField(expected, event[name]);
  });

/** Throws {@link InvalidPattern} for a pattern that PutRule would refuse, whatever the events are. */
export const checkPattern = (pattern: unknown): void => {
  if (!isFields(pattern) || Object.keys(pattern).length === 0)
    throw new InvalidPattern("Filter is not an object");
  for (const [name, expected] of Object.entries(pattern)) {
    if (name === "$or" && Array.isArray(expected)) expected.forEach(checkPattern);
    else if (Array.isArray(expected)) for (const value of ["", 0]) matchesLeaf(expected, value);
    else checkPattern(expected);
  }
};
