import type { ApiModel } from "./api-model.ts";

/**
 * Errors that every service may answer with; the models do not list them.
 * https://docs.aws.amazon.com/awssupport/latest/APIReference/CommonErrors.html
 */
const COMMON = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "InternalFailure",
  "InternalServerError",
  "InvalidClientTokenId",
  "InvalidParameterCombination",
  "InvalidParameterValue",
  "MissingParameter",
  "NotAuthorized",
  "OptInRequired",
  "RequestExpired",
  "RequestLimitExceeded",
  "ServiceUnavailable",
  "SignatureDoesNotMatch",
  "Throttling",
  "ThrottlingException",
  "UnrecognizedClientException",
  "ValidationError",
  "ValidationException",
]);

/**
 * S3 documents its errors for the service and not by operation.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
 */
const S3 = new Set([
  "ConditionalRequestConflict",
  "InternalError",
  "InvalidArgument",
  "InvalidBucketState",
  "InvalidObjectState",
  "InvalidRequest",
  "MalformedXML",
  "MethodNotAllowed",
  "NoSuchBucket",
  "NoSuchKey",
  "NoSuchObjectLockConfiguration",
  "NoSuchVersion",
  "NotFound",
  "NotImplemented",
  "NotModified",
  "ObjectLockConfigurationNotFoundError",
  "PermanentRedirect",
  "PreconditionFailed",
  "ReplicationConfigurationNotFoundError",
  "SlowDown",
]);

/** Why an operation may not answer with that error; undefined when it may. */
export const checkError = (
  model: ApiModel,
  service: string,
  operation: string,
  error: string,
): string | undefined => {
  if (COMMON.has(error) || (service === "s3" && S3.has(error))) return undefined;
  if (model.operations[operation]?.errors?.includes(error) === true) return undefined;
  return model.shapes[error]?.exception === true
    ? `${error} is not documented for ${operation}`
    : `${error} is no error of ${service}`;
};
