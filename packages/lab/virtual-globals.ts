import type { VirtualClock } from "@lifeboat/cloud/kernel/clock";
import type { Random } from "@lifeboat/cloud/kernel/random";

const RealDate = Date;
/**
 * The clock of the simulation that runs. Libraries keep dates (JSONata one in each compiled expression), and these must not keep
 * a world that has ended: there is one class of dates for all simulations.
 */
let timeline: VirtualClock | undefined;
let endedAtMs = 0;
const nowMs = (): number => timeline?.nowMs() ?? endedAtMs;

class VirtualDate extends RealDate {
  constructor(...given: [] | [number | string | Date]) {
    if (given.length === 0) super(nowMs());
    // Most dates are of one number, and to spread that costs more than to make the date.
    else if (given.length === 1) super(given[0]);
    else super(...(given as [number]));
  }
  static override now(): number {
    return nowMs();
  }
}

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
    // In its development mode Powertools replaces it by a closure of the logger that was made last.
    trace: console.trace,
  };
  const before = timeline;
  timeline = clock;

  const virtualSetTimeout = (
    action: (...args: unknown[]) => void,
    delayMs = 0,
    ...args: unknown[]
  ): unknown => {
    // After the end nobody runs what is to come.
    const cancel =
      timeline === clock ? clock.after(delayMs, () => action(...args)) : (): undefined => undefined;
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
  const draw = (): number => random.next();
  Math.random = draw;
  try {
    return await run();
  } finally {
    Object.assign(globalThis, {
      Date: real.Date,
      setTimeout: real.setTimeout,
      clearTimeout: real.clearTimeout,
    });
    Math.random = real.random;
    console.trace = real.trace;
    endedAtMs = clock.nowMs();
    timeline = before;
  }
};
