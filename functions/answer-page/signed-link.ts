import { createHmac, timingSafeEqual } from "node:crypto";
import type { KeptQuestion } from "@lifeboat/operations/approvals/question-papers";

/**
 * Links are signed with a key that is the question's own: it is made with the question, lies beside it in the ledger's
 * bucket, and opens nothing else. A link shows; it names nobody, for whoever has read the message has it.
 */
const sealOf = ({ linkKey, workload, question }: KeptQuestion, expires: string): Buffer =>
  createHmac("sha256", linkKey).update(`lifeboat/show/${workload}/${question}/${expires}`).digest();

/** The address of the page for one question, good until the question is over. */
export const signedLink = (page: string, kept: KeptQuestion): string => {
  const expires = String(Math.floor(kept.expiresAtMs / 1000));
  const query = new URLSearchParams({
    q: kept.question,
    e: expires,
    s: sealOf(kept, expires).toString("base64url"),
  });
  return `${page}${page.endsWith("/") ? "" : "/"}?${query.toString()}`;
};

/** `expired` is said only of a link that was good once. */
export const checkLink = (
  query: URLSearchParams,
  kept: KeptQuestion,
  nowMs: number,
): "good" | "expired" | "bad" => {
  const expires = query.get("e") ?? "";
  const given = Buffer.from(query.get("s") ?? "", "base64url");
  const due = sealOf(kept, expires);
  if (given.length !== due.length || !timingSafeEqual(given, due)) return "bad";
  return nowMs <= Number(expires) * 1000 ? "good" : "expired";
};
