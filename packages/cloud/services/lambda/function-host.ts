import type { Origin } from "../../kernel/service.ts";

/** What Lambda hands to the code of a function. */
export interface FunctionRequest {
  readonly functionName: string;
  readonly functionArn: string;
  readonly region: string;
  /** The event, parsed. */
  readonly payload: unknown;
  readonly requestId: string;
  /** When the invocation times out, milliseconds since the epoch of virtual time. */
  readonly deadlineMs: number;
  /** True for the first invocation of a container: module state starts anew. */
  readonly coldStart: boolean;
  /** The same for all invocations of one container, of which one runs at a time. */
  readonly containerId: string;
  readonly memoryMb: number;
  /** Who the function's own calls come from. */
  readonly origin: Origin;
}

/**
 * Runs the functions' code. Resolves with what the handler returned; rejects with what it threw. The code's own calls
 * must go through the cloud's wire: it knows to which invocation they belong, and whether that one still lives.
 */
export interface FunctionHost {
  invoke(request: FunctionRequest): Promise<unknown>;
}
