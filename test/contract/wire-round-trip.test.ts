import type { WireOperation } from "@lifeboat/cloud/wire/protocol";
import type { Shape } from "@lifeboat/cloud/wire/shape";
import { describe, expect, test } from "vitest";
import { clientNames, createBench, type Bench } from "./wire-harness.ts";
import { canonical, isLeftOut, randomValue, seeded } from "./wire-values.ts";

/** Operations that cannot make the trip, by what the client itself does with them. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "s3:WriteGetObjectResponse":
    "the client reads the streamed body before it sends anything; there is none here",
};

/** Members of outputs that the client changes after it has read them. */
const CHANGED_BY_CLIENT: Readonly<Record<string, readonly string[]>> = {
  // Parsed again from the header's text, which the client keeps beside it.
  s3: ["Expires", "ExpiresString"],
};

const describeThrown = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : "no error");

const without = (
  shape: Shape,
  value: Record<string, unknown> | undefined,
  more: readonly string[],
): object => {
  const streamed =
    shape.kind === "structure"
      ? shape.members.filter((member) => member.shape.spelling.isStreaming).map(({ name }) => name)
      : [];
  const dropped = new Set([...streamed, ...more]);
  return Object.fromEntries(
    Object.entries(value ?? {}).filter(([name]) => !dropped.has(name) && !isLeftOut(name)),
  );
};

const difference = async (bench: Bench, operation: WireOperation): Promise<string | undefined> => {
  const service = bench.service.name;
  const random = seeded(`${service}:${operation.name}`);
  const input = randomValue(random, operation.input) as Record<string, unknown>;
  const output = randomValue(random, operation.output) as Record<string, unknown>;
  const {
    operation: taken,
    read,
    got,
    thrown,
  } = await bench.exchange(operation, structuredClone(input), output);
  if (taken !== operation.name)
    return `${operation.name} was taken for ${taken ?? "nothing"}: ${describeThrown(thrown)}`;
  const sent = canonical(without(operation.input, input, []));
  const arrived = canonical(without(operation.input, read, []));
  if (arrived !== sent) return `${operation.name}: the service read ${arrived} of ${sent}`;
  if (thrown !== undefined)
    return `${operation.name}: the client refused the answer: ${describeThrown(thrown)}`;
  const changed = CHANGED_BY_CLIENT[service] ?? [];
  const answered = canonical(without(operation.output, output, changed));
  const understood = canonical(without(operation.output, got, changed));
  if (understood !== answered) return `${operation.name}: the client read ${understood} of ${answered}`;
  return undefined;
};

describe.each(clientNames.map((name) => [name, createBench(name)] as const))("%s", (name, bench) => {
  const operations = [...bench.service.operations.values()];

  test("reads every operation's input as the client sent it, and the client reads every output as it was answered", async () => {
    const found: string[] = [];
    for (const operation of operations) {
      const different = await difference(bench, operation);
      if (different !== undefined) found.push(different);
    }
    const unexpected = found.filter(
      (text) => EXCEPTIONS[`${name}:${text.split(/[: ]/)[0] ?? ""}`] === undefined,
    );
    expect(operations.length).toBeGreaterThan(5);
    expect(unexpected).toEqual([]);
    // An exception that is none any more must go.
    const expected = Object.keys(EXCEPTIONS).filter((key) => key.startsWith(`${name}:`)).length;
    expect(found.length).toBe(expected);
  });

  test("travels by the protocol, target and name space that the client has", () => {
    const { protocol, protocolSettings } = bench.client.config;
    const expected: Readonly<Record<string, string>> = {
      AwsJson1_0Protocol: "aws-json",
      AwsJson1_1Protocol: "aws-json",
      AwsQueryProtocol: "aws-query",
      AwsEc2QueryProtocol: "ec2-query",
      AwsRestJsonProtocol: "rest-json",
      AwsRestXmlProtocol: "rest-xml",
      S3RestXmlProtocol: "s3",
    };
    expect(bench.service.protocol.name).toBe(expected[protocol.constructor.name]);
    if (bench.service.protocol.name === "aws-json")
      expect(bench.service.target).toBe(protocolSettings.serviceTarget);
    if (bench.service.xmlNamespace !== "")
      expect(bench.service.xmlNamespace).toBe(protocolSettings.xmlNamespace);
  });
});
