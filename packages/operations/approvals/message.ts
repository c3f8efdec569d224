import type { Answer, Question } from "@lifeboat/recovery/approvals";

/**
 * What an answer is signed for. The AWS CLI puts the text into a header that is part of the signature, so that a proof is
 * good for one answer to one question, and for nothing else.
 */
export const purposeOf = ({ question }: Pick<Question, "question">, answer: Answer): string =>
  `lifeboat.${question}.${answer}`;

/** `lifeboat-spacelift-decide` */
const decideFunction = ({ workload }: Pick<Question, "workload">): string => `lifeboat-${workload}-decide`;

/** Prints a proof, with the AWS CLI alone and without any permission: docs/adr/0007. */
export const proofCommand = (question: Pick<Question, "question" | "region">, answer: Answer): string =>
  `aws eks get-token --region ${question.region} --cluster-name ${purposeOf(question, answer)} --query status.token --output text`;

/** One line for a shell. Everything in it is ours: names of AWS, ids without special characters. */
export const answerCommand = (question: Question, answer: Answer): string =>
  [
    `aws lambda invoke --region ${question.region} --function-name ${decideFunction(question)}`,
    "--cli-binary-format raw-in-base64-out",
    `--payload '{"workload":"${question.workload}","question":"${question.question}","answer":"${answer}","why":"say why here","proof":"'"$(${proofCommand(question, answer)})"'"}'`,
    "/dev/stdout",
  ].join(" ");

const people = (count: number): string => (count === 1 ? "one person" : `${count} different people`);

/** How many it takes, in words. */
export const neededInWords = ({ kind, needed, allowed }: Question): string =>
  kind === "approval"
    ? `An approval takes ${people(needed)}; a rejection takes one and ends it.`
    : `Each answer takes one person${allowed.includes("override") ? `; an override takes ${people(needed)}` : ""}. An abort goes before everything else.`;

/** ISO time to the second. */
export const instant = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

const deadlineInWords = ({ expiresAtMs, endsUnanswered }: Question): string =>
  endsUnanswered
    ? `Answer before ${instant(expiresAtMs)}; after that the execution ends without having acted further.`
    : `Answer before ${instant(expiresAtMs)}; after that the phase is tried again, and you are asked again if it does not succeed.`;

/**
 * The message to people: what, why, what is lost, and how to answer. It carries no secret that answers by itself: the link
 * shows, the command signs with the reader's own credentials.
 */
export const messageOf = (
  question: Question,
  by: readonly string[],
  link: string | null,
): { readonly subject: string; readonly text: string } => {
  const so = by.length === 0 ? [] : [`Approved by ${by.join(" and by ")}, and another person has to.`];
  return {
    subject: `${question.workload}: ${question.kind} needed, ${question.phase}`,
    text: [
      question.asked,
      "",
      `Why: ${question.reason}`,
      `What is lost: ${question.loss}`,
      ...so,
      neededInWords(question),
      deadlineInWords(question),
      "",
      "Answer from a shell with the AWS CLI and credentials of your own (CloudShell will do). Paste one line:",
      ...question.allowed.flatMap((answer) => ["", `${answer}:`, answerCommand(question, answer)]),
      "",
      ...(link === null
        ? []
        : [`Look at it, and answer with a signature that a shell has printed: ${link}`, ""]),
      `Execution: ${question.execution}`,
      `Question: ${question.question}`,
      `Plan: ${question.planHash}, epoch ${question.epoch}`,
    ].join("\n"),
  };
};
