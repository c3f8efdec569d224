import * as z from "zod/mini";
import { respond } from "./answer-page/respond.ts";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { approvals, basics } from "./runtime/ports.ts";
import { variable } from "./runtime/runtime.ts";

/** What Lambda hands over for a function URL: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
const urlEvent = z.object({
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
  rawQueryString: z.string(),
  body: z.optional(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
});

/** The page that a signed link opens: GET shows a question, POST takes an answer with a proof of who gives it. */
export const approvalPage = defineFunction({
  name: "approval-page",
  input: urlEvent,
  run: async ({ requestContext, rawQueryString, body = "", isBase64Encoded }, { runtime, logger }) => {
    const place = { region: runtime.connection.region, bucket: variable(runtime, "plansBucket") };
    const text = isBase64Encoded === true ? Buffer.from(body, "base64").toString("utf8") : body;
    const reply = await respond(
      { ...basics(runtime), ...approvals(runtime) },
      place,
      variable(runtime, "workload"),
      {
        method: requestContext.http.method,
        query: new URLSearchParams(rawQueryString),
        form: new URLSearchParams(text),
      },
    );
    logger.info(reply.said, { method: requestContext.http.method, status: reply.statusCode });
    return { statusCode: reply.statusCode, headers: reply.headers, body: reply.body };
  },
});

export const handler = onLambda(approvalPage);
