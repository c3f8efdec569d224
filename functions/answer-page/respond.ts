import {
  readAnswers,
  readQuestion,
  readVerdict,
  type KeptQuestion,
} from "@lifeboat/operations/approvals/question-papers";
import { takeAnswer, type Taken } from "@lifeboat/operations/approvals/take-answer";
import type { LedgerPlace, Ports } from "@lifeboat/operations/ports";
import { answers } from "@lifeboat/recovery/approvals";
import { HEADERS, plainPage, questionPage } from "./html.ts";
import { checkLink } from "./signed-link.ts";

export interface PageRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
}

export interface PageReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For the log: what happened, without anything that was sent. */
  readonly said: string;
}

const reply = (
  statusCode: number,
  body: string,
  said: string,
  headers: Readonly<Record<string, string>> = {},
): PageReply => ({ statusCode, headers: { ...HEADERS, ...headers }, body, said });

const statusOf: Readonly<Record<Extract<Taken, { type: "refused" }>["cause"], number>> = {
  "unknown-question": 404,
  over: 409,
  "not-allowed": 400,
  unproven: 403,
  "not-entitled": 403,
  later: 503,
};

const textOf = (form: URLSearchParams, name: string, longest: number): string =>
  (form.get(name) ?? "").trim().slice(0, longest);

type PagePorts = Pick<Ports, "ledger" | "approvals" | "clock">;

const show = async (
  ports: PagePorts,
  place: LedgerPlace,
  kept: KeptQuestion,
  query: URLSearchParams,
  notice: { readonly ok: boolean; readonly text: string } | null,
): Promise<string> => {
  const [records, verdict] = await Promise.all([
    readAnswers(ports, place, kept),
    readVerdict(ports, place, kept),
  ]);
  const isOver = verdict !== undefined || ports.clock.nowMs() > kept.expiresAtMs;
  return questionPage({ question: kept, records, isOver, action: `?${query.toString()}`, notice });
};

const answer = async (
  ports: PagePorts,
  place: LedgerPlace,
  kept: KeptQuestion,
  { query, form }: PageRequest,
): Promise<PageReply> => {
  const given = answers.find((one) => one === form.get("answer"));
  const why = textOf(form, "why", 1000);
  const proof = textOf(form, "proof", 8192);
  if (given === undefined || why === "" || proof === "") {
    const text = "Nothing was decided: an answer, a reason and what the shell printed are needed.";
    return reply(400, await show(ports, place, kept, query, { ok: false, text }), "incomplete");
  }
  const { workload, question } = kept;
  const taken = await takeAnswer(ports, place, {
    workload,
    question,
    answer: given,
    why,
    proof,
    via: "page",
  });
  if (taken.type === "refused") {
    const text = `Not taken: ${taken.reason}.`;
    const body = await show(ports, place, kept, query, { ok: false, text });
    return reply(statusOf[taken.cause], body, `refused: ${taken.cause}`);
  }
  const text = `Taken: ${given}, by ${taken.record.principal.arn}; ${taken.standing}.`;
  return reply(200, await show(ports, place, kept, query, { ok: true, text }), `answered: ${given}`);
};

const open = async (
  ports: PagePorts,
  place: LedgerPlace,
  workload: string,
  request: PageRequest,
): Promise<PageReply> => {
  const { method, query } = request;
  const kept = await readQuestion(ports, place, workload, query.get("q") ?? "");
  // A question that does not exist and a link that was tampered with look alike: nothing is there to be tried out.
  const link = kept === null ? "bad" : checkLink(query, kept, ports.clock.nowMs());
  if (kept === null || link === "bad") {
    return reply(
      404,
      plainPage(
        "Nothing here",
        "This link is not one of ours, or not whole. Copy it from the message again.",
      ),
      "bad link",
    );
  }
  if (link === "expired") {
    return reply(
      410,
      plainPage(
        "Too late",
        "The time to answer this question is over. If the execution asks again, the message has a new link.",
      ),
      "expired link",
    );
  }
  if (method === "POST") return answer(ports, place, kept, request);
  const body = await show(ports, place, kept, query, null);
  return reply(200, method === "HEAD" ? "" : body, "shown");
};

/**
 * Answers one request. GET and HEAD only show, for mail scanners follow links; POST decides, and takes a proof of who
 * decides: having the link says nothing about that.
 */
export const respond = async (
  ports: PagePorts,
  place: LedgerPlace,
  workload: string,
  request: PageRequest,
): Promise<PageReply> => {
  if (!["GET", "HEAD", "POST"].includes(request.method)) {
    const text = "This page is read with GET and answered with POST.";
    return reply(405, plainPage("Not that way", text), "method", { allow: "GET, HEAD, POST" });
  }
  try {
    return await open(ports, place, workload, request);
  } catch (error) {
    const name = error instanceof Error ? error.name : "Unknown";
    const text = "The question could not be read just now. Reload in a moment, or answer from a shell.";
    return reply(503, plainPage("In a moment", text), `failed: ${name}`, { "retry-after": "5" });
  }
};
