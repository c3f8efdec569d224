import type { HttpResponse } from "@smithy/core/protocols";
import type { HttpHandlerOptions, HttpRequest } from "@smithy/types";
import { currentInvocation } from "../kernel/invocation.ts";
import type { Origin, WireRecord } from "../kernel/service.ts";
import type { World } from "../kernel/world.ts";
import { readHostname } from "./destination.ts";
import { outcomeOf, type Dispatch } from "./dispatch.ts";
import { readRequest, receive, type Reading } from "./receive.ts";
import { fromSdk, toSdk } from "./sdk-message.ts";

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
const DEFAULT_TIMEOUT_MS = 30_000;

const named = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });

const OPERATOR: Origin = { place: "internet", principal: "operator" };

/** The origin of a request sent now: what the connection says, completed by the invocation that sends it. */
const originOf = (given: Origin | undefined): Origin => {
  const ambient = currentInvocation()?.origin;
  if (given === undefined) return ambient ?? OPERATOR;
  const execution = given.execution ?? ambient?.execution;
  return execution === undefined ? given : { ...given, execution };
};

/** A promise that never settles: code of an abandoned invocation waits there and is forgotten. */
const nowhere = <Value>(): Promise<Value> => new Promise(() => undefined);

/**
 * A handler that carries requests over the simulated network: a hop there, the service, a hop back. Packets to, from or
 * between unreachable places are lost without a sign; then the client's timeout ends the wait with a `TimeoutError`,
 * as Node's own handler does. An abort rejects with `AbortError`. Unknown host names reject with `ENOTFOUND`.
 */
export const connect = (world: World, dispatch: Dispatch, options: ConnectOptions = {}): SimulatedHandler => {
  const { clock, network } = world;

  const travel = (
    hostname: string,
    reading: Reading,
    origin: Origin,
    { abortSignal, requestTimeout }: HttpHandlerOptions,
  ): Promise<{ response: HttpResponse }> =>
    new Promise((resolve, reject) => {
      const invocation = currentInvocation();
      const signal = abortSignal as AbortSignal | undefined;
      const { destination, parsed } = reading;
      const { service, region } = destination;
      const atMs = clock.nowMs();
      const hopMs = network.latencyMs(origin.place, region);
      let over = false;

      const end = (outcome: WireRecord["outcome"], settle: () => void): void => {
        if (over) return;
        over = true;
        cancelTimeout();
        signal?.removeEventListener("abort", onAbort);
        dispatch.record({
          atMs,
          endedAtMs: clock.nowMs(),
          origin,
          service: service.name,
          region,
          operation: parsed?.operation.name ?? "unknown",
          input: parsed?.input,
          mutating: parsed?.operation.isMutating ?? false,
          outcome,
        });
        if (invocation?.abandoned !== true) settle();
      };
      const fail = (error: Error): void => end({ type: "no-answer" }, () => reject(error));
      const onAbort = (): void => fail(named("AbortError", "Request aborted"));
      const waitMs = requestTimeout || options.timeoutMs || DEFAULT_TIMEOUT_MS;
      const cancelTimeout = clock.after(waitMs, () =>
        fail(named("TimeoutError", `no answer from ${hostname} within ${waitMs} ms`, { code: "ETIMEDOUT" })),
      );
      signal?.addEventListener("abort", onAbort);

      const arrive = async (): Promise<void> => {
        if (!network.reaches(origin.place, region)) return;
        const { answer, reply, isStreamed } = await receive(dispatch, reading, origin);
        clock.after(hopMs, () => {
          if (!network.reaches(region, origin.place)) return;
          end(outcomeOf(answer), () => resolve({ response: toSdk(reply, isStreamed) }));
        });
      };
      clock.after(hopMs, () => {
        // Only a fault of the simulation ends here; it must not look like an outage.
        arrive().catch((error: unknown) => fail(error instanceof Error ? error : new Error(String(error))));
      });
    });

  return {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(request, handlerOptions = {}) {
      if (currentInvocation()?.abandoned === true) return nowhere();
      if (handlerOptions.abortSignal?.aborted === true) throw named("AbortError", "Request aborted");
      const destination = readHostname(request.hostname, options.region ?? "us-east-1");
      if (destination === undefined) {
        throw named("Error", `getaddrinfo ENOTFOUND ${request.hostname}`, { code: "ENOTFOUND" });
      }
      const origin = originOf(options.origin);
      const reading = readRequest(destination, await fromSdk(request));
      return travel(request.hostname, reading, origin, handlerOptions);
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  };
};
