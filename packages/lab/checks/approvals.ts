import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import type { ToldIdentity } from "@lifeboat/cloud/services/sts/create-sts";
import { dataLoss } from "@lifeboat/cloud/client/judge";
import { siteNamed, type RecoveryPlan } from "@lifeboat/recovery/plan";
import { callsOf, firstPromotionsIn, keyOf } from "./acts.ts";
import { tenuresIn } from "./epoch-at-every-act.ts";
import type { Checker, Evidence, ExecutionEvidence } from "./evidence.ts";
import { isOrdered, verdictsIn } from "./read-execution.ts";
import { isLossKnown } from "./rpo-guard.ts";

/** A question as people read it in a message. */
export interface Asked {
  readonly question: string;
  readonly execution: string;
  readonly planHash: string;
  readonly epoch: number;
  readonly atMs: number;
}

/** Every question that was put to people. */
export const questionsIn = ({ notices }: Pick<Evidence, "notices">): readonly Asked[] =>
  notices.flatMap(({ message, atMs }) => {
    const question = /^Question: (\S+)$/m.exec(message)?.[1];
    const execution = /^Execution: (\S+)$/m.exec(message)?.[1];
    const [, planHash, epoch] = /^Plan: (\S+), epoch (\d+)$/m.exec(message) ?? [];
    return question === undefined || execution === undefined || planHash === undefined
      ? []
      : [{ question, execution, planHash, epoch: Number(epoch), atMs }];
  });

const isLike = (arn: string, pattern: string): boolean =>
  new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join(".*")}$`,
  ).test(arn);

/** Who stands behind a signature; undefined: nobody whose word counts. Named sessions are persons, other roles are one each. */
const personBehind = (plan: RecoveryPlan, { arn, userId, account }: ToldIdentity): string | undefined => {
  const { approvers } = plan.decision;
  const [, role] = /:assumed-role\/([^/]+)\//.exec(arn) ?? [];
  if (account !== plan.account || role?.startsWith("lifeboat-") === true) return undefined;
  if (role === undefined && !arn.includes(":user/")) return undefined;
  if (approvers.length > 0 && !approvers.some((pattern) => isLike(arn, pattern))) return undefined;
  const isNamed = role === undefined || approvers.length > 0 || role.startsWith("AWSReservedSSO_");
  return isNamed ? arn.slice(arn.lastIndexOf("/") + 1).toLowerCase() : userId.split(":")[0];
};

/** The plan that the call was made by: the one that its execution had read last. */
const planBehind = (evidence: Evidence, call: WireRecord): string | undefined => {
  const prefix = `${evidence.plan.workload}/plans/`;
  const read = callsOf(evidence, call.origin.execution).findLast(
    (record) =>
      record.endedAtMs <= call.atMs &&
      record.operation === "GetObject" &&
      String(keyOf(record)).startsWith(prefix),
  );
  return read === undefined
    ? undefined
    : String(keyOf(read))
        .slice(prefix.length)
        .replace(/\.json$/, "");
};

/** How many different people the plan wants before a promotion, judged by how it was ordered and by what it really lost. */
const neededFor = (evidence: Evidence, execution: ExecutionEvidence, promotion: WireRecord): number => {
  const { approvals, mode } = evidence.plan.decision;
  const ordered = isOrdered(execution);
  // An order itself stands for one person where the plan wants no more.
  const counted = (persons: number): number => (ordered && persons <= 1 ? 0 : persons);
  return Math.max(
    isLossy(evidence, execution, promotion) ? counted(approvals.lossy) : 0,
    ordered || mode === "approval" ? counted(approvals.usual) : 0,
  );
};

const isLossy = (evidence: Evidence, { arn }: ExecutionEvidence, promotion: WireRecord): boolean => {
  const { plan, rows, survived, claims, records } = evidence;
  const { lossLimitMs } = plan.decision;
  const record = records.find(({ body }) => body.execution === arn && body.outcome === "recovered")?.body;
  const saysSo = record !== undefined && (record.rpo === null || record.rpo.maxMs > lossLimitMs);
  if (saysSo || !isLossKnown(evidence, promotion)) return true;
  const claim = claims.findLast(({ body }) => body.holder?.execution === arn);
  const from = claim?.body.holder?.from;
  if (record === undefined || claim === undefined || from === undefined) return false;
  const { region } = siteNamed(plan, from);
  const sinceMs =
    claims.findLast(({ body, atMs }) => body.activeSite !== from && atMs < promotion.atMs)?.atMs ?? 0;
  const left = rows.filter(
    ({ sentAtMs, outcome }) =>
      outcome.type === "acknowledged" &&
      outcome.region === region &&
      sentAtMs > sinceMs &&
      sentAtMs < promotion.atMs,
  );
  return dataLoss(left, survived).spanMs.min > lossLimitMs;
};

/**
 * Approvals (invariant 14): where the plan wants people before a promotion, so many different people had signed for it
 * before, by what STS said of their signatures; each for a question that was put to people in a message, of this very
 * execution, of the plan that it then acted by, and of the epoch that it followed; and none of them, nor anybody else, had
 * signed a rejection of that question. The kill switch is a checker of its own.
 */
export const approvals: Checker = (evidence) => {
  const asked = questionsIn(evidence);
  const signedFor = (
    execution: string,
    answer: string,
    isFor: (question: Asked) => boolean,
    beforeMs: number,
  ): number => {
    const persons = asked
      .filter((question) => question.execution === execution && isFor(question))
      .map(({ question, atMs }) => {
        const given = (what: string) =>
          evidence.signatures.filter(
            (signature) =>
              signature.purpose === `lifeboat.${question}.${what}` &&
              signature.atMs >= atMs &&
              signature.atMs <= beforeMs,
          );
        const yes = given(answer);
        const lastMs = yes.at(-1)?.atMs ?? 0;
        if (["reject", "abort"].some((no) => given(no).some((signature) => signature.atMs < lastMs)))
          return 0;
        return new Set(
          yes.map((signature) => personBehind(evidence.plan, signature)).filter((one) => one !== undefined),
        ).size;
      });
    return Math.max(0, ...persons);
  };
  return firstPromotionsIn(evidence).flatMap((promotion) => {
    const execution = evidence.executions.find(({ arn }) => arn === promotion.origin.execution);
    const tenure = tenuresIn(evidence).find(
      ({ execution: holder, fromMs, untilMs }) =>
        holder === execution?.arn && promotion.atMs >= fromMs && promotion.atMs < untilMs,
    );
    if (execution === undefined || tenure === undefined) return [];
    const hash = planBehind(evidence, promotion);
    const isBound = ({ planHash, epoch }: Asked): boolean =>
      planHash === hash && (epoch === tenure.epoch - 1 || epoch === tenure.epoch);
    const said = (needed: number, signed: number, what: string) =>
      signed >= needed
        ? []
        : [
            {
              invariant: "approvals",
              message: `${execution.arn} promoted with ${signed} of ${needed} people who had signed ${what} of this execution, plan and epoch`,
              atMs: promotion.atMs,
            },
          ];
    const needed = neededFor(evidence, execution, promotion);
    const overridden = verdictsIn(execution).some(({ verdict }) => verdict === "override");
    return [
      ...said(needed, signedFor(execution.arn, "approve", isBound, promotion.atMs), "for it in a question"),
      ...(overridden
        ? said(
            evidence.plan.decision.approvals.lossy,
            signedFor(execution.arn, "override", isBound, promotion.atMs),
            "for going on without proof in a hold",
          )
        : []),
    ];
  });
};
