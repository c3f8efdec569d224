import { AwsError } from "@lifeboat/cloud/kernel/service";
import { describe, expect, test } from "vitest";
import { clientNames, createBench } from "./wire-harness.ts";
import { randomValue, seeded } from "./wire-values.ts";

type ErrorClass = abstract new (...args: never[]) => Error;

/** The client looks for an error by its query code, and finds another one that has this code for a name. */
const MISTAKEN = new Set(["cloudwatch:DashboardNotFoundError"]);

describe.each(clientNames.map((name) => [name, createBench(name)] as const))("%s", (name, bench) => {
  const { service, exports } = bench;
  const operation = [...service.operations.values()].find(({ input }) => input.kind === "structure");
  const modelled = [...new Set(service.errors.values())].filter(
    (error) =>
      typeof exports[error.name] === "function" &&
      !error.name.endsWith("ServiceException") &&
      !MISTAKEN.has(`${name}:${error.name}`),
  );

  test("every modelled error reaches the client as its class, with message and status", async () => {
    if (operation === undefined) throw new Error("no operation to send");
    const input = randomValue(seeded(name), operation.input) as Record<string, unknown>;
    const wrong: string[] = [];
    for (const error of modelled) {
      const { thrown } = await bench.exchange(
        operation,
        structuredClone(input),
        new AwsError(error.name, "the message"),
      );
      const { message, $metadata } = thrown as { message: string; $metadata?: { httpStatusCode?: number } };
      const isTyped = thrown instanceof (exports[error.name] as ErrorClass);
      if (!isTyped || message !== "the message" || $metadata?.httpStatusCode !== error.status) {
        wrong.push(`${error.name}: ${message} (${$metadata?.httpStatusCode ?? "no status"})`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("an error that the model lacks keeps its name and its status", async () => {
    if (operation === undefined) throw new Error("no operation to send");
    const input = randomValue(seeded(name), operation.input) as Record<string, unknown>;
    const { thrown } = await bench.exchange(
      operation,
      input,
      new AwsError("SomethingNew", "never seen", 418),
    );
    expect(thrown).toMatchObject({
      name: "SomethingNew",
      message: "never seen",
      $metadata: { httpStatusCode: 418 },
    });
  });
});
