import { RecoveryError } from "@lifeboat/recovery/errors";
import { answers, type AnswerRecord, type Question } from "@lifeboat/recovery/approvals";
import type { LedgerPlace, Ports } from "../ports.ts";

/**
 * The papers of a question, in the ledger's bucket of the site that asks, below `<workload>/approvals/<question>/`:
 * `question.json` (with the key of its links), `answers/<person>.<answer>.json`, `wake/…` (task tokens), `told/…` (what
 * people were told) and `verdict.json`. Each is created once, on the condition that it is not there, and never changed.
 */
type Papers = Pick<Ports, "ledger" | "approvals">;

/** What is kept beside the question itself, and never shown to anybody. */
export interface KeptQuestion extends Question {
  readonly linkKey: string;
}

const QUESTION_ID = /^[A-Za-z0-9_~-]{1,300}\.\d{1,5}\.[0-9a-z]{1,12}$/;

/** Ids come from outside as well; what is none must not become part of a key. */
export const isQuestionId = (text: string): boolean => QUESTION_ID.test(text);

/** An execution's name has characters that keys, links and shells do not like. */
const plainName = (execution: string): string =>
  execution
    .slice(execution.lastIndexOf(":") + 1)
    .replaceAll(/[^A-Za-z0-9_-]/g, (one) => `~${(one.codePointAt(0) ?? 0).toString(16)}-`);

/** Of one execution, its `number`th; `sinceMs` keeps it apart from an execution of that name a quarter of a year ago. */
export const questionId = (execution: string, number: number, sinceMs: number): string =>
  `${plainName(execution)}.${number}.${sinceMs.toString(36)}`;

const keyOf = (workload: string, question: string, paper: string): string =>
  `${workload}/approvals/${question}/${paper}`;

/** A person's id has colons and whatever a session may be called. */
const plainPerson = (person: string): string =>
  person.replaceAll(/[^A-Za-z0-9_-]/g, (one) => `~${(one.codePointAt(0) ?? 0).toString(16)}-`);

const readPaper = async ({ ledger }: Papers, place: LedgerPlace, key: string): Promise<unknown> => {
  const read = await ledger.read(place, key);
  if (read.type === "missing") return undefined;
  if (read.type === "found") return read.body;
  throw new RecoveryError(
    "LedgerUnreadable",
    `s3://${place.bucket}/${key} could not be read: ${read.reason}`,
  );
};

/**
 * Creates a paper, or finds that it is there. Answers the body that stands: ours, or what an earlier call (or another
 * caller) wrote. Throws `LedgerUnreadable` where S3 gave no usable answer.
 */
const createPaper = async <Body>(
  papers: Papers,
  place: LedgerPlace,
  key: string,
  body: Body,
): Promise<{ readonly standing: Body; readonly isOurs: boolean }> => {
  const written = await papers.ledger.create(place, key, body);
  if (written.type === "written") return { standing: body, isOurs: true };
  const standing = await readPaper(papers, place, key);
  if (standing !== undefined && standing !== null) return { standing: standing as Body, isOurs: false };
  throw new RecoveryError(
    "LedgerUnreadable",
    `s3://${place.bucket}/${key} could not be written: ${written.type === "unknown" ? written.reason : "a conflict with nothing there"}`,
  );
};

/** The question as it was first put: a repeat of the call does not change what people have read. */
export const openQuestion = async (
  papers: Papers,
  place: LedgerPlace,
  question: KeptQuestion,
): Promise<KeptQuestion> =>
  (await createPaper(papers, place, keyOf(question.workload, question.question, "question.json"), question))
    .standing;

/** Null: there is no such question here. */
export const readQuestion = async (
  papers: Papers,
  place: LedgerPlace,
  workload: string,
  question: string,
): Promise<KeptQuestion | null> =>
  isQuestionId(question)
    ? (((await readPaper(papers, place, keyOf(workload, question, "question.json"))) as
        | KeptQuestion
        | null
        | undefined) ?? null)
    : null;

/** Keeps a record; one that this person wrote before stands. */
export const keepAnswer = async (
  papers: Papers,
  place: LedgerPlace,
  record: AnswerRecord,
): Promise<AnswerRecord> => {
  const name = `answers/${plainPerson(record.person)}.${record.answer}.json`;
  return (await createPaper(papers, place, keyOf(record.workload, record.question, name), record)).standing;
};

const isRecord = (body: unknown): body is AnswerRecord => {
  const record = body as Partial<AnswerRecord> | null | undefined;
  return (
    typeof record === "object" &&
    record !== null &&
    answers.some((answer) => answer === record.answer) &&
    typeof record.principal?.arn === "string" &&
    typeof record.principal.userId === "string" &&
    typeof record.atMs === "number"
  );
};

/** Every record of a question; what is none is passed over, for it binds nobody. */
export const readAnswers = async (
  papers: Papers,
  place: LedgerPlace,
  { workload, question }: Pick<Question, "workload" | "question">,
): Promise<readonly AnswerRecord[]> => {
  const keys = await papers.approvals.keys(place, keyOf(workload, question, "answers/"));
  const bodies = await Promise.all(keys.map((key) => readPaper(papers, place, key)));
  return bodies.filter(isRecord);
};

/** What a question came to, once it has: the first verdict stands. */
export const keepVerdict = async <Verdict>(
  papers: Papers,
  place: LedgerPlace,
  { workload, question }: Pick<Question, "workload" | "question">,
  verdict: Verdict,
): Promise<Verdict> =>
  (await createPaper(papers, place, keyOf(workload, question, "verdict.json"), verdict)).standing;

/** Undefined: it is open. */
export const readVerdict = (
  papers: Papers,
  place: LedgerPlace,
  { workload, question }: Pick<Question, "workload" | "question">,
): Promise<unknown> => readPaper(papers, place, keyOf(workload, question, "verdict.json"));

/** Keeps the token that ends the machine's present wait. It is a bell and no more: nobody believes what is sent with it. */
export const keepToken = async (
  papers: Papers,
  place: LedgerPlace,
  question: Question,
  attempt: number,
  id: string,
  token: string,
): Promise<void> => {
  const name = `wake/${String(attempt).padStart(6, "0")}-${id}.json`;
  await createPaper(papers, place, keyOf(question.workload, question.question, name), { token });
};

/** A state that was retried has several tokens; only the last is of use. */
const TOKENS = 3;

/** Ends the machine's present wait, so that it counts now. Not being heard is no failure: the machine looks by itself. */
export const wakeMachine = async (
  papers: Papers,
  place: LedgerPlace,
  { workload, question }: Pick<Question, "workload" | "question">,
): Promise<void> => {
  const keys = await papers.approvals.keys(place, keyOf(workload, question, "wake/"));
  const last = keys.toSorted().slice(-TOKENS);
  const tokens = await Promise.all(last.map((key) => readPaper(papers, place, key)));
  for (const kept of tokens as readonly ({ readonly token?: string } | null | undefined)[])
    if (kept?.token !== undefined) await papers.approvals.wake(kept.token);
};

const toldKey = ({ workload, question }: Question, counted: number): string =>
  keyOf(workload, question, `told/${counted}.json`);

export const wasTold = async (
  papers: Papers,
  place: LedgerPlace,
  question: Question,
  counted: number,
): Promise<boolean> => (await readPaper(papers, place, toldKey(question, counted))) !== undefined;

export const keepTold = async (
  papers: Papers,
  place: LedgerPlace,
  question: Question,
  counted: number,
): Promise<void> => void (await createPaper(papers, place, toldKey(question, counted), { counted }));
