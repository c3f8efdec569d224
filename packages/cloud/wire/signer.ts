import type { SigningKeys } from "../kernel/access.ts";
import { AwsError, type AssumedSession, type Origin } from "../kernel/service.ts";
import type { World } from "../kernel/world.ts";

const CREDENTIAL = /Credential=(?<key>[^/]+)\//;

/** The keys that a request says it is signed with. Signatures are not computed: a token that nobody can guess stands for them. */
export const keysIn = (headers: Readonly<Record<string, string>>): SigningKeys | undefined => {
  const accessKeyId = CREDENTIAL.exec(headers["authorization"] ?? "")?.groups?.["key"];
  return accessKeyId === undefined
    ? undefined
    : { accessKeyId, sessionToken: headers["x-amz-security-token"] };
};

/** Whose temporary keys they are; undefined: the principal's own. */
export const signerOf = (
  { access }: World,
  service: string,
  keys: SigningKeys | undefined,
): AssumedSession | AwsError | undefined =>
  keys === undefined ? undefined : access.session?.(service, keys);

export const signedBy = (origin: Origin, signer: AssumedSession | AwsError | undefined): Origin =>
  signer === undefined || signer instanceof AwsError ? origin : { ...origin, session: signer };
