/**
 * Which operations change something. By AWS's own naming, a verb of looking is a read and everything else is a change;
 * the exceptions are named one by one. What is not sure counts as a change: a dry run must not hide behind a guess.
 */
const READING_VERBS = [
  "BatchGet",
  "Check",
  "Describe",
  "Download",
  "Estimate",
  "Filter",
  "Get",
  "Head",
  "List",
  "Lookup",
  "Preview",
  "Query",
  "Search",
  "Select",
  "Simulate",
  "Test",
  "Validate",
  "Verify",
] as const;

const READS: Readonly<Record<string, readonly string[]>> = {
  // Cryptography answers from a key and leaves the key as it was.
  kms: [
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GenerateRandom",
    "ReEncrypt",
    "Sign",
  ],
  // An invocation changes what the function changes: the function's own calls are counted.
  lambda: ["Invoke", "InvokeAsync", "InvokeWithResponseStream"],
  // A heartbeat only says that a task is still at work.
  sfn: ["SendTaskHeartbeat"],
  // Credentials are given, and nothing in the account is another than before.
  sts: ["AssumeRole"],
};

const CHANGES: Readonly<Record<string, readonly string[]>> = {
  // Hands a task to a worker, which is then taken.
  sfn: ["GetActivityTask"],
};

/** True when the operation changes something in the account, by its nature and whether or not it succeeds. */
export const isMutating = (service: string, operation: string): boolean => {
  if (CHANGES[service]?.includes(operation) === true) return true;
  if (READS[service]?.includes(operation) === true) return false;
  return !READING_VERBS.some((verb) => operation.startsWith(verb));
};
