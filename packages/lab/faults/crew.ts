import { moveToFinish } from "@lifeboat/recovery/ledger";
import { siteNamed } from "@lifeboat/recovery/plan";
import { answerQuestion, readQuestion, type ReadQuestion } from "../answer-question.ts";
import type { Lab } from "../create-lab.ts";
import { createPeople } from "../people.ts";
import { claimOf } from "../claim-of.ts";

/** The people on duty: they answer what the control plane asks, after a while, and finish what was left. */
export interface Crew {
  stop(): void;
}

const LOOK_EVERY_MS = 15_000;
const LEAST_MS = 45_000;
const MOST_MS = 150_000;
/** A hold that comes back so often is given up. */
const PATIENCE = 12;
/** So many holds of an execution are answered while an operation never ends: then people know, and leave it to AWS. */
const PATIENCE_WITH_AWS = 1;
/** An answer that is not taken is given so often. */
const TRIES = 4;

/** Out of so many unfinished moves one is finished by two people at once. */
const TWICE_IN = 4;

const NAMES = ["anna", "bert"] as const;

export interface CrewOptions {
  /** True: nobody answers now. Told of the execution that asks. */
  readonly sleeps: (execution: string) => boolean;
  /** True: an operation of AWS is under way that never ends. */
  readonly isEndless: () => boolean;
  /** The first hold after the new site has become the active one is aborted; missing: as any other, it is retried. */
  readonly givesUp?: boolean | undefined;
}

/**
 * Puts a crew on duty: approvals are given, holds are retried and after a dozen times aborted. What waits for AWS without end is
 * retried once and then left as it is. A move that was left unfinished is finished: somebody starts the machine where it led to.
 */
export const startCrew = (lab: Lab, { sleeps, isEndless, givesUp = false }: CrewOptions): Crew => {
  const { cloud } = lab;
  const { clock } = cloud.world;
  const random = cloud.world.random.stream("crew");
  const asked = new Map<string, number>();
  const heldFor = new Map<string, Set<string>>();
  const people = createPeople(lab);
  let read = 0;
  let onDuty = true;
  let mayGiveUp = givesUp;
  let isStarting = false;

  /** Has the execution held before, with another question? */
  const heldTwice = ({ execution, question }: ReadQuestion): boolean => {
    const holds = heldFor.get(execution) ?? new Set();
    heldFor.set(execution, holds.add(question));
    return holds.size > PATIENCE_WITH_AWS;
  };

  const answerLater = (question: ReadQuestion): void => {
    const times = (asked.get(question.execution) ?? 0) + 1;
    asked.set(question.execution, times);
    if (question.kind === "hold" && isEndless() && heldTwice(question)) return;
    const who = NAMES[times % NAMES.length] ?? NAMES[0];
    const isTooMuch = times > PATIENCE || (mayGiveUp && isAfterActivation(lab, question));
    const answer = question.kind === "approval" ? "approve" : isTooMuch ? "abort" : "retry";
    if (answer === "abort") mayGiveUp = false;
    const via = times % 3 === 0 ? "page" : "invoke";
    let tries = 0;
    const again = (): void => void clock.after(LOOK_EVERY_MS, attempt);
    const attempt = (): void => {
      if (!onDuty) return;
      if (sleeps(question.execution) || cloud.world.network.isControlLost(question.region)) {
        again();
        return;
      }
      tries += 1;
      answerQuestion(lab, question, { who, answer, why: "the crew on duty", via }).then(
        // What was refused was answered before, or came too late; a region that stammers is tried again.
        ({ accepted }) => (accepted || tries >= TRIES ? undefined : again()),
        () => (tries >= TRIES ? undefined : again()),
      );
    };
    clock.after(random.integer(LEAST_MS, MOST_MS), attempt);
  };
  /** As who reads `lifeboat status`: it names a move that is unfinished, and how to finish it. */
  const finishLater = (): void => {
    if (isStarting || siteToFinish(lab) === undefined) return;
    isStarting = true;
    clock.after(random.integer(LEAST_MS, MOST_MS), () => {
      const site = siteToFinish(lab);
      const end = (): void => {
        isStarting = false;
      };
      if (!onDuty || site === undefined) {
        end();
        return;
      }
      const start = (): Promise<unknown> => people.startFailover(site, { workload: lab.plan.workload });
      // Now and then two people read the same line.
      const starts = random.integer(1, TWICE_IN) === 1 ? [start(), start()] : [start()];
      void Promise.allSettled(starts).then(end);
    });
  };

  const look = (): void => {
    if (!onDuty) return;
    finishLater();
    const { messages } = cloud.sns;
    for (; read < messages.length; read++) {
      const message = messages[read];
      const question = message === undefined ? undefined : readQuestion(message);
      if (question !== undefined) answerLater(question);
    }
    clock.after(LOOK_EVERY_MS, look);
  };
  look();
  return {
    stop() {
      onDuty = false;
    },
  };
};

const isAfterActivation = (lab: Lab, { kind, execution }: ReadQuestion): boolean => {
  const { activeSite, holder } = claimOf(lab);
  return kind === "hold" && holder?.execution === execution && holder.site === activeSite;
};

/** Where nobody works at a move that is noted as unfinished. */
const siteToFinish = (lab: Lab): string | undefined => {
  const claim = claimOf(lab);
  const { activeSite } = claim;
  if (claim.holder !== null || moveToFinish(claim, activeSite) === null) return undefined;
  const { plan, cloud } = lab;
  if (cloud.world.network.isControlLost(siteNamed(plan, activeSite).region)) return undefined;
  return [...cloud.sfn.executions.values()].some(({ state }) => state.status === "RUNNING")
    ? undefined
    : activeSite;
};
