import { AwsError } from "@lifeboat/cloud/kernel/service";
import type { Call } from "@lifeboat/cloud/kernel/service";
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

const NAMES = ["anna", "bert"] as const;

interface Question {
  readonly region: string;
  readonly token: string;
  readonly kind: "approval" | "hold";
  readonly execution: string;
}

const readQuestion = (region: string, message: string): Question | undefined => {
  const token = /--task-token (\S+)/.exec(message)?.[1];
  const execution = /^Execution: (\S+)$/m.exec(message)?.[1];
  if (token === undefined || execution === undefined) return undefined;
  return { region, token, execution, kind: message.includes("retry, skip, abort") ? "hold" : "approval" };
};

/**
 * Puts a crew on duty: approvals are given, holds are retried and after a dozen times aborted. While `sleeps`, nobody
 * answers.
 */
export const startCrew = (lab: Lab, sleeps: () => boolean): Crew => {
  const { cloud } = lab;
  const { clock } = cloud.world;
  const random = cloud.world.random.stream("crew");
  const asked = new Map<string, number>();
  let read = 0;
  let onDuty = true;

  const answer = ({ region, token, kind, execution }: Question): void => {
    const times = (asked.get(execution) ?? 0) + 1;
    asked.set(execution, times);
    const who = NAMES[times % NAMES.length] ?? NAMES[0];
    const action = kind === "approval" ? "approve" : times > PATIENCE ? "abort" : "retry";
    const send = cloud.sfn.operations["SendTaskSuccess"] as unknown as (
      input: { taskToken: string; output: string },
      call: Pick<Call, "region">,
    ) => unknown;
    try {
      send(
        { taskToken: token, output: JSON.stringify({ action, who, why: "the crew on duty" }) },
        { region },
      );
    } catch (error) {
      // Too late, or answered before: the notice came twice, or its token has expired.
      if (!(error instanceof AwsError)) throw error;
    }
  };
  const answerLater = (question: Question): void => {
    const attempt = (): void => {
      if (!onDuty) return;
      if (sleeps() || cloud.world.network.isControlLost(question.region)) {
        clock.after(LOOK_EVERY_MS, attempt);
        return;
      }
      answer(question);
    };
    clock.after(random.integer(LEAST_MS, MOST_MS), attempt);
  };
  const look = (): void => {
    if (!onDuty) return;
    const { messages } = cloud.sns;
    for (; read < messages.length; read++) {
      const message = messages[read];
      const question = message === undefined ? undefined : readQuestion(message.region, message.message);
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
