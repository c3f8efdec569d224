import { askPeople } from "@lifeboat/operations/approvals/ask-people";
import * as z from "zod/mini";
import { signedLink } from "./answer-page/signed-link.ts";
import { announce } from "./runtime/announce.ts";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { expectedLoss, mandateBase } from "./runtime/step-input.ts";
import { approvals, notices } from "./runtime/ports.ts";
import { variableNames, type Runtime } from "./runtime/runtime.ts";
import { count, text } from "./runtime/shapes.ts";

const bring = (runtime: Runtime) => ({ ...approvals(runtime), ...notices(runtime) });

/**
 * Puts a question to people and leaves the machine waiting. The task token is kept in the ledger's bucket, not in the
 * message: it ends a wait and decides nothing.
 */
export const ask = defineFunction({
  name: "ask",
  input: z.strictObject({
    ...mandateBase,
    kind: z.enum(["approval", "hold"]),
    phase: z.string(),
    reason: z.string(),
    number: count,
    sinceMs: z.number(),
    endsUnanswered: z.boolean(),
    finishesMove: z.boolean(),
    needed: count,
    loss: z.nullable(expectedLoss),
    attempt: count,
    counted: count,
    token: text,
  }),
  run: async ({ planHash, workload, ...request }, tools) => {
    const { runtime, logger } = tools;
    // A stack whose account allows no public addresses has no page.
    const page = runtime.environment[variableNames.approvalPage];
    const context = await loadSiteContext(runtime, workload, planHash, bring);
    const asked = await askPeople(context, request, (kept) =>
      page === undefined ? null : signedLink(page, kept),
    );
    const { question, told } = asked;
    logger.info(told === "before" ? "waits on" : "asks", {
      kind: question.kind,
      phase: question.phase,
      question: question.question,
    });
    // Also where the message cannot be sent: whatever hooks in may reach people in another way.
    if (told !== "before") {
      const { execution, phase, reason, kind } = request;
      // Told once for each question and count of answers, as people are.
      const distinct = `${question.question}/${request.counted}`;
      await announce(
        tools,
        context,
        kind === "approval"
          ? { type: "lifeboat.recovery.approval-needed", execution, reason, distinct }
          : { type: "lifeboat.recovery.held", execution, phase, reason, distinct },
      );
    }
    // The machine tries again.
    if (asked.told === "failed") throw asked.why;
    return { question: question.question };
  },
});

export const handler = onLambda(ask);
