import type { Call } from "../kernel/service.ts";
import type { RequestContext } from "./condition.ts";

const headers: Readonly<Record<string, readonly (readonly [member: string, key: string])[]>> = {
  "s3.PutObject": [
    ["IfMatch", "s3:if-match"],
    ["IfNoneMatch", "s3:if-none-match"],
  ],
};

/**
 * What AWS tells every policy of a call, and the headers of some. Keys are lower-case. Everything on the simulated wire is
 * taken for HTTPS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export const contextOfCall = (service: string, { operation, input }: Call): RequestContext => ({
  "aws:securetransport": "true",
  ...Object.fromEntries(
    (headers[`${service}.${operation}`] ?? []).flatMap(([member, key]) => {
      const value = input[member];
      return typeof value === "string" ? [[key, value]] : [];
    }),
  ),
});
