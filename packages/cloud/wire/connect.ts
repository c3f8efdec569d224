import type { HttpResponse } from "@smithy/core/protocols";
import type { HttpHandlerOptions, HttpRequest } from "@smithy/types";
import { currentInvocation } from "../kernel/invocation.ts";
import type { Origin } from "../kernel/service.ts";
import type { World } from "../kernel/world.ts";
import { readHostname } from "./destination.ts";
import type { Dispatch } from "./dispatch.ts";
import { readRequest, receive, spell, type Received } from "./receive.ts";
import { fromSdk, toSdk } from "./sdk-message.ts";
import { named, nowhere, originOf, travel } from "./travel.ts";

export interface ConnectOptions {
  /** Who calls and from where. Inside a function, the invocation's own origin is taken when this is left out. */
  readonly origin?: Origin;
  /** The region of host names that carry none. */
  readonly region?: string;
  /** How long a client waits for an answer, milliseconds of virtual time; a request's own `requestTimeout` comes first. */
  readonly timeoutMs?: number;
}

/** The `requestHandler` of an SDK client. */
export interface SimulatedHandler {
  readonly metadata: { readonly handlerProtocol: string };
  handle(request: HttpRequest, options?: HttpHandlerOptions): Promise<{ response: HttpResponse }>;
  updateHttpClientConfig(key: never, value: never): void;
  httpHandlerConfigs(): Record<string, never>;
  destroy(): void;
}

/** What a client waits for when nobody says otherwise: the SDK waits for ever, which no simulation ends. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * A handler that carries requests over the simulated network: a hop there, the service, a hop back. Packets to, from or
 * between unreachable places are lost without a sign; then the client's timeout ends the wait with a `TimeoutError`,
 * as Node's own handler does. An abort rejects with `AbortError`. Unknown host names reject with `ENOTFOUND`.
 */
export const connect = (
  world: World,
  dispatch: Dispatch,
  options: ConnectOptions = {},
): SimulatedHandler => ({
  metadata: { handlerProtocol: "http/1.1" },
  async handle(request, { abortSignal, requestTimeout } = {}) {
    if (currentInvocation()?.abandoned === true) return nowhere();
    if (abortSignal?.aborted === true) throw named("AbortError", "Request aborted");
    const destination = readHostname(request.hostname, options.region ?? "us-east-1");
    if (destination === undefined) {
      throw named("Error", `getaddrinfo ENOTFOUND ${request.hostname}`, { code: "ENOTFOUND" });
    }
    const origin = originOf(options.origin);
    const reading = readRequest(destination, await fromSdk(request));
    const { reply, isStreamed } = await travel<Received>(world, dispatch, {
      ...destination,
      hostname: request.hostname,
      operation: reading.parsed?.operation,
      input: reading.parsed?.input,
      origin,
      waitMs: requestTimeout || options.timeoutMs || DEFAULT_TIMEOUT_MS,
      signal: abortSignal as AbortSignal | undefined,
      arrive: () => receive(dispatch, reading, origin),
      refuse: (error) => spell(reading, { type: "error", error }, dispatch.requestId()),
    });
    return { response: toSdk(reply, isStreamed) };
  },
  updateHttpClientConfig: () => undefined,
  httpHandlerConfigs: () => ({}),
  destroy: () => undefined,
});
