import { currentInvocation } from "../kernel/invocation.ts";
import { AwsError, type Origin } from "../kernel/service.ts";
import type { Random } from "../kernel/random.ts";
import type { World } from "../kernel/world.ts";
import { callDirectly } from "./call-directly.ts";
import { readHostname } from "./destination.ts";
import type { DirectHandler } from "./handler.ts";
import { toWireError, type Dispatch } from "./dispatch.ts";
import type { WireError } from "./protocol.ts";
import { readRequest, receive, spell, type Received } from "./receive.ts";
import { fromSdk, toSdk } from "./sdk-message.ts";
import { keysIn, signedBy, signerOf } from "./signer.ts";
import { DEFAULT_TIMEOUT_MS, named, nowhere, originOf, travel } from "./travel.ts";

export interface ConnectOptions {
  /** Who calls and from where. Inside a function, the invocation's own origin is taken when this is left out. */
  readonly origin?: Origin;
  /** The region of host names that carry none. */
  readonly region?: string;
  /** How long a client waits for an answer, milliseconds of virtual time; a request's own `requestTimeout` comes first. */
  readonly timeoutMs?: number;
}

const streams = new WeakMap<World, Random>();

const backOffs = (world: World): Random => {
  const known = streams.get(world) ?? world.random.stream("sdk-retries");
  streams.set(world, known);
  return known;
};

/**
 * A handler that carries requests over the simulated network: a hop there, the service, a hop back. Packets to, from or
 * between unreachable places are lost without a sign; then the client's timeout ends the wait with a `TimeoutError`,
 * as Node's own handler does. An abort rejects with `AbortError`. Unknown host names reject with `ENOTFOUND`.
 */
export const connect = (world: World, dispatch: Dispatch, options: ConnectOptions = {}): DirectHandler => ({
  settings: new WeakMap(),
  call: (call) => callDirectly(world, dispatch, call, options),
  // As the SDK's standard mode: up to 100 ms, doubled each time, any part of it.
  backOff: (attempt) => world.clock.sleep(backOffs(world).integer(0, 50 * 2 ** attempt)),
  metadata: { handlerProtocol: "http/1.1" },
  async handle(request, { abortSignal, requestTimeout } = {}) {
    if (currentInvocation()?.abandoned === true) return nowhere();
    if (abortSignal?.aborted === true) throw named("AbortError", "Request aborted");
    const destination = readHostname(request.hostname, options.region ?? "us-east-1");
    if (destination === undefined) {
      throw named("Error", `getaddrinfo ENOTFOUND ${request.hostname}`, { code: "ENOTFOUND" });
    }
    const message = await fromSdk(request);
    const signer = signerOf(world, destination.service.name, keysIn(message.headers));
    const origin = signedBy(originOf(options.origin), signer);
    const reading = readRequest(destination, message);
    const refuse = (error: WireError): Received =>
      spell(reading, { type: "error", error }, dispatch.requestId());
    const { reply, isStreamed } = await travel<Received>(world, dispatch, {
      ...destination,
      hostname: request.hostname,
      operation: reading.parsed?.operation,
      input: reading.parsed?.input,
      origin,
      waitMs: requestTimeout || options.timeoutMs || DEFAULT_TIMEOUT_MS,
      signal: abortSignal as AbortSignal | undefined,
      arrive: () =>
        signer instanceof AwsError
          ? Promise.resolve(refuse(toWireError(destination.service, signer)))
          : receive(dispatch, reading, origin),
      refuse,
    });
    return { response: toSdk(reply, isStreamed) };
  },
  updateHttpClientConfig: () => undefined,
  httpHandlerConfigs: () => ({}),
  destroy: () => undefined,
});
