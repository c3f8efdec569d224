import { AsyncLocalStorage } from "node:async_hooks";
import type { Origin } from "./service.ts";

/**
 * A run of a function inside the cloud. When it is abandoned (its time is over, its region is gone) nothing tells the
 * code, as on AWS nothing tells a frozen sandbox; but whatever the code still sends goes nowhere.
 */
export interface Invocation {
  readonly requestId: string;
  readonly origin: Origin;
  abandoned: boolean;
  /** API calls that it has sent. */
  calls: number;
  /** Ends its process at once, as the loss of a host does. */
  readonly kill: () => void;
}

const storage = new AsyncLocalStorage<Invocation>();

/** The invocation that the running code belongs to, however deep in its promises; undefined outside of functions. */
export const currentInvocation = (): Invocation | undefined => storage.getStore();

/** Runs a function's code as part of an invocation. */
export const withinInvocation = <Result>(invocation: Invocation, code: () => Result): Result =>
  storage.run(invocation, code);
