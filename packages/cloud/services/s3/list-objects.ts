import type {
  ListObjectVersionsCommandInput,
  ListObjectVersionsCommandOutput,
  ListObjectsV2CommandInput,
  ListObjectsV2CommandOutput,
} from "@aws-sdk/client-s3";
import type { Call } from "../../kernel/service.ts";
import type { ObjectVersion } from "./bucket.ts";
import type { Store } from "./store.ts";

const MAX_KEYS = 1000;

/** S3 orders keys by their UTF-8 bytes. */
const byBytes = (left: string, right: string): number =>
  Buffer.compare(Buffer.from(left), Buffer.from(right));

/** The part of a key up to the delimiter after the prefix; undefined when the key has none. */
const commonPrefix = (key: string, prefix: string, delimiter: string | undefined): string | undefined => {
  if (delimiter === undefined || delimiter === "") return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end === -1 ? undefined : key.slice(0, end + delimiter.length);
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const listObjectsV2 =
  (s3: Store) =>
  (input: ListObjectsV2CommandInput, { region }: Call): Omit<ListObjectsV2CommandOutput, "$metadata"> => {
    const bucket = s3.bucketAt(input.Bucket, region);
    const { Prefix: prefix = "", Delimiter: delimiter, MaxKeys: maxKeys = MAX_KEYS } = input;
    const token = input.ContinuationToken;
    const after = token === undefined ? (input.StartAfter ?? "") : Buffer.from(token, "base64").toString();
    const limit = Math.min(maxKeys, MAX_KEYS);
    const contents: ObjectVersion[] = [];
    const prefixes = new Set<string>();
    let last = after;
    let isTruncated = false;
    for (const key of [...bucket.objects.keys()].sort(byBytes)) {
      const version = bucket.objects.get(key)?.[0];
      if (version === undefined || version.isDeleteMarker || !key.startsWith(prefix)) continue;
      const group = commonPrefix(key, prefix, delimiter);
      // A page may have ended with a whole group; its keys must not come again.
      const position = group ?? key;
      if (byBytes(position, after) <= 0) continue;
      if (group !== undefined && prefixes.has(group)) continue;
      if (contents.length + prefixes.size === limit) {
        isTruncated = true;
        break;
      }
      if (group === undefined) contents.push(version);
      else prefixes.add(group);
      last = position;
    }
    return {
      Name: bucket.name,
      Prefix: prefix,
      MaxKeys: maxKeys,
      KeyCount: contents.length + prefixes.size,
      IsTruncated: isTruncated,
      ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
      ...(token === undefined ? {} : { ContinuationToken: token }),
      ...(input.StartAfter === undefined ? {} : { StartAfter: input.StartAfter }),
      ...(isTruncated ? { NextContinuationToken: Buffer.from(last).toString("base64") } : {}),
      ...(prefixes.size === 0 ? {} : { CommonPrefixes: [...prefixes].map((Prefix) => ({ Prefix })) }),
      Contents: contents.map((version) => ({
        Key: version.key,
        LastModified: new Date(version.lastModifiedMs),
        ETag: version.etag,
        Size: version.body.byteLength,
        StorageClass: "STANDARD",
      })),
    };
  };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html (without delimiter) */
export const listObjectVersions =
  (s3: Store) =>
  (
    input: ListObjectVersionsCommandInput,
    { region }: Call,
  ): Omit<ListObjectVersionsCommandOutput, "$metadata"> => {
    const bucket = s3.bucketAt(input.Bucket, region);
    const {
      Prefix: prefix = "",
      MaxKeys: maxKeys = MAX_KEYS,
      KeyMarker: keyMarker,
      VersionIdMarker: idMarker,
    } = input;
    const all = [...bucket.objects.keys()]
      .filter((key) => key.startsWith(prefix))
      .sort(byBytes)
      .flatMap((key) =>
        (bucket.objects.get(key) ?? []).map((version, index) => ({ version, isLatest: index === 0 })),
      );
    const isAfterMarker = ({ version }: (typeof all)[number], index: number): boolean => {
      if (keyMarker === undefined) return true;
      const order = byBytes(version.key, keyMarker);
      if (order !== 0 || idMarker === undefined) return order > 0;
      return (
        index >
        all.findIndex(({ version: { key, versionId } }) => key === keyMarker && versionId === idMarker)
      );
    };
    const rest = all.filter(isAfterMarker);
    const page = rest.slice(0, Math.min(maxKeys, MAX_KEYS));
    const last = page.at(-1)?.version;
    const isTruncated = page.length < rest.length;
    const entry = ({ version, isLatest }: (typeof all)[number]) => ({
      Key: version.key,
      VersionId: version.versionId,
      IsLatest: isLatest,
      LastModified: new Date(version.lastModifiedMs),
    });
    return {
      Name: bucket.name,
      Prefix: prefix,
      MaxKeys: maxKeys,
      IsTruncated: isTruncated,
      ...(keyMarker === undefined ? {} : { KeyMarker: keyMarker }),
      ...(idMarker === undefined ? {} : { VersionIdMarker: idMarker }),
      ...(isTruncated && last !== undefined
        ? { NextKeyMarker: last.key, NextVersionIdMarker: last.versionId }
        : {}),
      Versions: page
        .filter(({ version }) => !version.isDeleteMarker)
        .map((item) => ({
          ...entry(item),
          ETag: item.version.etag,
          Size: item.version.body.byteLength,
          StorageClass: "STANDARD" as const,
        })),
      DeleteMarkers: page.filter(({ version }) => version.isDeleteMarker).map(entry),
    };
  };
