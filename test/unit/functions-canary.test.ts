import { canary } from "@lifeboat/functions/canary";
import type { CanaryDatabase } from "@lifeboat/operations/ports";
import { expect, it } from "vitest";
import { containerOf } from "./functions-runtime.ts";
import { createHandClock, START_MS } from "./operations-world.ts";

const request = {
  action: "beat",
  at: "here",
  store: "database",
  workload: "spacelift",
  holder: "paris",
  epoch: 2,
};

/** For how long a beat admits writers, of a database that tells its time two seconds after the function began. */
const admitted = async (event: object): Promise<number | null | undefined> => {
  const clock = createHandClock();
  const asked: (number | null)[] = [];
  const canaryDatabase: CanaryDatabase = {
    writeBeat: (_endpoint, { admitsForMs, writtenAtMs }) => {
      clock.advance(2000);
      asked.push(admitsForMs === null ? null : admitsForMs());
      return Promise.resolve({ type: "written", sequence: 1, writtenAtMs });
    },
    readNewest: () => Promise.resolve(null),
  };
  await containerOf(canary, { clock, canaryDatabase }).invoke({ ...request, ...event });
  return asked[0];
};

it("counts a beat from when it was asked for", async () => {
  expect(await admitted({ askedAtMs: START_MS - 3000, validForMs: 37_000 })).toBe(32_000);
});

it("counts a beat from its own start for whoever was deployed before beats said when they were asked for", async () => {
  expect(await admitted({ validForMs: 37_000 })).toBe(35_000);
});

it("admits nobody by a beat that does not say for how long", async () => {
  expect(await admitted({})).toBeNull();
});
