import { AwsEc2QueryProtocol } from "@aws-sdk/core/protocols";
import { AwsError } from "@lifeboat/cloud/kernel/service";
import { compileService } from "@lifeboat/cloud/wire/compile-service";
import { toWireError } from "@lifeboat/cloud/wire/dispatch";
import { ec2Query } from "@lifeboat/cloud/wire/ec2-query";
import { fromSdk, toSdk } from "@lifeboat/cloud/wire/sdk-message";
import { expect, test } from "vitest";

/**
 * No client of this project speaks EC2's dialect yet. Its client side is the SDK's own protocol, over a schema with the
 * traits that EC2's has: renamed members, capitalised names, flattened lists.
 */
const Tag = [
  3,
  "com.example",
  "Tag",
  0,
  ["Key", "Value"],
  [
    [0, { xmlName: "key" }],
    [0, { xmlName: "value" }],
  ],
];
const TagList = [1, "com.example", "TagList", 0, [() => Tag, { xmlName: "item" }]];
const Request = [
  3,
  "com.example",
  "StartRequest",
  0,
  ["InstanceIds", "DryRun", "Tags", "Since"],
  [
    [64 | 0, { xmlName: "InstanceId", ec2QueryName: "InstanceId" }],
    [2, { xmlName: "dryRun", ec2QueryName: "DryRun" }],
    [() => TagList, { xmlName: "tagSet" }],
    4,
  ],
];
const Result = [
  3,
  "com.example",
  "StartResult",
  0,
  ["Tags", "Count"],
  [
    [() => TagList, { xmlName: "tagSet" }],
    [1, { xmlName: "count" }],
  ],
];
const Start = [9, "com.example", "Start", 0, () => Request, () => Result];

const options = {
  defaultNamespace: "com.example",
  xmlNamespace: "http://ec2.amazonaws.com/doc/2016-11-15",
  version: "2016-11-15",
  serviceTarget: "AmazonEC2",
};
const operation = { namespace: "com.example", name: "Start", traits: {}, input: Request, output: Result };
const context = {
  endpoint: async () => ({
    protocol: "https:",
    hostname: "ec2.eu-west-1.amazonaws.com",
    port: undefined,
    path: "/",
  }),
};
const service = compileService({
  name: "ec2",
  hostPrefix: "ec2",
  schemas: { Start$: Start },
  protocol: ec2Query,
  xmlNamespace: options.xmlNamespace,
});

test("EC2's query dialect is read and answered as the SDK's protocol writes and reads it", async () => {
  const client = new AwsEc2QueryProtocol(options);
  client.setSerdeContext({
    base64Encoder: (bytes: Uint8Array) => Buffer.from(bytes).toString("base64"),
  } as never);
  const input = {
    InstanceIds: ["i-1", "i-2"],
    DryRun: false,
    Tags: [{ Key: "a", Value: "b & c" }],
    Since: new Date("2026-01-31T10:00:00Z"),
  };
  const request = await client.serializeRequest(operation as never, input, context as never);
  const parsed = ec2Query.read(service, await fromSdk(request));
  expect(parsed?.operation.name).toBe("Start");
  expect(parsed?.input).toEqual(input);
  const output = {
    Tags: [
      { Key: "x", Value: "<y>" },
      { Key: "z", Value: "" },
    ],
    Count: 2,
  };
  const start = service.operations.get("Start");
  if (start === undefined) throw new Error("the schema was not compiled");
  const { body } = ec2Query.writeOutput(service, start, output, "r");
  expect(body).toContain("<tagSet><item><key>x</key><value>&lt;y&gt;</value></item>");
  const reply = toSdk(ec2Query.writeOutput(service, start, output, "r"), false);
  const { $metadata: _metadata, ...got } = (await client.deserializeResponse(
    operation as never,
    {
      ...context,
      streamCollector: async (bytes: Uint8Array) => bytes,
      utf8Encoder: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
    } as never,
    reply,
  )) as { $metadata: unknown };
  expect(got).toEqual(output);
});

test("EC2's errors come in a list", () => {
  const error = toWireError(service, new AwsError("InvalidInstanceID.NotFound", "no i-1", 400));
  expect(ec2Query.writeError(service, error, "r").body).toContain(
    "<Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>no i-1</Message></Error></Errors>",
  );
});
