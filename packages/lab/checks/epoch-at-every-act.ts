import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import { actsIn, nameOf } from "./acts.ts";
import type { Checker, Evidence, Violation } from "./evidence.ts";

interface Tenure {
  readonly execution: string;
  readonly epoch: number;
  readonly fromMs: number;
  /** When the ledger had another holder, or none. */
  readonly untilMs: number;
  /** Another execution had it up to then, and never let go of it. */
  readonly isTakenOver: boolean;
}

/** Lambda ends a function after this time, whatever it does; until then a step of whoever was overtaken may still act. */
const LONGEST_STEP_MS = 60_000;

/** Who held which epoch and when, as the ledger's own history tells. */
export const tenuresIn = ({ claims }: Pick<Evidence, "claims">): readonly Tenure[] => {
  const tenures: Tenure[] = [];
  for (const [index, { atMs, body }] of claims.entries()) {
    const before = claims[index - 1]?.body;
    const { holder, epoch } = body;
    if (holder === null || (before?.epoch === epoch && before.holder?.execution === holder.execution))
      continue;
    const end = claims
      .slice(index + 1)
      .find((later) => later.body.epoch !== epoch || later.body.holder?.execution !== holder.execution);
    tenures.push({
      execution: holder.execution,
      epoch,
      fromMs: atMs,
      untilMs: end?.atMs ?? Number.POSITIVE_INFINITY,
      isTakenOver: (before?.holder ?? null) !== null && before?.holder?.execution !== holder.execution,
    });
  }
  return tenures;
};

/**
 * Whoever acts holds the current epoch (invariant 2): each mutating call on behalf of an execution was sent between its
 * claim and the end of its tenure, and nothing that an earlier holder sent was still on its way when the next one acted. Who
 * takes over from a holder that never let go keeps quiet for as long as a step of that one could still be running. No two have held
 * one epoch: by it alone a step knows that it has been overtaken.
 */
export const epochAtEveryAct: Checker = (evidence) => {
  const tenures = tenuresIn(evidence);
  const acts = actsIn(evidence).filter(({ origin }) => origin.execution !== undefined);
  const violations: Violation[] = [];
  for (const act of acts) {
    const own = tenures.filter(({ execution }) => execution === act.origin.execution);
    if (own.some(({ fromMs, untilMs }) => act.atMs >= fromMs && act.atMs < untilMs)) continue;
    violations.push({
      invariant: "epoch-at-every-act",
      message: `${nameOf(act)} by ${act.origin.execution}, which ${own.length === 0 ? "never held an epoch" : "did not hold the epoch at that time"}`,
      atMs: act.atMs,
    });
  }
  return [...violations, ...sharedEpochs(tenures), ...lateActs(tenures, acts), ...hurriedActs(tenures, acts)];
};

const sharedEpochs = (tenures: readonly Tenure[]): readonly Violation[] =>
  tenures.flatMap(({ execution, epoch, fromMs }, index) => {
    const other = tenures.slice(0, index).find((earlier) => earlier.epoch === epoch)?.execution;
    return other === undefined || other === execution
      ? []
      : [
          {
            invariant: "epoch-at-every-act",
            message: `${execution} holds epoch ${epoch}, which ${other} has held`,
            atMs: fromMs,
          },
        ];
  });

const hurriedActs = (tenures: readonly Tenure[], acts: readonly WireRecord[]): readonly Violation[] =>
  tenures
    .filter(({ isTakenOver }) => isTakenOver)
    .flatMap(({ execution, epoch, fromMs }) =>
      acts
        .filter(
          ({ origin, atMs }) =>
            origin.execution === execution && atMs >= fromMs && atMs < fromMs + LONGEST_STEP_MS,
        )
        .map((act) => ({
          invariant: "epoch-at-every-act",
          message: `${nameOf(act)} by ${execution} ${act.atMs - fromMs} ms after it had taken epoch ${epoch} from a holder that never let go`,
          atMs: act.atMs,
        })),
    );

const lateActs = (tenures: readonly Tenure[], acts: readonly WireRecord[]): readonly Violation[] =>
  tenures.flatMap((tenure) => {
    const first = acts.find(
      ({ origin, atMs }) => origin.execution === tenure.execution && atMs >= tenure.fromMs,
    );
    if (first === undefined) return [];
    const earlier = new Set(
      tenures.filter(({ epoch }) => epoch < tenure.epoch).map(({ execution }) => execution),
    );
    earlier.delete(tenure.execution);
    return acts
      .filter(
        (act) =>
          earlier.has(act.origin.execution ?? "") && act.endedAtMs > first.atMs && act.atMs <= first.atMs,
      )
      .map((act) => ({
        invariant: "epoch-at-every-act",
        message: `${nameOf(act)} of an earlier holder was still on its way when ${tenure.execution} acted in epoch ${tenure.epoch}`,
        atMs: first.atMs,
      }));
  });
