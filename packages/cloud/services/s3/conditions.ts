import { AwsError } from "../../kernel/service.ts";
import type { ObjectVersion } from "./bucket.ts";

const unquoted = (etag: string): string => etag.trim().replace(/^W\//, "").replaceAll('"', "");

const matches = (given: string, etag: string): boolean =>
  given.split(",").some((one) => one.trim() === "*" || unquoted(one) === unquoted(etag));

const preconditionFailed = (condition: string): AwsError =>
  new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412, {
    Condition: condition,
  });

/** 404 for a key that has no current version. */
export const noSuchKey = (key: string): AwsError =>
  new AwsError("NoSuchKey", "The specified key does not exist.", 404, { Key: key });

export interface WriteConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}

/**
 * Conditional writes: `If-None-Match: *` wants no current version (a delete marker on top counts as none); `If-Match`
 * wants the current version's entity tag, 404 where there is no current version.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export const checkWrite = (
  { IfMatch, IfNoneMatch }: WriteConditions,
  key: string,
  current: ObjectVersion | undefined,
): void => {
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch !== "*") {
      throw new AwsError(
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
        501,
      );
    }
    if (current !== undefined) throw preconditionFailed("If-None-Match");
  }
  if (IfMatch !== undefined) {
    if (current === undefined) throw noSuchKey(key);
    if (!matches(IfMatch, current.etag)) throw preconditionFailed("If-Match");
  }
};

/** Answered when another write of the key came between the check and the commit. */
export const conditionalConflict = (): AwsError =>
  new AwsError(
    "ConditionalRequestConflict",
    "The conditional request cannot succeed due to a conflicting operation against this resource.",
    409,
  );

export interface ReadConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

/**
 * Conditional reads, in RFC 7232's order of precedence.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export const checkRead = (conditions: ReadConditions, version: ObjectVersion): void => {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  // HTTP dates have whole seconds.
  const modifiedMs = Math.floor(version.lastModifiedMs / 1000) * 1000;
  if (IfMatch !== undefined) {
    if (!matches(IfMatch, version.etag)) throw preconditionFailed("If-Match");
  } else if (IfUnmodifiedSince !== undefined && modifiedMs > IfUnmodifiedSince.getTime()) {
    throw preconditionFailed("If-Unmodified-Since");
  }
  const isUnmodified =
    IfNoneMatch === undefined
      ? IfModifiedSince !== undefined && modifiedMs <= IfModifiedSince.getTime()
      : matches(IfNoneMatch, version.etag);
  if (isUnmodified) throw new AwsError("NotModified", "Not Modified", 304);
};
