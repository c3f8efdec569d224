import { RecoveryError } from "@lifeboat/recovery/errors";
import type { Claim, KillSwitch, Lease } from "@lifeboat/recovery/ledger";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import type { LedgerPlace, Ports } from "../ports.ts";
import { parseBody } from "./bodies.ts";
import { keyOf, type LedgerKey } from "./places.ts";

type BodyOf<Key extends LedgerKey> = Key extends "claim" ? Claim : Key extends "lease" ? Lease : KillSwitch;

/** A body of the ledger as it lies in S3. */
export interface Entry<Key extends LedgerKey> {
  readonly body: BodyOf<Key>;
  readonly etag: string;
}

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
): Promise<Entry<Key>> => {
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
 * Answers what is now in place. Throws `LedgerContended` when others keep winning.
 *
 * `remembered`: what the caller wrote there last. It spares the first look: if anybody has written since, S3 refuses the
 * condition, and the next attempt looks.
 */
export const swapEntry = async <Key extends LedgerKey>(
  ports: LedgerPorts,
  plan: RecoveryPlan,
  place: LedgerPlace,
  key: Key,
  change: (body: BodyOf<Key>, writeId: string) => BodyOf<Key> | null,
  remembered: Entry<Key> | null = null,
): Promise<Entry<Key>> => {
  const ours = new Set<string>();
  let known = remembered;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { body, etag } = known ?? (await readEntry(ports, plan, place, key));
    const isRemembered = known !== null;
    known = null;
    if (ours.has(body.writeId)) return { body, etag };
    const writeId = ports.ids.next();
    const changed = change(body, writeId);
    if (changed === null) {
      // What is remembered may be long gone: only what lies there now can say that there is nothing to do.
      if (isRemembered) continue;
      return { body, etag };
    }
    ours.add(writeId);
    const written = await ports.ledger.replace(place, keyOf(plan, key), changed, etag);
    if (written.type === "written") return { body: changed, etag: written.etag };
  }
  throw new RecoveryError(
    "LedgerContended",
    `${describe(place, keyOf(plan, key))} was changed by others ${ATTEMPTS} times in a row`,
  );
};

/** As {@link swapEntry}, for callers that want the body alone. */
export const changeEntry = async <Key extends LedgerKey>(
  ports: LedgerPorts,
  plan: RecoveryPlan,
  place: LedgerPlace,
  key: Key,
  change: (body: BodyOf<Key>, writeId: string) => BodyOf<Key> | null,
): Promise<BodyOf<Key>> => (await swapEntry(ports, plan, place, key, change)).body;
