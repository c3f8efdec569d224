import { answerQuestion, readQuestion, type ReadQuestion } from "../answer-question.ts";
import type { Lab } from "../create-lab.ts";

/** The people on duty: they answer what the control plane asks, after a while. */
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

const NAMES = ["anna", "bert"] as const;

export interface CrewOptions {
  /** True: nobody answers now. Told of the execution that asks. */
  readonly sleeps: (execution: string) => boolean;
  /** True: an operation of AWS is under way that never ends. */
  readonly isEndless: () => boolean;
}

/**
 * Puts a crew on duty: approvals are given, holds are retried and after a dozen times aborted. What waits for AWS without end is
 * retried once and then left as it is.
 */
export const startCrew = (lab: Lab, { sleeps, isEndless }: CrewOptions): Crew => {
  const { cloud } = lab;
  const { clock } = cloud.world;
  const random = cloud.world.random.stream("crew");
  const asked = new Map<string, number>();
  const heldFor = new Map<string, Set<string>>();
  let read = 0;
  let onDuty = true;

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
    const answer = question.kind === "approval" ? "approve" : times > PATIENCE ? "abort" : "retry";
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
  const look = (): void => {
    if (!onDuty) return;
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
