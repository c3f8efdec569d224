import { createLedgerStore } from "@lifeboat/aws/s3-ledger";
import { createExecutions } from "@lifeboat/aws/step-functions";
import { deployedName, machineArn } from "@lifeboat/control-plane/names";
import { setKillSwitch } from "@lifeboat/operations/ledger/set-kill-switch";
import { siteNamed } from "@lifeboat/recovery/plan";
import { answerQuestion, readQuestion, type PersonsAnswer, type ReadQuestion } from "./answer-question.ts";
import type { Lab } from "./create-lab.ts";

/** What people do in a scenario, by the same means as in a real account. Each needs the clock to run. */
export interface People {
  /** Starts the failover machine at a site, as in the console. Answers the execution's ARN. */
  readonly startFailover: (site: string, input: unknown) => Promise<string>;
  readonly setKillSwitch: (on: boolean, why: string) => Promise<void>;
  /**
   * Answers the newest question that was asked by notice and not answered since, or the newest of all. Throws when there
   * is none, and when the answer was not taken, with what was said.
   */
  readonly answer: (answer: PersonsAnswer) => Promise<void>;
  /** Questions that wait for an answer, as the notices put them. */
  readonly questions: () => readonly ReadQuestion[];
}

export const createPeople = (lab: Lab): People => {
  const { plan, cloud } = lab;
  const ids = cloud.world.random.stream("people");
  /** How many of the messages had come when a question was last answered: a later one asks again. */
  const answeredAt = new Map<string, number>();
  let started = 0;

  const asked = (): readonly { readonly question: ReadQuestion; readonly index: number }[] =>
    cloud.sns.messages.flatMap((message, index) => {
      if (!message.topicArn.endsWith(deployedName(plan.workload, "notices"))) return [];
      const question = readQuestion(message);
      return question === undefined ? [] : [{ question, index }];
    });
  const open = (): readonly ReadQuestion[] =>
    asked()
      .filter(({ question, index }) => index >= (answeredAt.get(question.question) ?? 0))
      .map(({ question }) => question);

  return {
    async startFailover(siteName, input) {
      const { region } = siteNamed(plan, siteName);
      const machine = machineArn(plan.account, region, plan.workload, "failover");
      started += 1;
      const name = `person-${started}`;
      await createExecutions(lab.connections.ofOperator(region)).start(machine, name, input);
      return `${machine.replace(":stateMachine:", ":execution:")}:${name}`;
    },
    async setKillSwitch(on, why) {
      const ledger = createLedgerStore(lab.connections.ofOperator(plan.witness.region), cloud.world.clock);
      await setKillSwitch({ ledger, ids: { next: () => ids.uuid() } }, plan, { on, by: "an operator", why });
    },
    async answer(answer) {
      const question = open().at(-1) ?? asked().at(-1)?.question;
      if (question === undefined) throw new Error("nobody has asked anything");
      const messages = cloud.sns.messages.length;
      const { accepted, said } = await answerQuestion(lab, question, answer);
      if (!accepted) throw new Error(`the answer was not taken: ${said}`);
      answeredAt.set(question.question, messages);
    },
    questions: open,
  };
};
