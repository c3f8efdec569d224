import type { PublishedMessage } from "@lifeboat/cloud/services/sns/create-sns";
import type { SimulatedPrincipal } from "@lifeboat/cloud/services/sts/create-sts";
import { INTERNET } from "@lifeboat/cloud/kernel/network";
import { deployedName } from "@lifeboat/control-plane/names";
import type { Lab } from "./create-lab.ts";
import { signProof } from "./sign-proof.ts";

/** A question as a person finds it in a message; nothing else is known of it. */
export interface ReadQuestion {
  readonly region: string;
  readonly question: string;
  readonly execution: string;
  readonly kind: "approval" | "hold";
  /** The page that the message links to. */
  readonly link: string;
  readonly text: string;
}

/** Undefined: the message asks nothing. */
export const readQuestion = ({
  region,
  message,
}: Pick<PublishedMessage, "region" | "message">): ReadQuestion | undefined => {
  const question = /^Question: (\S+)$/m.exec(message)?.[1];
  const execution = /^Execution: (\S+)$/m.exec(message)?.[1];
  const link = /https:\/\/\S+\.on\.aws\/\S+/.exec(message)?.[0];
  if (question === undefined || execution === undefined || link === undefined) return undefined;
  const kind = /^approve:$/m.test(message) ? "approval" : "hold";
  return { region, question, execution, kind, link, text: message };
};

export interface PersonsAnswer {
  readonly who: string;
  readonly answer: string;
  readonly why: string;
  /** The command in the message, or its page. */
  readonly via?: "invoke" | "page";
}

/** `an operator` in the on-call permission set of Identity Center: the name is Identity Center's, not the person's. */
export const principalOf = (
  { plan, cloud }: Pick<Lab, "plan" | "cloud">,
  who: string,
): SimulatedPrincipal => {
  const session = who.replaceAll(/[^\w+=,.@-]/g, "-");
  const principal = {
    accessKeyId: `ASIA${Buffer.from(session).toString("hex").toUpperCase().slice(0, 24)}`,
    secretAccessKey: `simulated-${session}`,
    arn: `arn:aws:sts::${plan.account}:assumed-role/AWSReservedSSO_OnCall_0123456789abcdef/${session}`,
    userId: `AROASIMULATEDONCALL01:${session}`,
    account: plan.account,
  };
  cloud.sts.addPrincipal(principal);
  return principal;
};

const TIMEOUT_MS = 30_000;

/** What a proof for the answer is signed with, as the command in the message has it. */
const purposeIn = ({ text }: ReadQuestion, answer: string): string => {
  const purposes = [...text.matchAll(/--cluster-name (\S+)/g)].map(([, purpose = ""]) => purpose);
  const purpose = purposes.find((candidate) => candidate.endsWith(`.${answer}`));
  if (purpose === undefined) throw new Error(`the message offers no answer "${answer}"`);
  return purpose;
};

/**
 * Answers a question by the means that its message offers: the command of the message, or its page, each with a proof that
 * is signed with the person's own keys. Resolves with what came back, whatever it was.
 */
export const answerQuestion = async (
  lab: Pick<Lab, "plan" | "cloud">,
  question: ReadQuestion,
  { who, answer, why, via = "invoke" }: PersonsAnswer,
): Promise<{ readonly accepted: boolean; readonly said: string }> => {
  const { plan, cloud } = lab;
  const { clock, fabric } = cloud.world;
  const principal = principalOf(lab, who);
  const proof = signProof(principal, question.region, purposeIn(question, answer), clock.nowMs());
  if (via === "page") {
    const form = new URLSearchParams({ answer, why, proof }).toString();
    const reply = await fabric.request(INTERNET, {
      method: "POST",
      url: question.link,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form,
      timeoutMs: TIMEOUT_MS,
    });
    return { accepted: reply.status === 200, said: reply.body };
  }
  const { Payload } = await cloud.call({
    service: "lambda",
    operation: "Invoke",
    region: question.region,
    input: {
      FunctionName: deployedName(plan.workload, "decide"),
      Payload: new TextEncoder().encode(
        JSON.stringify({ workload: plan.workload, question: question.question, answer, why, proof }),
      ),
    },
    origin: { place: INTERNET, principal: `person/${who}` },
    timeoutMs: TIMEOUT_MS,
  });
  const said = new TextDecoder().decode(Payload as Uint8Array);
  return { accepted: (JSON.parse(said) as { accepted?: boolean }).accepted === true, said };
};
