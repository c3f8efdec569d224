import { createHash } from "node:crypto";
import type { LedgerPlace, LedgerRead, LedgerStore, LedgerWrite } from "@lifeboat/operations/ports";

/** What becomes of one call. `conflict`: S3's 409 while another conditional write is in progress. */
export type Fate =
  | "answered"
  | "lost-before"
  | "lost-after"
  /** The reply is lost; the effect comes later, if its condition holds then. */
  | "delayed"
  | "conflict"
  /** The caller dies before the call reaches S3, or after its effect and before the reply. */
  | "killed-before"
  | "killed-after";

/** The caller's process is gone: nothing of what follows in it happens. */
export class Killed extends Error {}

interface Version {
  readonly etag: string;
  readonly text: string;
}

export interface StoreCall {
  readonly operation: "read" | "replace" | "create";
  /** `bucket/key` */
  readonly name: string;
}

export interface ModelledStore extends LedgerStore {
  /** Every version that an object ever had, as S3's versioning keeps them, oldest first. */
  versions(place: LedgerPlace, key: string): readonly unknown[];
  /** Puts a body without any condition: the test's own hand. */
  put(place: LedgerPlace, key: string, body: unknown): void;
  /** The keys below a prefix, as a listing tells them. */
  keys(place: LedgerPlace, prefix: string): readonly string[];
  /** Lets every delayed write reach S3. */
  flush(): void;
  readonly calls: readonly StoreCall[];
}

export interface StoreOptions {
  /** Decides what becomes of a call, as it is made. */
  readonly fate?: (call: StoreCall) => Fate;
  /** A pause before the effect and before the reply of every call; a scheduler here gives every interleaving. */
  readonly pause?: () => Promise<void>;
}

const none = (): Promise<void> => Promise.resolve();

/**
 * S3 as far as the ledger uses it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html. `If-Match`
 * against another ETag is 412, against a missing object 404 (no effect either way); `If-None-Match: *` against an object is
 * 412. The ETag is the bytes' MD5, so identical bytes have one ETag.
 */
export const createModelledStore = ({
  fate = () => "answered",
  pause = none,
}: StoreOptions = {}): ModelledStore => {
  const objects = new Map<string, Version[]>();
  const calls: StoreCall[] = [];
  const late: (() => void)[] = [];
  const nameOf = (place: LedgerPlace, key: string): string => `${place.bucket}/${key}`;
  const latest = (name: string): Version | undefined => objects.get(name)?.at(-1);

  const add = (name: string, body: unknown): Version => {
    const text = JSON.stringify(body);
    const version = { text, etag: `"${createHash("md5").update(text).digest("hex")}"` };
    objects.set(name, [...(objects.get(name) ?? []), version]);
    return version;
  };

  const write = async (call: StoreCall, apply: () => LedgerWrite): Promise<LedgerWrite> => {
    calls.push(call);
    const decided = fate(call);
    await pause();
    switch (decided) {
      case "killed-before":
        throw new Killed();
      case "lost-before":
        return { type: "unknown", reason: "the request was lost" };
      case "conflict":
        return { type: "conflict" };
      case "delayed":
        late.push(apply);
        return { type: "unknown", reason: "no answer in time" };
      case "answered":
      case "lost-after":
      case "killed-after": {
        const result = apply();
        await pause();
        if (decided === "killed-after") throw new Killed();
        return decided === "answered" ? result : { type: "unknown", reason: "the reply was lost" };
      }
    }
  };

  return {
    calls,
    versions: (place, key) =>
      (objects.get(nameOf(place, key)) ?? []).map(({ text }) => JSON.parse(text) as unknown),
    keys: (place, prefix) =>
      [...objects.keys()]
        .filter((name) => name.startsWith(nameOf(place, prefix)))
        .map((name) => name.slice(place.bucket.length + 1))
        .toSorted(),
    put: (place, key, body) => void add(nameOf(place, key), body),
    flush() {
      for (const apply of late.splice(0)) apply();
    },
    async read(place, key): Promise<LedgerRead> {
      const name = nameOf(place, key);
      const call = { operation: "read", name } as const;
      calls.push(call);
      const decided = fate(call);
      await pause();
      if (decided === "killed-before" || decided === "killed-after") throw new Killed();
      if (decided !== "answered") return { type: "unreachable", reason: "no answer" };
      const version = latest(name);
      await pause();
      return version === undefined
        ? { type: "missing" }
        : { type: "found", body: JSON.parse(version.text) as unknown, etag: version.etag };
    },
    replace(place, key, body, etag) {
      const name = nameOf(place, key);
      return write({ operation: "replace", name }, () => {
        const present = latest(name);
        // Our adapter does not tell 404 apart: whoever reads again finds the key missing.
        if (present === undefined) return { type: "unknown", reason: "NoSuchKey" };
        return present.etag === etag ? { type: "written", etag: add(name, body).etag } : { type: "conflict" };
      });
    },
    create(place, key, body) {
      const name = nameOf(place, key);
      return write({ operation: "create", name }, () =>
        latest(name) === undefined ? { type: "written", etag: add(name, body).etag } : { type: "conflict" },
      );
    },
  };
};
