/**
 * What people are asked, what they answered, and what their answers amount to. Pure: who signed an answer was proven before
 * its record was written, and whoever counts reads the records, never what somebody says about them.
 */
export type QuestionKind = "approval" | "hold";

export const answers = ["approve", "reject", "retry", "skip", "abort", "override"] as const;
export type Answer = (typeof answers)[number];

/** What binds an answer: one question of one execution, with one plan, in one epoch of the ledger. */
export interface Binding {
  readonly workload: string;
  readonly execution: string;
  readonly planHash: string;
  readonly epoch: number;
  /** The question's id, unique in the workload. */
  readonly question: string;
}

/** A question as it was put; written once, never changed. */
export interface Question extends Binding {
  readonly kind: QuestionKind;
  readonly phase: string;
  readonly region: string;
  /** What is asked, why, and what is lost by it, as people read it. */
  readonly asked: string;
  readonly reason: string;
  readonly loss: string;
  /** The loss that an approval of this question accepts; null: none is asked for. */
  readonly acceptsLossMs: number | "any" | null;
  readonly allowed: readonly Answer[];
  /** How many different people it takes for `approve` and for `override`; everything else takes one. */
  readonly needed: number;
  readonly account: string;
  /** Patterns of the ARNs of those who may answer; none: see {@link personOf}. */
  readonly approvers: readonly string[];
  readonly expiresAtMs: number;
  /** What no answer in time means: the execution ends; or the phase is tried again, for nothing else goes on with it by itself. */
  readonly endsUnanswered: boolean;
}

/** Who signed, as AWS says it: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export interface Identity {
  readonly arn: string;
  readonly userId: string;
  readonly account: string;
}

/** One answer of one person to one question; written once, never changed. */
export interface AnswerRecord extends Binding {
  readonly answer: Answer;
  readonly why: string;
  /** What is counted; see {@link personOf}. */
  readonly person: string;
  readonly principal: Identity;
  readonly via: "invoke" | "page";
  readonly atMs: number;
}

/** From these phases on a step may be left out; fencing and promotion may not. */
const skippable: ReadonlySet<string> = new Set([
  "start-services",
  "verify-standby",
  "shift-traffic",
  "restart-workers",
  "verify-workload",
]);

/**
 * `override`: to go on without proof that the old primary has stopped, which is decided in the claim and nowhere else; and not where
 * an execution only finishes a move (`finishesMove`), whose promotion has that proof behind it.
 */
export const answersFor = (kind: QuestionKind, phase: string, finishesMove = false): readonly Answer[] =>
  kind === "approval"
    ? ["approve", "reject"]
    : [
        "retry",
        ...(skippable.has(phase) ? (["skip"] as const) : []),
        ...(phase === "claim" && !finishesMove ? (["override"] as const) : []),
        "abort",
      ];

/** `*` stands for anything, as in IAM; everything else for itself. */
const matches = (pattern: string, text: string): boolean => {
  const [first = "", ...rest] = pattern.split("*");
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const [index, part] of rest.entries()) {
    const isLast = index === rest.length - 1;
    const found = isLast && part !== "" ? text.length - part.length : text.indexOf(part, from);
    if (found < from || text.slice(found, found + part.length) !== part) return false;
    from = found + part.length;
  }
  return rest.length > 0 || from === text.length;
};

const ASSUMED = /^arn:aws[\w-]*:sts::\d{12}:assumed-role\/([^/]+)\/(.+)$/;
/** Roles of IAM Identity Center: https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html */
const IDENTITY_CENTER = /^AWSReservedSSO_/;

export type Personhood =
  | { readonly type: "person"; readonly person: string }
  | { readonly type: "nobody"; readonly reason: string };

/**
 * Who counts as one person. An IAM user is one. Sessions of Identity Center's roles are named by Identity Center, so each
 * name is one person, in whichever permission set. The name of any other session is chosen by whoever assumes the role, so
 * all sessions of such a role are one, unless the plan's `approvers` list them: then the plan vouches that names are given
 * by somebody else (an identity provider, or a trust policy with `sts:RoleSessionName`). Root and federated users (their
 * names are chosen, too) are nobody.
 */
export const personOf = (
  { arn, userId, account }: Identity,
  question: Pick<Question, "account" | "approvers">,
): Personhood => {
  const nobody = (reason: string): Personhood => ({ type: "nobody", reason });
  if (account !== question.account) return nobody(`${arn} is of account ${account}, not ${question.account}`);
  const isListed = question.approvers.some((pattern) => matches(pattern, arn));
  if (question.approvers.length > 0 && !isListed)
    return nobody(`${arn} is not among the approvers that the plan names`);
  const [, role = "", session = ""] = ASSUMED.exec(arn) ?? [];
  if (role !== "") {
    if (role.startsWith("lifeboat-")) return nobody(`${arn} is a function of Lifeboat, not a person`);
    const isNamed = IDENTITY_CENTER.test(role) || isListed;
    // Upper and lower case are no two people.
    return {
      type: "person",
      person: isNamed ? `session:${session.toLowerCase()}` : `role:${userId.split(":")[0] ?? userId}`,
    };
  }
  return /:iam::\d{12}:user\//.test(arn)
    ? { type: "person", person: `user:${userId}` }
    : nobody(`${arn} is neither an IAM user nor the session of a role`);
};

/** An answer that came in time is written within this: longer than the functions that take answers may run. */
export const ANSWER_IN_FLIGHT_MS = 90_000;

export type Weighing =
  | { readonly type: "waiting"; readonly counted: number; readonly by: readonly string[] }
  | { readonly type: "expired"; readonly counted: number; readonly by: readonly string[] }
  | {
      readonly type: "answered";
      readonly answer: Answer;
      readonly counted: number;
      /** The ARNs of the people behind it, one each. */
      readonly by: readonly string[];
      readonly persons: number;
      readonly why: string;
    };

const isBound = (record: AnswerRecord, question: Question): boolean =>
  record.workload === question.workload &&
  record.execution === question.execution &&
  record.planHash === question.planHash &&
  record.epoch === question.epoch &&
  record.question === question.question &&
  record.principal.account === question.account &&
  question.allowed.includes(record.answer) &&
  record.atMs <= question.expiresAtMs;

/**
 * What the records amount to. A record counts only if it is bound to this very question and if its principal is a person by
 * today's reading, not by what the record says. One who said no (or abort) in addition to yes has said no. An abort or a
 * rejection by anybody wins; then as many different people as are needed; at a hold, then the first to have answered.
 */
export const weigh = (question: Question, records: readonly AnswerRecord[], nowMs: number): Weighing => {
  const counted = records
    .filter((record) => isBound(record, question))
    .flatMap((record) => {
      const who = personOf(record.principal, question);
      return who.type === "person" ? [{ ...record, person: who.person }] : [];
    })
    .toSorted((left, right) => left.atMs - right.atMs || (left.person < right.person ? -1 : 1));
  const given = (answer: Answer): readonly AnswerRecord[] => {
    const said = counted.filter((record) => record.answer === answer);
    return said.filter(
      ({ person }, index) => said.findIndex((earlier) => earlier.person === person) === index,
    );
  };
  const answered = (answer: Answer, by: readonly AnswerRecord[]): Weighing => ({
    type: "answered",
    answer,
    counted: counted.length,
    by: by.map(({ principal }) => principal.arn),
    persons: by.length,
    why: by.map(({ why }) => why).join("; "),
  });
  for (const no of ["reject", "abort"] as const) {
    const [first] = given(no);
    if (first !== undefined) return answered(no, [first]);
  }
  const consenting = given(question.kind === "approval" ? "approve" : "override");
  if (consenting.length > 0 && consenting.length >= question.needed)
    return answered(question.kind === "approval" ? "approve" : "override", consenting);
  const first = counted.find(({ answer }) => answer === "retry" || answer === "skip");
  if (first !== undefined) return answered(first.answer, [first]);
  const by = consenting.map(({ principal }) => principal.arn);
  // Not before what was taken in time can be read: somebody was told that it counts.
  const isOver = nowMs > question.expiresAtMs + ANSWER_IN_FLIGHT_MS;
  return { type: isOver ? "expired" : "waiting", counted: counted.length, by };
};
