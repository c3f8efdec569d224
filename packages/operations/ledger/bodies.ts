import { RecoveryError } from "@lifeboat/recovery/errors";
import type { Claim, KillSwitch, Lease } from "@lifeboat/recovery/ledger";

/** The bodies of the three keys. A body that is not of the expected shape stops everything: it is never repaired silently. */
interface Bodies {
  readonly claim: Claim;
  readonly lease: Lease;
  readonly switch: KillSwitch;
}

const shapes: Readonly<
  Record<keyof Bodies, Readonly<Record<string, "number" | "string" | "boolean" | "any">>>
> = {
  claim: {
    revision: "number",
    writeId: "string",
    workload: "string",
    epoch: "number",
    activeSite: "string",
    holder: "any",
    phase: "string",
    request: "any",
    recoveredAtMs: "any",
    attemptEndedAtMs: "any",
    protection: "string",
  },
  lease: {
    revision: "number",
    writeId: "string",
    workload: "string",
    site: "string",
    by: "string",
    epoch: "number",
    durationMs: "number",
    canary: "any",
    fenced: "boolean",
  },
  switch: {
    revision: "number",
    writeId: "string",
    workload: "string",
    on: "boolean",
    by: "string",
    why: "string",
  },
};

const requiredFields = {
  claim: Object.entries(shapes.claim),
  lease: Object.entries(shapes.lease),
  switch: Object.entries(shapes.switch),
};

/** Checks a body that was read. Throws RecoveryError `LedgerUnreadable` naming the field that is missing or wrong. */
export const parseBody = <Key extends keyof Bodies>(key: Key, body: unknown, where: string): Bodies[Key] => {
  if (typeof body !== "object" || body === null) {
    throw new RecoveryError(
      "LedgerUnreadable",
      `${where} does not hold a JSON object; restore its last good version`,
    );
  }
  const record = body as Readonly<Record<string, unknown>>;
  for (const [field, kind] of requiredFields[key]) {
    if (record[field] === undefined || (kind !== "any" && typeof record[field] !== kind)) {
      throw new RecoveryError(
        "LedgerUnreadable",
        `${where}: "${field}" is not a ${kind}; restore the object's last good version`,
      );
    }
  }
  return body as Bodies[Key];
};
