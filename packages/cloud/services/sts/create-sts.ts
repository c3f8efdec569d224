import type { HostHandler } from "../../kernel/fabric.ts";
import type { World } from "../../kernel/world.ts";
import type { HttpReply } from "../../kernel/http.ts";
import type { ServiceModel } from "../../kernel/service.ts";
import { createAssumedRoles } from "./assume-role.ts";
import { credentialIn, signatureOf } from "./signed-request.ts";

/** A principal with long-lived or temporary keys. */
export interface SimulatedPrincipal {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly arn: string;
  /** `AIDA…` of a user; `AROA…:session` of a role's session. */
  readonly userId: string;
  readonly account: string;
}

/** STS: who signed a request for the caller's identity, and roles that are assumed. */
export interface StsModel extends ServiceModel {
  addPrincipal(principal: SimulatedPrincipal): void;
  /** Whose identity was told, and what it was signed for, in order of time. */
  readonly told: readonly ToldIdentity[];
}

export interface ToldIdentity {
  readonly atMs: number;
  readonly arn: string;
  readonly userId: string;
  readonly account: string;
  /** `x-k8s-aws-id`, which `aws eks get-token` signs with the name that it was given; undefined: it was not signed. */
  readonly purpose: string | undefined;
}

const SIGNED_FOR_MS = 15 * 60_000;
const SKEW_MS = 5 * 60_000;
const PURPOSE_HEADER = "x-k8s-aws-id";

/** `20261121T044941Z` */
const dateMs = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));

const failed = (status: number, code: string, message: string): HttpReply => ({
  status,
  body: JSON.stringify({ Error: { Code: code, Message: message, Type: "Sender" } }),
});

/**
 * `GetCallerIdentity` of regional endpoints, for requests that are signed in their query:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html. No permission is needed, and a denial has
 * no effect. `X-Amz-Expires` is kept to, though the real STS takes a request for a quarter of an hour whatever it says:
 * harder for whoever signs.
 */
export const createSts = (world: World): StsModel => {
  const principals = new Map<string, SimulatedPrincipal>();
  const told: ToldIdentity[] = [];
  const ids = world.random.stream("sts-request-ids");

  const answer =
    (region: string): HostHandler =>
    ({ method, url, headers }) => {
      const { searchParams } = url;
      if (searchParams.get("Action") !== "GetCallerIdentity") {
        return failed(400, "InvalidAction", "Could not find operation for version 2011-06-15");
      }
      const credential = credentialIn(url);
      const signature = searchParams.get("X-Amz-Signature");
      if (credential === undefined || signature === null) {
        return failed(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
      }
      const principal = principals.get(credential.accessKeyId);
      if (principal === undefined) {
        return failed(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
      }
      const [date = "", scopeRegion, service] = credential.scope.split("/");
      const signed = searchParams.get("X-Amz-Date") ?? "";
      const isScoped = scopeRegion === region && service === "sts" && signed.startsWith(date);
      if (!isScoped || signatureOf({ method, url, headers }, principal.secretAccessKey) !== signature) {
        return failed(
          403,
          "SignatureDoesNotMatch",
          "The request signature we calculated does not match the signature you provided.",
        );
      }
      const ageMs = world.clock.nowMs() - dateMs(signed);
      const validMs = Math.min(SIGNED_FOR_MS, Number(searchParams.get("X-Amz-Expires") ?? "0") * 1000);
      if (!(ageMs >= -SKEW_MS && ageMs <= validMs))
        return failed(403, "SignatureDoesNotMatch", "Signature expired");
      const { arn, userId, account } = principal;
      const isSigned = (searchParams.get("X-Amz-SignedHeaders") ?? "").split(";").includes(PURPOSE_HEADER);
      const purpose = isSigned ? headers[PURPOSE_HEADER] : undefined;
      told.push({ atMs: world.clock.nowMs(), arn, userId, account, purpose });
      return {
        status: 200,
        body: JSON.stringify({
          GetCallerIdentityResponse: {
            GetCallerIdentityResult: { Account: account, Arn: arn, UserId: userId },
            ResponseMetadata: { RequestId: ids.uuid() },
          },
        }),
      };
    };

  for (const region of world.regions)
    world.fabric.listen(`sts.${region}.amazonaws.com`, region, answer(region));
  const roles = createAssumedRoles(world);
  world.access.session = roles.sessionOf;
  return {
    service: roles.service,
    operations: roles.operations,
    addPrincipal: (principal) => void principals.set(principal.accessKeyId, principal),
    told,
  };
};
