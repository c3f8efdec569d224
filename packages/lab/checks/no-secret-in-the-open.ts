import { nameOf } from "./acts.ts";
import type { Checker, Evidence } from "./evidence.ts";
import { historyText, taskTokens } from "./read-execution.ts";

/** Keys of roles that were assumed: whoever has them is let in until they end. */
const temporaryKeys = (wire: Evidence["wire"]): readonly string[] =>
  wire.flatMap(({ service, operation, outcome }) => {
    if (service !== "sts" || operation !== "AssumeRole" || outcome.type !== "answered") return [];
    const { Credentials } = outcome.output as {
      readonly Credentials: { readonly SecretAccessKey: string; readonly SessionToken: string };
    };
    return [Credentials.SecretAccessKey, Credentials.SessionToken];
  });

/**
 * No secret in any log, history, record or notice; nor does the control plane ever read one. Task tokens are secrets
 * for logs, records and notices; the service's own history has them, and they decide nothing.
 */
export const noSecretInTheOpen: Checker = ({
  wire,
  log,
  notices,
  records,
  executions,
  secrets,
  endedAtMs,
}) => {
  const keys = temporaryKeys(wire);
  const unsaid = [...secrets, ...executions.flatMap(taskTokens), ...keys];
  const finds = (where: string, text: string, values: readonly string[], atMs: number) =>
    values.some((value) => text.includes(value))
      ? [{ invariant: "no-secret-in-the-open", message: `a secret in ${where}`, atMs }]
      : [];
  return [
    ...wire
      .filter(({ service, operation }) => service === "secrets-manager" && operation === "GetSecretValue")
      .map((record) => ({
        invariant: "no-secret-in-the-open",
        message: `${nameOf(record)} by ${record.origin.principal}: nothing here needs a secret's value`,
        atMs: record.atMs,
      })),
    ...log.flatMap(({ line, functionName, atMs }) => finds(`the log of ${functionName}`, line, unsaid, atMs)),
    ...records.flatMap(({ body, atMs }) =>
      finds(`the record of ${body.execution}`, JSON.stringify(body), unsaid, atMs),
    ),
    ...notices.flatMap(({ subject = "", message, atMs }) =>
      finds(`a notice "${subject}"`, `${subject}\n${message}`, unsaid, atMs),
    ),
    ...executions.flatMap(({ arn, history, input, output, stoppedAtMs }) =>
      finds(
        `the history of ${arn}`,
        JSON.stringify([input, output]) + historyText({ history }),
        [...secrets, ...keys],
        stoppedAtMs ?? endedAtMs,
      ),
    ),
  ];
};
