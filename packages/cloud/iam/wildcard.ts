const compiled = new Map<string, RegExp>();

/** `*` any number of characters, `?` one; case counts, as in IAM's `StringLike` and in resources. */
export const matchesWildcard = (pattern: string, text: string): boolean => {
  if (!/[*?]/.test(pattern)) return pattern === text;
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
    expression = new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
    compiled.set(pattern, expression);
  }
  return expression.test(text);
};

/** Actions ignore case: `s3:getobject` is `s3:GetObject`. */
export const matchesAction = (pattern: string, action: string): boolean =>
  matchesWildcard(pattern.toLowerCase(), action.toLowerCase());

const partsOf = (arn: string): readonly string[] => {
  const [a = "", b = "", c = "", d = "", e = "", ...rest] = arn.split(":");
  return [a, b, c, d, e, rest.join(":")];
};

/**
 * Each of the six parts of an ARN is matched for itself, so that no wildcard reaches across a colon between them:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export const matchesArn = (pattern: string, arn: string): boolean => {
  if (pattern === "*") return true;
  const given = partsOf(arn);
  return partsOf(pattern).every((part, index) => matchesWildcard(part, given[index] ?? ""));
};
