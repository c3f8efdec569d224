import { ANYBODY } from "../../kernel/access.ts";
import { AwsError } from "../../kernel/service.ts";
import type { HostHandler } from "../../kernel/fabric.ts";
import type { World } from "../../kernel/world.ts";
import type { HttpReply } from "../../kernel/http.ts";
import type { InvocationResult } from "./function-error.ts";

export interface FunctionUrlOptions {
  readonly region: string;
  readonly functionName: string;
}

type Invoke = (region: string, reference: string, payload: unknown) => Promise<InvocationResult>;

interface UrlAnswer {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** What a function answers is taken as it is where it names a status, and otherwise as a body of JSON. */
const replyOf = (payload: unknown): HttpReply => {
  const answer = payload as UrlAnswer | string | null;
  if (typeof answer !== "object" || answer?.statusCode === undefined) {
    return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(payload) };
  }
  const { statusCode, headers = {}, body = "", isBase64Encoded = false } = answer;
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body,
  };
};

/**
 * Addresses of functions, with `AuthType` `NONE`: anybody may call whom the function's policy lets. Payload format 2.0, bodies of forms in base64:
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export const createFunctionUrls = (
  world: World,
  invoke: Invoke,
): ((options: FunctionUrlOptions) => string) => {
  const random = world.random.stream("function-urls");
  // Both, since October 2025: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
  const isRefused = (region: string, functionName: string): boolean =>
    [
      ["lambda:InvokeFunctionUrl", { "lambda:functionurlauthtype": "NONE" }] as const,
      ["lambda:InvokeFunction", { "lambda:invokedviafunctionurl": "true" }] as const,
    ].some(
      ([action, context]) =>
        world.access.ask?.({
          principal: ANYBODY,
          service: "lambda",
          action,
          resource: `arn:aws:lambda:${region}:${world.accountId}:function:${functionName}`,
          context,
        }) !== undefined,
    );
  return ({ region, functionName }) => {
    const id = random.hex(32);
    const host = `${id}.lambda-url.${region}.on.aws`;
    const handler: HostHandler = async ({ method, url, headers, body }) => {
      const atMs = world.clock.nowMs();
      const event = {
        version: "2.0",
        routeKey: "$default",
        rawPath: url.pathname,
        rawQueryString: url.search.slice(1),
        headers: { ...headers, host },
        ...(url.search === "" ? {} : { queryStringParameters: Object.fromEntries(url.searchParams) }),
        requestContext: {
          accountId: "anonymous",
          apiId: id,
          domainName: host,
          domainPrefix: id,
          http: {
            method,
            path: url.pathname,
            protocol: "HTTP/1.1",
            sourceIp: "192.0.2.1",
            userAgent: headers["user-agent"] ?? "",
          },
          requestId: random.uuid(),
          routeKey: "$default",
          stage: "$default",
          time: new Date(atMs).toUTCString(),
          timeEpoch: atMs,
        },
        ...(body === "" ? {} : { body: Buffer.from(body).toString("base64") }),
        isBase64Encoded: body !== "",
      };
      if (isRefused(region, functionName))
        return { status: 403, body: JSON.stringify({ Message: "Forbidden" }) };
      try {
        const result = await invoke(region, functionName, event);
        if (result.type === "lost") return await new Promise<never>(() => undefined);
        return result.type === "failed"
          ? { status: 502, body: "Internal Server Error" }
          : replyOf(result.payload);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return { status: error.status === 429 ? 429 : 502, body: "Internal Server Error" };
      }
    };
    world.fabric.listen(host, region, handler);
    return `https://${host}/`;
  };
};
