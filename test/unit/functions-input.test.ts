import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { activate } from "@lifeboat/functions/activate";
import { approvalPage } from "@lifeboat/functions/approval-page";
import { ask } from "@lifeboat/functions/ask";
import { checkCompute } from "@lifeboat/functions/check-compute";
import { checkStores } from "@lifeboat/functions/check-stores";
import { checkTraffic } from "@lifeboat/functions/check-traffic";
import { assess } from "@lifeboat/functions/assess";
import { begin } from "@lifeboat/functions/begin";
import { canary } from "@lifeboat/functions/canary";
import { claim } from "@lifeboat/functions/claim";
import { confirmStoreStep } from "@lifeboat/functions/confirm-store";
import { countAnswers } from "@lifeboat/functions/count-answers";
import { decide } from "@lifeboat/functions/decide";
import { fence } from "@lifeboat/functions/fence";
import { notify } from "@lifeboat/functions/notify";
import { onAlarm } from "@lifeboat/functions/on-alarm";
import { probe } from "@lifeboat/functions/probe";
import { promote } from "@lifeboat/functions/promote";
import { recordOutcome } from "@lifeboat/functions/record-outcome";
import { retirePrimary } from "@lifeboat/functions/retire-primary";
import type { FunctionDefinition } from "@lifeboat/functions/runtime/define-function";
import { shiftTrafficStep } from "@lifeboat/functions/shift-traffic";
import { startServiceStep } from "@lifeboat/functions/start-service";
import { startWorkersStep } from "@lifeboat/functions/start-workers";
import { tendServicesFunction } from "@lifeboat/functions/tend-services";
import { tendStandbyFunction } from "@lifeboat/functions/tend-standby";
import { tellUnrecorded } from "@lifeboat/functions/tell-unrecorded";
import { verify } from "@lifeboat/functions/verify";
import { watch } from "@lifeboat/functions/watch";
import { describe, expect, it } from "vitest";
import { containerOf } from "./functions-runtime.ts";

type Event = Readonly<Record<string, unknown>>;

interface Sample {
  readonly definition: FunctionDefinition<unknown, unknown>;
  /** An event that the function takes, with nothing in it that could be left out. */
  readonly event: Event;
  /** Refuses keys that it does not know: what the machine sends is ours, what AWS sends may grow. */
  readonly strict: boolean;
  /** Answers people, and so has something to say where the world does not answer. */
  readonly says?: object;
}

const step = { workload: "spacelift", planHash: "hash", execution: "arn:execution" };
const mandate = { ...step, epoch: 2 };
const item = { ...mandate, item: "database", memo: null };
const sightings = {
  witness: { revision: 1, sinceMs: 5, canarySilentForMs: 0, durationMs: 90_000, fenced: false },
  standby: null,
};
const ours = (definition: FunctionDefinition<unknown, unknown>, event: Event): Sample => ({
  definition,
  event,
  strict: true,
});
const theirs = (definition: FunctionDefinition<unknown, unknown>, event: Event): Sample => ({
  definition,
  event,
  strict: false,
});

const alarm = (value: string): Event => ({
  source: "aws.cloudwatch",
  "detail-type": "CloudWatch Alarm State Change",
  detail: { alarmName: "spacelift-server-5xx", state: { value } },
});

const samples: readonly Sample[] = [
  ours(activate, mandate),
  ours(ask, {
    ...mandate,
    kind: "hold",
    phase: "promote",
    reason: "why",
    number: 1,
    sinceMs: 1,
    endsUnanswered: true,
    finishesMove: false,
    needed: 0,
    loss: null,
    attempt: 0,
    counted: 0,
    token: "token",
  }),
  {
    definition: approvalPage,
    event: { requestContext: { http: { method: "GET" } }, rawQueryString: "q=a.1.0&e=1&s=s" },
    strict: false,
    says: { statusCode: 503 },
  },
  ours(assess, {
    ...step,
    dryRun: false,
    trigger: "automatic",
    override: null,
    sightings,
    otherExecution: null,
    finishes: null,
    approval: null,
  }),
  ours(begin, { execution: "arn:execution", input: { workload: "spacelift" } }),
  ours(canary, { action: "newest", at: "here", store: "database", workload: "spacelift" }),
  ours(claim, {
    ...step,
    override: null,
    approval: null,
    memo: { startedAtMs: 1, sightings },
    finishes: null,
  }),
  ours(confirmStoreStep, item),
  ours(checkCompute, { workload: "spacelift", planHash: "hash" }),
  ours(checkStores, { workload: "spacelift", planHash: "hash" }),
  ours(checkTraffic, { workload: "spacelift", planHash: "hash" }),
  ours(countAnswers, { ...mandate, number: 1, sinceMs: 1 }),
  ours(decide, {
    workload: "spacelift",
    question: "a.1.0",
    answer: "approve",
    why: "why",
    proof: "proof",
  }),
  ours(fence, mandate),
  theirs(notify, { ...alarm("ALARM"), region: "eu-west-3" }),
  theirs(onAlarm, alarm("ALARM")),
  theirs(probe, { workload: "spacelift" }),
  ours(promote, item),
  ours(tellUnrecorded, {
    ...step,
    outcome: "recovered",
    reason: "served from paris",
    to: "paris",
    loss: { known: false, reason: "nobody knows" },
    why: "LedgerUnreadable: the witness is out of reach",
    kind: "passing",
  }),
  ours(recordOutcome, {
    ...step,
    outcome: "recovered",
    reason: "served from paris",
    trigger: "automatic",
    from: "ireland",
    to: "paris",
    epoch: 2,
    startedAtMs: 1,
    basis: null,
    loss: null,
    timings: [],
    remaining: [],
    finishes: { execution: "arn:first", startedAtMs: null },
    firstTriedAtMs: null,
    abortedByPerson: false,
  }),
  ours(retirePrimary, { ...mandate, from: "ireland" }),
  ours(shiftTrafficStep, item),
  ours(startServiceStep, item),
  ours(startWorkersStep, item),
  ours(tendServicesFunction, { act: "fence", workload: "spacelift", unnoted: false, news: null }),
  ours(tendStandbyFunction, { act: "protect", workload: "spacelift", claimRevision: 3, running: [] }),
  ours(verify, { ...item, scope: "standby" }),
  theirs(watch, { workload: "spacelift" }),
];

const refusal = async (definition: Sample["definition"], event: unknown): Promise<string> => {
  const { calls, invoke } = containerOf(definition);
  const error: unknown = await invoke(event).then(
    () => new Error("it was taken"),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: "InputInvalid" });
  expect(calls).toEqual([]);
  const { message } = error as Error;
  expect(message).not.toMatch(/\n|\[object|ZodError/);
  return message;
};

describe("every function", () => {
  it("is among these samples", () => {
    const files = readdirSync(new URL("../../functions/", import.meta.url)).filter((name) =>
      name.endsWith(".ts"),
    );
    expect(samples.map(({ definition }) => `${definition.name}.ts`).sort()).toEqual(files.sort());
  });

  it.each(samples)(
    "$definition.name takes what it should, and then asks the world",
    async ({ definition, event, says }) => {
      const { calls, invoke } = containerOf(definition);
      if (says === undefined) await expect(invoke(event)).rejects.not.toMatchObject({ name: "InputInvalid" });
      else expect(await invoke(event)).toMatchObject(says);
      expect(calls.length).toBeGreaterThan(0);
    },
  );

  it.each(samples)(
    "$definition.name refuses what is no object, by name and without a call",
    async ({ definition }) => {
      for (const event of [null, undefined, "spacelift", 7, []]) {
        expect(await refusal(definition, event)).not.toBe("");
      }
    },
  );

  it.each(samples)(
    "$definition.name refuses an event with a field less, and names the field",
    async ({ definition, event }) => {
      for (const field of Object.keys(event)) {
        const { [field]: _left, ...rest } = event;
        expect(await refusal(definition, rest)).toContain(field);
      }
    },
  );

  it.each(samples)(
    "$definition.name refuses a field of another type, and names the field",
    async ({ definition, event }) => {
      for (const field of Object.keys(event)) {
        expect(await refusal(definition, { ...event, [field]: { another: "shape" } })).toContain(field);
      }
    },
  );

  it.each(samples.filter(({ strict }) => strict))(
    "$definition.name refuses a key that it does not know: a typo is not ignored",
    async ({ definition, event }) => {
      expect(await refusal(definition, { ...event, worklaod: "spacelift" })).toContain("worklaod");
    },
  );

  it.each(samples)(
    "$definition.name logs a failure once, with its name and its reason",
    async ({ definition }) => {
      const { lines, invoke } = containerOf(definition);
      await invoke({}).catch(() => undefined);
      const failures = lines
        .map((line) => JSON.parse(line) as { level?: string; error?: string; reason?: string })
        .filter(({ level }) => level === "ERROR");
      expect(failures).toMatchObject([{ error: "InputInvalid", reason: expect.stringMatching(/\w/) }]);
    },
  );
});

describe("a person who starts the failover", () => {
  const start = (input: unknown): Promise<string> => refusal(begin, { execution: "arn:execution", input });

  it("without a workload is told what to write", async () => {
    expect(await start({})).toBe(
      'input.workload: expected the name of a workload, such as {"workload": "spacelift"}',
    );
  });

  it("with a typo is told which key is wrong", async () => {
    expect(await start({ workload: "spacelift", dryrun: true })).toMatch(/dryrun/);
  });

  it("with an override that has no name or no reason is told so", async () => {
    expect(await start({ workload: "spacelift", override: { who: "", why: "because" } })).toMatch(
      /input\.override\.who/,
    );
    expect(await start({ workload: "spacelift", override: { who: "Ada" } })).toMatch(/input\.override\.why/);
  });

  it("with several mistakes is told all of them in one message, and what was expected", async () => {
    const message = await start({ workload: 7, dryRun: "yes" });
    expect(message).toMatch(/input\.workload: .*; input\.dryRun: .*expected boolean, received string/);
  });

  it("with a loss that is no number is told so", async () => {
    expect(
      await start({ workload: "spacelift", override: { who: "Ada", why: "because", acceptLossMs: -1 } }),
    ).toMatch(/acceptLossMs/);
  });
});

describe("a function in a process of its own", () => {
  // Here the plan's schema has loaded the words of zod for the whole process; Lambda's holds the function alone.
  it("says in words what was expected", () => {
    const call = `const { handler } = await import("@lifeboat/functions/approval-page");
      await handler({ rawQueryString: 7 }, {}).catch(({ message }) => console.error(message));`;
    const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", call], {
      env: { ...process.env, AWS_REGION: "eu-west-3" },
      encoding: "utf8",
    });
    expect(stderr).toMatch(/rawQueryString: .*expected string, received number/);
  });
});

describe("an event that is no alarm's state change", () => {
  it.each([
    ["of another source", { ...alarm("ALARM"), source: "aws.rds" }, "source"],
    ["of another detail type", { ...alarm("ALARM"), "detail-type": "RDS DB Cluster Event" }, "detail-type"],
    [
      "with another detail",
      { ...alarm("ALARM"), detail: { SourceIdentifier: "spacelift" } },
      "detail.alarmName",
    ],
    ["with an unknown state", alarm("PANIC"), "detail.state.value"],
    ["of a schedule", { workload: "spacelift" }, "source"],
  ])("%s is refused, and starts nothing", async (_shape, event, field) => {
    expect(await refusal(onAlarm, event)).toContain(field);
  });

  it.each(["OK", "INSUFFICIENT_DATA"])("or says %s, is answered without a call", async (value) => {
    const { calls, invoke } = containerOf(onAlarm);
    expect(await invoke(alarm(value))).toMatchObject({ type: "not-needed" });
    expect(calls).toEqual([]);
  });
});

describe("the functions that act for the watch", () => {
  it("start and stop nothing for a claim that is not named", async () => {
    for (const act of [{ act: "resume", unnoted: true }, { act: "retire" }]) {
      const request = { ...act, workload: "spacelift" };
      expect(await refusal(tendServicesFunction, request)).toMatch(/claimRevision/);
      expect(await refusal(tendServicesFunction, { ...request, claimRevision: -1 })).toMatch(/claimRevision/);
    }
    const resume = { act: "resume", workload: "spacelift", claimRevision: 3 };
    expect(await refusal(tendServicesFunction, resume)).toMatch(/unnoted/);
  });

  it("take no act of each other, and none that they do not know", async () => {
    const request = { workload: "spacelift", claimRevision: 3 };
    expect(await refusal(tendServicesFunction, { ...request, act: "protect", running: [] })).toMatch(/act/);
    expect(await refusal(tendStandbyFunction, { ...request, act: "resume" })).toMatch(/act/);
    expect(await refusal(tendServicesFunction, { ...request, act: "promote" })).toMatch(/act/);
  });

  it("name the field of what shall be told that is wrong", async () => {
    const news = { epoch: 2, reason: "cut off", distinct: "7" };
    const fence = { act: "fence", workload: "spacelift", unnoted: false, news };
    expect(await refusal(tendServicesFunction, { ...fence, news: { ...news, epoch: "2" } })).toMatch(
      /news\.epoch/,
    );
    const silence = { act: "tell-silence", workload: "spacelift", activeSite: "ireland", epoch: 2 };
    expect(await refusal(tendStandbyFunction, silence)).toMatch(/silentForMs/);
  });
});

describe("the canary function", () => {
  it("refuses a store that it has no database for", async () => {
    expect(
      await refusal(canary, { action: "newest", at: "here", store: "elsewhere", workload: "spacelift" }),
    ).toMatch(/elsewhere/);
  });

  it("refuses an action that it does not know, and a beat that would last no time", async () => {
    expect(
      await refusal(canary, { action: "drop", at: "here", store: "database", workload: "spacelift" }),
    ).toMatch(/action/);
    const beat = {
      action: "beat",
      store: "database",
      workload: "spacelift",
      holder: "paris",
      epoch: 2,
      askedAtMs: 1,
    };
    expect(await refusal(canary, { ...beat, validForMs: 0 })).toMatch(/validForMs/);
  });
});
