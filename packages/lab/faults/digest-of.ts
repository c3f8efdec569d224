import { createHash } from "node:crypto";
import { historyText } from "../checks/read-execution.ts";
import type { Lab } from "../create-lab.ts";

/** Bytes have no place in a digest's text; their length will do, for what they say is in the models. */
const withoutBytes = (input: unknown): unknown => {
  if (typeof input !== "object" || input === null) return input;
  const plain: Record<string, unknown> = { ...input };
  for (const name in plain) {
    const value = plain[name];
    if (value instanceof Uint8Array) plain[name] = `${value.byteLength} bytes`;
  }
  return plain;
};

/** A hash takes a long text at about the cost of a short one. */
const HASHED_AT_ONCE = 1 << 16;

/**
 * The digest of a run: of everything that crossed the wire, all histories, all receipts, and what its executions came to. Two runs
 * that differ in any of that differ in their digests.
 */
export const digestOf = (lab: Lab, outcomes: readonly unknown[]): string => {
  const hash = createHash("sha256");
  let text = "";
  const add = (more: string): void => {
    text += more;
    if (text.length < HASHED_AT_ONCE) return;
    hash.update(text);
    text = "";
  };
  for (const { atMs, endedAtMs, origin, service, region, operation, input, mutating, outcome } of lab.wire) {
    add(`${atMs} ${endedAtMs} ${origin.principal} ${region} ${service}:${operation} ${outcome.type}\n`);
    // What is asked by a call that only reads shows in when it ended and in what followed.
    if (mutating) add(JSON.stringify(withoutBytes(input)));
  }
  for (const execution of lab.cloud.sfn.executions.values()) add(historyText(execution));
  add(JSON.stringify(lab.workload.client.rows()));
  for (const resident of lab.workload.residents) add(JSON.stringify(resident.rows()));
  add(JSON.stringify(outcomes));
  return hash.update(text).digest("hex");
};
