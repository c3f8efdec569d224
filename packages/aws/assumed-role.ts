import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { RecoveryError } from "@lifeboat/recovery/errors";
import { doesIdentityRequireRefresh, isIdentityExpired, memoizeIdentityProvider } from "@smithy/core";
import type { AwsCredentialIdentityProvider } from "@smithy/types";
import { settingsFor, type Connection } from "./connection.ts";
import { failureOf, isPassing } from "./failures.ts";

/** A role of another account, as somebody assumes it. */
export interface AssumedRole {
  /** Its ARN. */
  readonly role: string;
  readonly externalId: string;
  /** The session's name, which CloudTrail of that account shows. */
  readonly session: string;
}

/** STS's least, which is enough: the SDK assumes the role again five minutes before the end. */
const SESSION_SECONDS = 900;

/** Beside the call that waits for it, within the shortest time that a function has. */
const LIMITS = { timeoutMs: 2000, attempts: 2 };

/** Errors of STS that say who has to mend what: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const advice: Readonly<Record<string, string>> = {
  AccessDenied:
    "check that the role exists, and that its trust policy names this function's role and asks for the external id of the plan's `access`: `lifeboat access PLAN` prints what it has to be",
  RegionDisabledException: "the workload's account has turned STS off in this region: turn it on",
};

/** Without STS's own words: they may quote the request. */
const refusal = (error: unknown, role: string): RecoveryError => {
  const failure = failureOf(error);
  const what = `AssumeRole of ${role}: ${failure.name}`;
  return isPassing(failure)
    ? new RecoveryError("AwsUnavailable", `${what}: STS did not give credentials now`)
    : new RecoveryError(
        "AwsRejected",
        `${what}: ${advice[failure.name] ?? "STS will not give credentials for this request"}`,
      );
};

/**
 * Asked of STS in the function's own region, by the SDK's own provider. Left to itself it would ask in the region that the
 * caller's client is for, which may be the one that is lost. https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html
 */
const credentialsFor = (
  connection: Connection,
  { role, externalId, session }: AssumedRole,
): AwsCredentialIdentityProvider => {
  const { credentials: own, ...clientConfig } = settingsFor(connection, connection.region, LIMITS);
  const provide = fromTemporaryCredentials({
    params: {
      RoleArn: role,
      RoleSessionName: session,
      ExternalId: externalId,
      DurationSeconds: SESSION_SECONDS,
    },
    clientConfig,
    ...(own === undefined ? {} : { masterCredentials: own }),
  });
  const credentials = memoizeIdentityProvider(
    async () => {
      try {
        return await provide();
      } catch (error) {
        throw refusal(error, role);
      }
    },
    isIdentityExpired,
    doesIdentityRequireRefresh,
  );
  if (credentials === undefined) throw new Error("the SDK keeps no credentials without a provider");
  return () => credentials();
};

interface Entered {
  readonly key: string;
  readonly connection: Connection;
}

const entered = new WeakMap<object, Entered>();

/**
 * A connection like this one whose clients act as the role. Credentials are kept by container, for one session: another
 * recovery acts under another name. Containers share none: one that dies while it waits for STS keeps no other waiting. Calls throw `AwsUnavailable` where STS gives no
 * credentials now, and `AwsRejected` where it refuses them; neither message has the external id.
 */
export const assumeRole = (
  connection: Connection,
  assumed: AssumedRole,
  /** Stands for the container, whatever object it is. */
  container: object,
): Connection => {
  const key = JSON.stringify([assumed.role, assumed.externalId, assumed.session]);
  const known = entered.get(container);
  if (known?.key === key) return known.connection;
  const fresh = { ...connection, credentials: credentialsFor(connection, assumed) };
  entered.set(container, { key, connection: fresh });
  return fresh;
};
