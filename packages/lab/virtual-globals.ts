import type { VirtualClock } from "@lifeboat/cloud/kernel/clock";
import type { Random } from "@lifeboat/cloud/kernel/random";

/**
 * Libraries that ask the process for time and chance (the SDK's retries, middy's timeout, Powertools' timestamps) get the
 * simulation's while one runs: a retry that backs off for a second then costs none, and a seed repeats a run. Our own code
 * never relies on this: it has ports.
 */
export const withVirtualGlobals = async <Result>(
  clock: VirtualClock,
  random: Random,
  run: () => Promise<Result>,
): Promise<Result> => {
  const real = {
    Date: globalThis.Date,
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    random: Math.random,
  };
  const RealDate = real.Date;

  class VirtualDate extends RealDate {
    constructor(...given: [] | [number | string | Date]) {
      if (given.length === 0) super(clock.nowMs());
      // Most dates are of one number, and to spread that costs more than to make the date.
      else if (given.length === 1) super(given[0]);
      else super(...(given as [number]));
    }
    static override now(): number {
      return clock.nowMs();
    }
  }

  const virtualSetTimeout = (
    action: (...args: unknown[]) => void,
    delayMs = 0,
    ...args: unknown[]
  ): unknown => {
    const cancel = clock.after(delayMs, () => action(...args));
    const handle = {
      cancel,
      ref: () => handle,
      unref: () => handle,
      hasRef: () => true,
      refresh: () => handle,
      [Symbol.toPrimitive]: () => 0,
    };
    return handle;
  };

  Object.assign(globalThis, {
    Date: VirtualDate,
    setTimeout: virtualSetTimeout,
    clearTimeout: (handle: { cancel?: () => void } | undefined) => {
      if (handle?.cancel === undefined) real.clearTimeout(handle as NodeJS.Timeout | undefined);
      else handle.cancel();
    },
  });
  Math.random = () => random.next();
  try {
    return await run();
  } finally {
    Object.assign(globalThis, {
      Date: real.Date,
      setTimeout: real.setTimeout,
      clearTimeout: real.clearTimeout,
    });
    Math.random = real.random;
  }
};
