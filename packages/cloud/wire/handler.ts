import type { HttpHandlerOptions, HttpRequest } from "@smithy/types";
import type { HttpResponse } from "@smithy/core/protocols";
import type { DirectCall } from "./call-directly.ts";

/** The `requestHandler` of an SDK client. */
export interface SimulatedHandler {
  readonly metadata: { readonly handlerProtocol: string };
  handle(request: HttpRequest, options?: HttpHandlerOptions): Promise<{ response: HttpResponse }>;
  updateHttpClientConfig(key: never, value: never): void;
  httpHandlerConfigs(): Record<string, never>;
  destroy(): void;
}

/** What a client gets back. */
export type Output = Readonly<Record<string, unknown>>;

/** A handler that can also take a command as it is. */
export interface DirectHandler extends SimulatedHandler {
  /** Of the clients that have sent through it. */
  readonly settings: WeakMap<object, DirectSettings>;
  readonly call: (call: DirectCall) => Promise<Output>;
  /** Waits before a retry, milliseconds of virtual time; never ends for code of an abandoned invocation. */
  readonly backOff: (attempt: number) => Promise<void>;
}

/** What a client's configuration says of its calls; read at its first one. */
export interface DirectSettings {
  readonly service: string;
  readonly region: string;
  readonly attempts: number;
  /** Keys that end are asked for before each call, as a client that signs does. */
  readonly temporary: boolean;
}
