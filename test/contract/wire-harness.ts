import { createRequire } from "node:module";
import type { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";
import type { AwsError } from "@lifeboat/cloud/kernel/service";
import { toWireError } from "@lifeboat/cloud/wire/dispatch";
import type { Parsed, WireOperation, WireService } from "@lifeboat/cloud/wire/protocol";
import { wireService } from "@lifeboat/cloud/wire/catalog";
import { fromSdk, toSdk } from "@lifeboat/cloud/wire/sdk-message";
import packages from "../../packages/aws/package.json" with { type: "json" };

type Fields = Record<string, unknown>;
interface Client {
  send(command: unknown): Promise<Fields>;
  readonly config: {
    readonly protocol: { readonly constructor: { readonly name: string } };
    readonly protocolSettings: { readonly serviceTarget?: string; readonly xmlNamespace?: string };
  };
}
type Constructor<Instance> = new (input: object) => Instance;

/** A service, a real client of it, and the wire's protocol between the two, without any model behind it. */
export interface Bench {
  readonly service: WireService;
  readonly client: Client;
  readonly exports: Readonly<Record<string, unknown>>;
  /** Sends `input`; the server answers `answer`, or with that error. Tells what the server read and what the client got. */
  exchange(operation: WireOperation, input: Fields, answer: Fields | AwsError): Promise<Exchange>;
}

export interface Exchange {
  readonly operation: string | undefined;
  readonly read: Fields | undefined;
  readonly got: Fields | undefined;
  readonly thrown: unknown;
}

const load = createRequire(import.meta.url);

/** The SDK clients that the control plane's adapters use. */
export const clientNames: readonly string[] = Object.keys(packages.dependencies)
  .filter((name) => name.startsWith("@aws-sdk/client-"))
  .map((name) => name.replace("@aws-sdk/client-", ""));

export const createBench = (name: string): Bench => {
  const exports = load(`@aws-sdk/client-${name}`) as Record<string, unknown>;
  const service = wireService(name);
  if (service === undefined) throw new Error(`the wire does not speak ${name}`);
  const constructor = Object.keys(exports).find((key) => /^[A-Z].*Client$/.test(key));
  if (constructor === undefined) throw new Error(`${name} exports no client`);
  let answer: Fields | AwsError = {};
  const seen: { parsed: Parsed | undefined } = { parsed: undefined };
  const handle = async (request: HttpRequest): Promise<{ response: HttpResponse }> => {
    const parsed = service.protocol.read(service, await fromSdk(request));
    seen.parsed = parsed;
    if (parsed === undefined || answer instanceof Error) {
      const error = toWireError(service, answer as AwsError);
      return { response: toSdk(service.protocol.writeError(service, error, "r"), false) };
    }
    const reply = service.protocol.writeOutput(service, parsed.operation, answer, "r");
    const { output } = parsed.operation;
    const isStreamed =
      output.kind === "structure" && output.members.some(({ shape }) => shape.spelling.isStreaming);
    return { response: toSdk(reply, isStreamed) };
  };
  const client = new (exports[constructor] as Constructor<Client>)({
    region: "eu-west-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
    // SQS's client calls the queue's URL and checks digests of what it sent: made-up values are neither.
    useQueueUrlAsEndpoint: false,
    md5: false,
    requestHandler: { handle, updateHttpClientConfig: () => undefined, httpHandlerConfigs: () => ({}) },
  });
  const summary = () => ({ operation: seen.parsed?.operation.name, read: seen.parsed?.input });
  return {
    service,
    client,
    exports,
    async exchange(operation, input, given) {
      answer = given;
      seen.parsed = undefined;
      const Command = exports[`${operation.name}Command`] as Constructor<object>;
      try {
        const { $metadata: _metadata, ...got } = await client.send(new Command(input));
        return { ...summary(), got, thrown: undefined };
      } catch (thrown) {
        return { ...summary(), got: undefined, thrown };
      }
    },
  };
};
