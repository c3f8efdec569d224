/**
 * Virtual time. Nothing here reads the machine's clock: a simulated hour costs what its events cost, and the same
 * events in the same order give the same run.
 */
export interface VirtualClock {
  /** Milliseconds since the Unix epoch, as the simulation sees it. */
  nowMs(): number;
  /** Runs `action` when virtual time reaches `atMs` (at once, but not synchronously, if that is past). Returns a cancel. */
  at(atMs: number, action: Action): () => void;
  /** As {@link at}, `delayMs` from now. */
  after(delayMs: number, action: Action): () => void;
  /** Resolves when `delayMs` of virtual time have passed. */
  sleep(delayMs: number): Promise<void>;
  /** Nobody in this world reads files from now on: spares a look for them after each event. */
  ignoreFiles(): void;
  /**
   * Runs events in order of time (and of creation, within one instant) until nothing is left, `untilMs` is reached, or
   * `until` answers true after an event.
   */
  run(limits: { readonly untilMs: number; readonly until?: () => boolean }): Promise<void>;
}

/**
 * What happens at a moment. It answers `QUIET` when it has neither settled a promise nor called anything that might: then no
 * code waits to go on, and time need not stand still for it.
 */
export type Action = () => unknown;
export const QUIET = Symbol("quiet");

interface Timer {
  readonly atMs: number;
  readonly sequence: number;
  readonly action: Action;
  cancelled: boolean;
}

const before = (left: Timer, right: Timer): boolean =>
  left.atMs === right.atMs ? left.sequence < right.sequence : left.atMs < right.atMs;

/** A binary heap by (time, sequence). */
class Queue {
  readonly #timers: Timer[] = [];

  push(timer: Timer): void {
    const timers = this.#timers;
    let index = timers.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = timers[parent];
      if (above === undefined || !before(timer, above)) break;
      timers[index] = above;
      index = parent;
    }
    timers[index] = timer;
  }

  peek(): Timer | undefined {
    return this.#timers[0];
  }

  pop(): Timer | undefined {
    const timers = this.#timers;
    const first = timers[0];
    const last = timers.pop();
    if (last === undefined || timers.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = timers[2 * index + 1];
      if (left === undefined) break;
      const right = timers[2 * index + 2];
      const smaller = right !== undefined && before(right, left) ? right : left;
      if (!before(smaller, last)) break;
      timers[index] = smaller;
      index = smaller === left ? 2 * index + 1 : 2 * index + 2;
    }
    timers[index] = last;
    return first;
  }
}

/** True while the process reads files: the SDK looks for its configuration when a client is first used. */
const readsFiles = (): boolean => process.getActiveResourcesInfo().some((kind) => kind.startsWith("FSReq"));

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Runs `step` until it answers false; before each, every promise that can go on goes on. A turn of the event loop drains
 * microtasks and `nextTick`; the SDK and middy use nothing slower between two waits on the simulation, but for files, which
 * virtual time must wait for.
 */
const stepByTurn = async (step: () => boolean): Promise<void> => {
  do {
    await turn();
    while (readsFiles()) await turn();
  } while (step());
};

/** A turn of the event loop asks the kernel for news, which costs more than most events: so many steps share one. */
const STEPS_IN_A_TURN = 64;

/**
 * As {@link stepByTurn} where nobody reads files. Node drains microtasks and `nextTick` between two immediates of one turn as
 * well (https://nodejs.org/en/learn/asynchronous-work/understanding-setimmediate).
 */
const stepByImmediate = (step: () => boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    let isOver = false;
    const take = (): void => {
      if (isOver) return;
      try {
        isOver = !step();
        if (isOver) resolve();
      } catch (error) {
        isOver = true;
        reject(error);
      }
    };
    const takeMany = (): void => {
      if (isOver) return;
      for (let count = 0; count < STEPS_IN_A_TURN; count++) setImmediate(take);
      setImmediate(takeMany);
    };
    setImmediate(takeMany);
  });

/** Starts a clock at `startMs` (milliseconds since the Unix epoch). */
export const createVirtualClock = (startMs: number): VirtualClock => {
  const queue = new Queue();
  let nowMs = startMs;
  let sequence = 0;
  let awaitsFiles = true;

  const at = (atMs: number, action: Action): (() => void) => {
    const timer: Timer = { atMs: Math.max(atMs, nowMs), sequence: sequence++, action, cancelled: false };
    queue.push(timer);
    return () => {
      timer.cancelled = true;
    };
  };

  return {
    nowMs: () => nowMs,
    at,
    after: (delayMs, action) => at(nowMs + delayMs, action),
    sleep: (delayMs) => new Promise((resolve) => at(nowMs + delayMs, resolve)),
    ignoreFiles() {
      awaitsFiles = false;
    },
    async run({ untilMs, until }) {
      let isFirst = true;
      /** Runs what comes next, and whatever is quiet before it. False: this run is over. */
      const step = (): boolean => {
        if (!isFirst && until?.() === true) return false;
        isFirst = false;
        for (;;) {
          const next = queue.peek();
          if (next === undefined || next.atMs > untilMs) {
            nowMs = Math.max(nowMs, untilMs === Number.POSITIVE_INFINITY ? nowMs : untilMs);
            return false;
          }
          queue.pop();
          if (next.cancelled) continue;
          nowMs = next.atMs;
          if (next.action() !== QUIET) return true;
          if (until?.() === true) return false;
        }
      };
      await (awaitsFiles ? stepByTurn(step) : stepByImmediate(step));
    },
  };
};
