import type { FaultHooks } from "@lifeboat/cloud/kernel/faults";
import { createLab } from "@lifeboat/lab/create-lab";
import { gatherEvidence } from "@lifeboat/lab/checks/check-run";
import { withVirtualGlobals } from "@lifeboat/lab/virtual-globals";
import { writerGraceMs } from "@lifeboat/recovery/lease";
import { expect, it } from "vitest";
import { exampleText, readValid } from "../unit/plan-example.ts";

/*
 * The active site's queue of ticks is out of order for a quarter of an hour, and nothing else is.
 * 1. While SQS takes no ticks the watch goes on ticking: at no time is the lease as old as writers' admission lasts.
 * 2. So it does while ticks are received and brought to nobody, but for one pause when that begins.
 * Then, in both: when the queue is well again no run stays for longer than a tick.
 */

const IRELAND = "eu-west-1";
const OUT_FOR_MS = 900_000;

const withQueueOut = async (out: FaultHooks) => {
  const lab = await createLab({ ...readValid(exampleText), seed: 2 });
  const { clock, random, faults } = lab.cloud.world;
  let fromMs = 0;
  let untilMs = 0;
  await withVirtualGlobals(clock, random.stream("process"), async () => {
    let isDone = false;
    const story = async (): Promise<void> => {
      await lab.bootstrap();
      await clock.sleep(180_000);
      fromMs = clock.nowMs();
      Object.assign(faults, out);
      await clock.sleep(OUT_FOR_MS);
      untilMs = clock.nowMs();
      for (const hook of Object.keys(out)) delete faults[hook as keyof FaultHooks];
      await clock.sleep(600_000);
    };
    const told = story().finally(() => {
      isDone = true;
    });
    await clock.run({ untilMs: clock.nowMs() + 3_600_000, until: () => isDone });
    await told;
  });
  const { leases, executions, plan } = gatherEvidence(lab);
  const renewals = leases
    .filter(({ atMs, body }) => atMs > fromMs && body.by === "ireland" && body.revision > 1)
    .map(({ atMs }) => atMs)
    .toSorted((left, right) => left - right);
  const runs = lab.cloud.lambda.invocations.filter(
    ({ region, functionName }) => region === IRELAND && functionName.endsWith("-watch"),
  );
  return {
    graceMs: writerGraceMs(plan.ledger.lease, plan.decision.lossLimitMs),
    executions,
    pausesMs: renewals.slice(1).map((atMs, index) => atMs - (renewals[index] ?? atMs)),
    /** Runs that began after the queue had been well again for two minutes. */
    laterRunsMs: runs
      .filter(({ startedAtMs }) => startedAtMs > untilMs + 120_000)
      .map(({ startedAtMs, endedAtMs = Number.NaN }) => endedAtMs - startedAtMs),
  };
};

it("1. goes on ticking while SQS takes no ticks", async () => {
  const { graceMs, executions, pausesMs, laterRunsMs } = await withQueueOut({
    call: ({ region, operation }) =>
      region === IRELAND && operation === "SendMessageBatch"
        ? { type: "refuse", code: "ServiceUnavailable", message: "not now", status: 503 }
        : undefined,
  });
  expect(Math.max(...pausesMs)).toBeLessThan(graceMs / 2);
  expect(executions).toEqual([]);
  expect(Math.max(...laterRunsMs)).toBeLessThan(5000);
});

it("2. goes on ticking, after one pause, while ticks are brought to nobody", async () => {
  const { graceMs, executions, pausesMs, laterRunsMs } = await withQueueOut({
    messageCopies: (region) => (region === IRELAND ? [] : undefined),
  });
  expect(pausesMs.filter((ms) => ms >= graceMs / 2).length).toBeLessThanOrEqual(1);
  expect(Math.max(...pausesMs)).toBeLessThan(65_000);
  expect(executions).toEqual([]);
  expect(Math.max(...laterRunsMs)).toBeLessThan(5000);
});
