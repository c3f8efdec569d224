import type { AssumeRoleRequest, AssumeRoleResponse } from "@aws-sdk/client-sts";
import type { SigningKeys } from "../../kernel/access.ts";
import { AwsError, type AssumedSession, type Call, type ServiceModel } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";

interface Given {
  readonly session: AssumedSession;
  readonly token: string;
  readonly untilMs: number;
}

const SHORTEST_SECONDS = 900;
const LONGEST_SECONDS = 43_200;
/** What a role allows that nobody has configured otherwise, and the most that a role may have that assumes another one. */
const HOUR_SECONDS = 3600;

/** Lengths and patterns of STS's own model. */
const members: Readonly<
  Record<string, { readonly least: number; readonly most: number; readonly pattern: RegExp }>
> = {
  RoleArn: { least: 20, most: 2048, pattern: /^[\t\n\r -~\u0085\u00A0-\uFFFF]+$/ },
  RoleSessionName: { least: 2, most: 64, pattern: /^[\w+=,.@-]*$/ },
  ExternalId: { least: 2, most: 1224, pattern: /^[\w+=,.@:/-]*$/ },
};

/** Session policies, tags and MFA: nobody here uses them, and to ignore them would be to allow too much. */
const MODELLED = new Set([...Object.keys(members), "DurationSeconds"]);

const invalid = (message: string): AwsError => new AwsError("ValidationError", message, 400);

const violated = (member: string, value: unknown, constraint: string): AwsError =>
  invalid(
    `1 validation error detected: Value '${String(value)}' at '${member.charAt(0).toLowerCase()}${member.slice(1)}' failed to satisfy constraint: Member must ${constraint}`,
  );

const check = (input: AssumeRoleRequest): void => {
  const given = input as unknown as Readonly<Record<string, unknown>>;
  const strange = Object.keys(given).filter((name) => given[name] !== undefined && !MODELLED.has(name));
  if (strange.length > 0)
    throw new AwsError("NotSimulated", `AssumeRole with ${strange.join(", ")} is not simulated`, 501);
  for (const [name, { least, most, pattern }] of Object.entries(members)) {
    const value = given[name];
    if (value === undefined && name === "ExternalId") continue;
    if (typeof value !== "string") throw violated(name, null, "not be null");
    if (value.length < least) throw violated(name, value, `have length greater than or equal to ${least}`);
    if (value.length > most) throw violated(name, value, `have length less than or equal to ${most}`);
    if (!pattern.test(value))
      throw violated(name, value, `satisfy regular expression pattern: ${pattern.source}`);
  }
  if (!/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(input.RoleArn ?? ""))
    throw invalid(`${input.RoleArn} is invalid`);
};

/** Everybody who calls here acts in a role already: people through theirs, functions through Lambda's. */
const checkDuration = (seconds: number): void => {
  if (seconds < SHORTEST_SECONDS)
    throw violated("DurationSeconds", seconds, `have value greater than or equal to ${SHORTEST_SECONDS}`);
  if (seconds > LONGEST_SECONDS)
    throw violated("DurationSeconds", seconds, `have value less than or equal to ${LONGEST_SECONDS}`);
  if (seconds > HOUR_SECONDS)
    throw invalid(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
};

/** How each service says that a token is over: the query protocols and S3 by a shorter code than those of JSON. */
const expired = (service: string): AwsError => {
  const message = "The security token included in the request is expired";
  if (service === "s3") return new AwsError("ExpiredToken", "The provided token has expired.", 400);
  return ["auto-scaling", "cloudwatch", "rds", "sns", "sts"].includes(service)
    ? new AwsError("ExpiredToken", message, 403)
    : new AwsError("ExpiredTokenException", message, 400);
};

export interface AssumedRoles extends ServiceModel {
  /** The session that keys belong to; an error for keys that nobody was given, or no longer holds. */
  readonly sessionOf: (service: string, keys: SigningKeys) => AssumedSession | AwsError | undefined;
}

/**
 * `AssumeRole` of the regional endpoints: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html. Whether the caller
 * may, and whether the role's trust policy lets it, is IAM's to say before this is asked: a role that does not exist is
 * refused there, with the same words. Sessions of another role last an hour at most:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
 */
export const createAssumedRoles = (world: World): AssumedRoles => {
  const given = new Map<string, Given>();
  const roleIds = new Map<string, string>();
  const random = world.random.stream("sts-credentials");
  const letters = (length: number): string => random.hex(length).toUpperCase();

  const assumeRole = (input: AssumeRoleRequest, _call: Call): AssumeRoleResponse => {
    check(input);
    const { RoleArn: role = "", RoleSessionName: name = "" } = input;
    const seconds = input.DurationSeconds ?? HOUR_SECONDS;
    checkDuration(seconds);
    const account = role.split(":")[4] ?? "";
    const roleId = roleIds.get(role) ?? `AROA${letters(17)}`;
    roleIds.set(role, roleId);
    const session: AssumedSession = {
      role,
      account,
      arn: `arn:aws:sts::${account}:assumed-role/${role.split("/").at(-1)}/${name}`,
      userId: `${roleId}:${name}`,
    };
    const accessKeyId = `ASIA${letters(16)}`;
    const token = random.hex(200);
    // STS tells whole seconds.
    const untilMs = Math.floor((world.clock.nowMs() + seconds * 1000) / 1000) * 1000;
    given.set(accessKeyId, { session, token, untilMs });
    return {
      Credentials: {
        AccessKeyId: accessKeyId,
        SecretAccessKey: random.hex(40),
        SessionToken: token,
        Expiration: new Date(untilMs),
      },
      AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
    };
  };

  return {
    service: "sts",
    operations: { AssumeRole: assumeRole },
    sessionOf(service, { accessKeyId, sessionToken }) {
      if (!accessKeyId.startsWith("ASIA")) return undefined;
      const known = given.get(accessKeyId);
      if (known === undefined || known.token !== sessionToken)
        return new AwsError(
          "InvalidClientTokenId",
          "The security token included in the request is invalid.",
          403,
        );
      return world.clock.nowMs() >= known.untilMs ? expired(service) : known.session;
    },
  };
};
