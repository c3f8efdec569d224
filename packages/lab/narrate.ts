import type { CloudEvent } from "@lifeboat/cloud/kernel/cloud-event";
import { errorCatalogue, isRepeatable, type ErrorName } from "@lifeboat/recovery/errors";
import { phaseNamed } from "@lifeboat/recovery/phases";
import type { Lab } from "./create-lab.ts";
import { holdAskedBy, phaseEnteredBy } from "./measure/phases.ts";

type Say = (kind: "world" | "alarm" | "phase" | "hold" | "step" | "users" | "note", text: string) => void;

const alarmChange = (event: CloudEvent): { readonly name: string; readonly state: string } | undefined => {
  if (event["detail-type"] !== "CloudWatch Alarm State Change") return undefined;
  const detail = event.detail as { alarmName: string; state: { value: string } };
  return { name: detail.alarmName, state: detail.state.value };
};

/** Functions whose log lines are steps of a recovery that a person wants to read. */
const spoken = /-(claim|promote|activate|start-service|start-workers|verify|shift-traffic|retire-primary)$/;

interface LogLine {
  readonly message?: string;
  readonly level?: string;
  readonly item?: string;
  readonly error?: string;
  readonly reason?: string;
}

/** Does the machine call again, or go on without the step? It holds after every other failure, and that is told as a hold. */
const goesOn = (functionName: string, error: string): boolean =>
  functionName.endsWith("-retire-primary") ||
  (Object.hasOwn(errorCatalogue, error) && isRepeatable(error as ErrorName));

/** What a log line says to somebody who sees nothing but the timeline; undefined: nothing. */
const stepIn = (functionName: string, line: LogLine): string | undefined => {
  const { message, level, error, reason = "" } = line;
  if (message === undefined || level === undefined) return undefined;
  if (error !== undefined) return goesOn(functionName, error) ? `${message}: ${error}: ${reason}` : undefined;
  // What the step finds before it acts.
  return message.replace(/^the switch (s3:\S+) is off$/, "the traffic switch $1 is off: set now");
};

/**
 * Tells what happens, from what can be seen from outside: alarms, the machine's phases, the functions' own log lines and
 * what users notice. Answers a function that looks for news; call it often.
 */
export const narrate = (lab: Lab, tell: Say): (() => void) => {
  const { plan, cloud, workload, log } = lab;
  let newest = "";
  const say: Say = (kind, text) => {
    // Two items of a phase may find the same thing at once.
    if (kind === "step" && text === newest) return;
    newest = text;
    tell(kind, text);
  };
  const raised = new Set<string>();
  cloud.world.onEmit((region, event) => {
    const change = alarmChange(event);
    // Alarms that have no data, or got it back, are everyday noise.
    if (
      change === undefined ||
      change.state === "INSUFFICIENT_DATA" ||
      (change.state === "OK" && !raised.delete(change.name))
    )
      return;
    if (change.state === "ALARM") raised.add(change.name);
    say("alarm", `${change.name} (${region}): ${change.state}`);
  });

  let failing = false;
  let newestSuccessSentMs = 0;
  workload.client.onRow(({ sentAtMs, outcome }) => {
    if (outcome.type === "acknowledged") newestSuccessSentMs = Math.max(newestSuccessSentMs, sentAtMs);
    // A write that was sent before one that succeeded meanwhile tells nothing new.
    const isFailure = outcome.type === "failed" && sentAtMs > newestSuccessSentMs;
    if (outcome.type === "pending" || isFailure === failing || (outcome.type === "failed" && !isFailure))
      return;
    failing = isFailure;
    say(
      "users",
      outcome.type === "failed"
        ? `users' writes fail: ${outcome.reason}`
        : `users' writes succeed again, answered by ${outcome.region}`,
    );
  });

  const seen = new Map<string, number>();
  /** The newest question of each execution that was told. */
  const asked = new Map<string, number>();
  let read = 0;
  const said = new Map<string, string>();
  return () => {
    for (const record of cloud.sfn.executions.values()) {
      const from = seen.get(record.arn);
      if (from === undefined) say("phase", `execution ${record.name} starts in ${record.machine.region}`);
      for (const event of record.history.slice(from ?? 0)) {
        const held = holdAskedBy(event);
        if (held !== undefined && asked.get(record.arn) !== held.number) {
          asked.set(record.arn, held.number);
          say("hold", `held in ${held.phase}: ${held.reason}; waits for a person`);
        }
        const phase = phaseEnteredBy(event);
        if (phase === undefined) continue;
        say("phase", phaseNamed(phase).title);
        for (const note of plan.notes) if (note.phase === phase) say("note", note.text);
      }
      seen.set(record.arn, record.history.length);
    }
    for (; read < log.length; read++) {
      const entry = log[read];
      if (entry === undefined || !spoken.test(entry.functionName)) continue;
      const line = JSON.parse(entry.line) as LogLine;
      const step = stepIn(entry.functionName, line);
      const key = `${entry.region}/${entry.functionName}/${line.item ?? ""}`;
      if (step === undefined || step === said.get(key)) continue;
      said.set(key, step);
      say("step", step);
    }
  };
};
