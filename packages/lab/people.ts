import { createLedgerStore } from "@lifeboat/aws/s3-ledger";
import type { Connection } from "@lifeboat/aws/connection";
import { createExecutions } from "@lifeboat/aws/step-functions";
import type { Call } from "@lifeboat/cloud/kernel/service";
import { deployedName, machineArn } from "@lifeboat/control-plane/names";
import { setKillSwitch } from "@lifeboat/operations/ledger/set-kill-switch";
import { siteNamed } from "@lifeboat/recovery/plan";
import type { Lab } from "./create-lab.ts";

/** What people do in a scenario, by the same means as in a real account. Each needs the clock to run. */
export interface People {
  /** Starts the failover machine at a site, as in the console. Answers the execution's ARN. */
  readonly startFailover: (site: string, input: unknown) => Promise<string>;
  readonly setKillSwitch: (on: boolean, why: string) => Promise<void>;
  /** Answers the newest question that was asked by notice and not answered yet. Throws when there is none. */
  readonly answer: (answer: Readonly<Record<string, unknown>>) => Promise<void>;
  /** Questions that wait for an answer, as the notices put them. */
  readonly questions: () => readonly string[];
}

interface Question {
  readonly region: string;
  readonly token: string;
  readonly text: string;
}

export const createPeople = (lab: Lab): People => {
  const { plan, cloud } = lab;
  const ids = cloud.world.random.stream("people");
  const answered = new Set<string>();
  let started = 0;

  const connectionTo = (region: string): Connection => ({
    region,
    credentials: { accessKeyId: "AKIALIFEBOATLAB00001", secretAccessKey: "simulated" },
    requestHandler: ({ timeoutMs }) =>
      cloud.connect({ region, timeoutMs, origin: { place: region, principal: "operator" } }),
  });
  const open = (): readonly Question[] =>
    cloud.sns.messages
      .filter(({ topicArn }) => topicArn.endsWith(deployedName(plan.workload, "notices")))
      .flatMap(({ message, region }) => {
        const token = /--task-token (\S+)/.exec(message)?.[1];
        return token === undefined || answered.has(token) ? [] : [{ region, token, text: message }];
      });

  return {
    async startFailover(siteName, input) {
      const { region } = siteNamed(plan, siteName);
      const machine = machineArn(plan.account, region, plan.workload, "failover");
      started += 1;
      const name = `person-${started}`;
      await createExecutions(connectionTo(region)).start(machine, name, input);
      return `${machine.replace(":stateMachine:", ":execution:")}:${name}`;
    },
    async setKillSwitch(on, why) {
      const ledger = createLedgerStore(connectionTo(plan.witness.region), cloud.world.clock);
      await setKillSwitch({ ledger, ids: { next: () => ids.uuid() } }, plan, { on, by: "an operator", why });
    },
    async answer(answer) {
      const question = open().at(-1);
      if (question === undefined) throw new Error("nobody has asked anything");
      const { region, token } = question;
      const send = cloud.sfn.operations["SendTaskSuccess"] as unknown as (
        input: { taskToken: string; output: string },
        call: Pick<Call, "region">,
      ) => unknown;
      send({ taskToken: token, output: JSON.stringify(answer) }, { region });
      answered.add(token);
      return Promise.resolve();
    },
    questions: () => open().map(({ text }) => text),
  };
};
