import { createHash } from "node:crypto";
import { instant, neededInWords, proofCommand } from "@lifeboat/operations/approvals/message";
import type { AnswerRecord, Question } from "@lifeboat/recovery/approvals";

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For text and for attributes in quotes alike. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => escapes[one] ?? "");

const STYLE =
  "body{font:18px/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem;color:#111;background:#fff}" +
  "h1{font-size:1.3rem}dt{font-weight:700;margin-top:.8rem}dd{margin:0;overflow-wrap:anywhere}" +
  "code{display:block;font-size:.8rem;background:#eee;padding:.6rem;overflow-wrap:anywhere;user-select:all}" +
  "fieldset{border:1px solid #999;margin:1rem 0;padding:.8rem}label{display:block;margin:.6rem 0}" +
  "input[type=text],textarea{width:100%;box-sizing:border-box;font:inherit;padding:.5rem}" +
  "button{font:inherit;padding:.8rem 1.4rem;width:100%}.no{color:#a00}" +
  "@media(prefers-color-scheme:dark){body{color:#eee;background:#111}code{background:#333}.no{color:#f88}}";

/** Nothing from elsewhere, no script, no frame around it, forms to itself alone; no copy kept, no address passed on. */
export const HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex",
};

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(title)}</title><style>${STYLE}</style></head><body><h1>${escaped(title)}</h1>${body}</body></html>`;

/** A page that only says something. */
export const plainPage = (title: string, text: string): string => page(title, `<p>${escaped(text)}</p>`);

const item = (name: string, text: string): string => `<dt>${escaped(name)}</dt><dd>${escaped(text)}</dd>`;

const form = (question: Question, action: string): string => {
  const choice = (answer: string): string =>
    `<label><input type="radio" name="answer" value="${escaped(answer)}" required> ${escaped(answer)}</label>`;
  const proofs = question.allowed.map(
    (answer) => `<p>for ${escaped(answer)}:</p><code>${escaped(proofCommand(question, answer))}</code>`,
  );
  return [
    `<form method="post" action="${escaped(action)}">`,
    `<fieldset><legend>Your answer</legend>${question.allowed.map(choice).join("")}</fieldset>`,
    `<label>Why <input type="text" name="why" required maxlength="1000" autocomplete="off"></label>`,
    `<p>Say who you are: run the line of your answer in a shell with credentials of your own, and paste within a minute what it prints. It is good for this answer alone.</p>`,
    ...proofs,
    `<label>What it printed <textarea name="proof" rows="4" required maxlength="8192" autocomplete="off" spellcheck="false"></textarea></label>`,
    `<button type="submit">Answer</button></form>`,
  ].join("");
};

/** What is asked, who has answered so far, and, while it is open and the plan names approvers, how to answer. */
export const questionPage = (view: {
  readonly question: Question;
  readonly records: readonly AnswerRecord[];
  readonly isOver: boolean;
  /** Where the form is sent: the same link. */
  readonly action: string;
  /** What became of an answer that was just given. */
  readonly notice: { readonly ok: boolean; readonly text: string } | null;
}): string => {
  const { question, records, isOver, action, notice } = view;
  const said = records.map(({ answer, principal, why }) => `${answer} by ${principal.arn} (${why})`);
  const closing = isOver
    ? "<p>It has been answered, or its time is over.</p>"
    : question.approvers.length === 0
      ? "<p>The plan names no approvers: answer from a shell, with the line in the message.</p>"
      : form(question, action);
  return page(
    `${question.workload}: ${question.kind} needed`,
    [
      notice === null
        ? ""
        : `<p role="status"${notice.ok ? "" : ' class="no"'}><strong>${escaped(notice.text)}</strong></p>`,
      `<p>${escaped(question.asked)}</p><dl>`,
      item("Why", question.reason),
      item("What is lost", question.loss),
      item("Who has to agree", neededInWords(question)),
      item("Answers so far", said.length === 0 ? "none" : said.join("; ")),
      item("Answer before", instant(question.expiresAtMs)),
      item("Execution", question.execution),
      item("Plan and epoch", `${question.planHash}, ${question.epoch}`),
      "</dl>",
      closing,
    ].join(""),
  );
};
