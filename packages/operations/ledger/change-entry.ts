import { RecoveryError } from "@lifeboat/recovery/errors";
import type { Claim, KillSwitch, Lease } from "@lifeboat/recovery/ledger";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import type { LedgerPlace, Ports } from "../ports.ts";
import { parseBody } from "./bodies.ts";
import { keyOf, type LedgerKey } from "./places.ts";

type BodyOf<Key extends LedgerKey> = Key extends "claim" ? Claim : Key extends "lease" ? Lease : KillSwitch;

type LedgerPorts = Pick<Ports, "ledger" | "ids">;

const describe = (place: LedgerPlace, key: string): string => `s3://${place.bucket}/${key} (${place.region})`;

/**
 * Reads one key. Throws RecoveryError `LedgerUnreadable` (no usable answer, or a damaged body) or `LedgerMissing` (no
 * object: only bootstrap creates one, so whoever finds none stops).
 */
export const readEntry = async <Key extends LedgerKey>(
  ports: LedgerPorts,
  plan: RecoveryPlan,
  place: LedgerPlace,
  key: Key,
): Promise<{ readonly body: BodyOf<Key>; readonly etag: string }> => {
  const name = keyOf(plan, key);
  const read = await ports.ledger.read(place, name);
  switch (read.type) {
    case "found":
      return { body: parseBody(key, read.body, describe(place, name)) as BodyOf<Key>, etag: read.etag };
    case "missing":
      throw new RecoveryError(
        "LedgerMissing",
        `${describe(place, name)} does not exist; run the bootstrap of "${plan.workload}" or restore the object`,
      );
    case "unreachable":
      throw new RecoveryError(
        "LedgerUnreadable",
        `${describe(place, name)} could not be read: ${read.reason}`,
      );
  }
};

const ATTEMPTS = 6;

/**
 * Changes one key by compare-and-swap: reads, lets `change` make the next body (or answer null: nothing to do), and writes
 * it on the condition that nobody wrote between. A conflict or a lost reply is settled by reading again: a body that
 * carries one of our own write ids is our own success (S3 answers a repeated conditional PUT of one's own with 412).
 * Answers the body that is now in place. Throws `LedgerContended` when others keep winning.
 */
export const changeEntry = async <Key extends LedgerKey>(
  ports: LedgerPorts,
  plan: RecoveryPlan,
  place: LedgerPlace,
  key: Key,
  change: (body: BodyOf<Key>, writeId: string) => BodyOf<Key> | null,
): Promise<BodyOf<Key>> => {
  const ours = new Set<string>();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { body, etag } = await readEntry(ports, plan, place, key);
    if (ours.has(body.writeId)) return body;
    const writeId = ports.ids.next();
    const changed = change(body, writeId);
    if (changed === null) return body;
    ours.add(writeId);
    const written = await ports.ledger.replace(place, keyOf(plan, key), changed, etag);
    if (written.type === "written") return changed;
  }
  throw new RecoveryError(
    "LedgerContended",
    `${describe(place, keyOf(plan, key))} was changed by others ${ATTEMPTS} times in a row`,
  );
};
