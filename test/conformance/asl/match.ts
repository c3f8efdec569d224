const MASK = "<*any*>";

const matchesText = (expected: string, actual: string): boolean => {
  if (!expected.includes(MASK)) return expected === actual;
  const pattern = expected
    .split(MASK)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join("[^]*");
  return new RegExp(`^${pattern}$`).test(actual);
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Whether `actual` is what was recorded, by the recordings' own rules: masked text matches anything; an expected object
 * matches a string that holds it as JSON. Answers with where they differ first, or `undefined`.
 */
export const difference = (expected: unknown, actual: unknown, at = ""): string | undefined => {
  const differs = `${at || "."}: expected ${JSON.stringify(expected)}, was ${JSON.stringify(actual)}`;
  if (expected === MASK) return actual === undefined ? differs : undefined;
  if (typeof expected === "string") {
    return typeof actual === "string" && matchesText(expected, actual) ? undefined : differs;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return differs;
    for (const [index, item] of expected.entries()) {
      const found = difference(item, actual[index], `${at}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isObject(expected)) {
    let other = actual;
    if (typeof other === "string") {
      try {
        other = JSON.parse(other) as unknown;
      } catch {
        return differs;
      }
    }
    if (!isObject(other)) return differs;
    for (const key of new Set([...Object.keys(expected), ...Object.keys(other)])) {
      if (Object.hasOwn(expected, key) !== Object.hasOwn(other, key)) {
        return `${at}.${key}: ${Object.hasOwn(expected, key) ? "missing" : `not expected: ${JSON.stringify(other[key])}`}`;
      }
      const found = difference(expected[key], other[key], `${at}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return Object.is(expected, actual) ? undefined : differs;
};

/** Whether each expected item can be paired with an actual one, in any order. */
export const differenceUnordered = (
  expected: readonly unknown[],
  actual: readonly unknown[],
): string | undefined => {
  const left = [...actual];
  for (const item of expected) {
    const index = left.findIndex((candidate) => difference(item, candidate) === undefined);
    if (index < 0) return `nothing matches ${JSON.stringify(item)}; left: ${JSON.stringify(left)}`;
    left.splice(index, 1);
  }
  return left.length === 0 ? undefined : `not expected: ${JSON.stringify(left)}`;
};
