import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkers, checkersOf } from "@lifeboat/lab/checks/check-run";
import type { Mutant } from "./mutant.ts";
import { MOST_SEEDS, mutants, type Caught } from "./mutants.ts";

const script = fileURLToPath(new URL("run-mutant.ts", import.meta.url));
const run = promisify(execFile);

/** Who noticed the mutant and when, asked of a process of its own: a replaced source must not reach any other test. */
const caughtOf = async ({ name }: Mutant): Promise<Caught> => {
  const { stdout } = await run(process.execPath, [script, name]);
  return JSON.parse(stdout.trim()) as Caught;
};

const results = new Map<Mutant, Caught | Error>();

/** Where a mutant was caught: `primary-isolated, seed 1`. */
const placeOf = ({ within }: Mutant, { seed }: Caught): string =>
  seed === null ? `NOT CAUGHT within ${MOST_SEEDS} seeds` : `${within}, seed ${seed}`;

/** What CI prints: which mutant was caught by which checker at which seed. */
const table = (): string => {
  const rows = [...results].map(([mutant, caught]) =>
    caught instanceof Error
      ? [
          mutant.name,
          mutant.caughtBy,
          `did not run: ${/Error: .*/.exec(caught.message)?.[0] ?? "it was ended"}`,
        ]
      : [mutant.name, mutant.caughtBy, placeOf(mutant, caught), alsoIn(mutant, caught)],
  );
  const head = ["mutant", "checker", "caught in", "noticed by as well"];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

const alsoIn = ({ caughtBy, seed: recorded }: Mutant, { seed, noticedBy }: Caught): string => {
  const others = noticedBy.filter((name) => name !== caughtBy).join(", ");
  return seed === null || seed === recorded ? others : `${others} (recorded: seed ${recorded})`;
};

beforeAll(async () => {
  const waiting = [...mutants];
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const caught = await caughtOf(mutant).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      );
      results.set(mutant, caught);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}, 3_600_000);

afterAll(() => console.log(table()));

describe("a deliberate breakage", () => {
  it.for(mutants.map((mutant) => [mutant.name, mutant] as const))("is caught: %s", ([, mutant]) => {
    const caught = results.get(mutant);
    if (caught instanceof Error) throw caught;
    expect(caught?.noticedBy).toContain(mutant.caughtBy);
    expect(caught?.seed).not.toBeNull();
  });

  it("is noticed by checkers that there are, and every checker notices one", () => {
    const known = new Set([...Object.keys(checkers), "liveness"]);
    const caughtBy = mutants.map((mutant) => mutant.caughtBy);
    expect(caughtBy.filter((name) => !known.has(name))).toEqual([]);
    expect(Object.keys(checkers).filter((name) => !caughtBy.includes(name))).toEqual([]);
  });

  it("has been made to each of the design's fifteen invariants", () => {
    const broken = (invariant: number): readonly Mutant[] =>
      mutants.filter(({ caughtBy }) => checkersOf[invariant]?.some((name) => name === caughtBy) === true);
    const numbers = Array.from({ length: 15 }, (_, index) => index + 1);
    expect(numbers.filter((invariant) => broken(invariant).length === 0)).toEqual([]);
  });
});
