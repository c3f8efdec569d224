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
  /**
   * Runs `action` each `periodMs`, for the first time in `firstMs` (as long, unless said). Each time it is due again before it
   * runs, as if {@link after} were the first thing that it did.
   */
  every(periodMs: number, action: Action, firstMs?: number): () => void;
  /** Resolves when `delayMs` of virtual time have passed. */
  sleep(delayMs: number): Promise<void>;
  /** Nobody in this world reads files from now on: spares a look for them after each event. */
  ignoreFiles(): void;
  /**
   * Runs events in order of time (and of creation, within one instant) until nothing is left, `untilMs` is reached, or
   * `until` answers true after an event.
   */
  run(limits: RunLimits): Promise<void>;
}

export interface RunLimits {
  readonly untilMs: number;
  readonly until?: () => boolean;
  /** `until` is asked after the first event, and then after the first event that comes so much later; after each, unless said. */
  readonly askEveryMs?: number;
}

/**
 * What happens at a moment. It answers `QUIET` when it has neither settled a promise nor called anything that might: then no
 * code waits to go on, and time need not stand still for it.
 */
export type Action = () => unknown;
export const QUIET = Symbol("quiet");

interface Timer {
  /** Undefined: cancelled. Whatever it held on to may go although its place in the queue is still taken. */
  action: Action | undefined;
  /** How long after it ran it runs again; undefined: it runs once. */
  readonly everyMs: number | undefined;
  /** It has a place in the queue. */
  isWaiting: boolean;
}

/** So many cancelled timers are no matter. */
const LEAST_TO_SWEEP = 32;

/**
 * A binary heap by (time, sequence). The keys lie apart from the timers, side by side: a walk through the heap compares numbers
 * and follows no pointer.
 */
class Queue {
  readonly #timers: Timer[] = [];
  #times = new Float64Array(256);
  #sequences = new Float64Array(256);
  #cancelled = 0;

  /** When the first is due; no time at all where there is none. */
  firstAtMs(): number | undefined {
    return this.#timers.length === 0 ? undefined : this.#times[0];
  }

  first(): Timer | undefined {
    return this.#timers[0];
  }

  push(timer: Timer, atMs: number, sequence: number): void {
    const timers = this.#timers;
    let index = timers.push(timer) - 1;
    if (index === this.#times.length) this.#grow();
    const times = this.#times;
    const sequences = this.#sequences;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const parentMs = times[parent] ?? 0;
      // What is pushed is younger than all that is there: at the same time it comes after.
      if (parentMs <= atMs) break;
      times[index] = parentMs;
      sequences[index] = sequences[parent] ?? 0;
      timers[index] = timers[parent] ?? timer;
      index = parent;
    }
    times[index] = atMs;
    sequences[index] = sequence;
    timers[index] = timer;
  }

  dropFirst(): void {
    const last = this.#timers.pop();
    const index = this.#timers.length;
    if (last !== undefined && index > 0)
      this.#sink(last, this.#times[index] ?? 0, this.#sequences[index] ?? 0, 0);
  }

  /** The first comes again at another time. */
  putFirstOff(atMs: number, sequence: number): void {
    const first = this.#timers[0];
    if (first !== undefined) this.#sink(first, atMs, sequence, 0);
  }

  dropCancelled(): void {
    this.#cancelled -= 1;
    this.dropFirst();
  }

  /**
   * A timer that is cancelled keeps its place until it is due, or until most of the queue is like it. Timeouts are for minutes
   * and rarely needed: the heap would be made of them.
   */
  cancel(timer: Timer): void {
    if (timer.action === undefined) return;
    timer.action = undefined;
    if (!timer.isWaiting) return;
    this.#cancelled += 1;
    if (this.#cancelled > LEAST_TO_SWEEP && 2 * this.#cancelled > this.#timers.length) this.#sweep();
  }

  /** Which keys there are says what comes in which order: a heap made anew hands them out as the old one would have. */
  #sweep(): void {
    const timers = this.#timers;
    let count = 0;
    for (const [index, timer] of timers.entries()) {
      if (timer.action === undefined) continue;
      timers[count] = timer;
      this.#times[count] = this.#times[index] ?? 0;
      this.#sequences[count] = this.#sequences[index] ?? 0;
      count += 1;
    }
    timers.length = count;
    this.#cancelled = 0;
    for (let index = (count >> 1) - 1; index >= 0; index--) {
      const timer = timers[index];
      if (timer !== undefined) this.#sink(timer, this.#times[index] ?? 0, this.#sequences[index] ?? 0, index);
    }
  }

  /** Finds a place for a timer from `index` down, where there is none. */
  #sink(timer: Timer, atMs: number, sequence: number, top: number): void {
    const timers = this.#timers;
    const times = this.#times;
    const sequences = this.#sequences;
    const count = timers.length;
    let index = top;
    for (let child = 2 * top + 1; child < count; child = 2 * index + 1) {
      let childMs = times[child] ?? 0;
      if (child + 1 < count) {
        const rightMs = times[child + 1] ?? 0;
        if (
          rightMs < childMs ||
          (rightMs === childMs && (sequences[child + 1] ?? 0) < (sequences[child] ?? 0))
        ) {
          child += 1;
          childMs = rightMs;
        }
      }
      const childSequence = sequences[child] ?? 0;
      if (atMs < childMs || (atMs === childMs && sequence < childSequence)) break;
      times[index] = childMs;
      sequences[index] = childSequence;
      timers[index] = timers[child] ?? timer;
      index = child;
    }
    times[index] = atMs;
    sequences[index] = sequence;
    timers[index] = timer;
  }

  #grow(): void {
    const [times, sequences] = [this.#times, this.#sequences];
    this.#times = new Float64Array(2 * times.length);
    this.#times.set(times);
    this.#sequences = new Float64Array(2 * sequences.length);
    this.#sequences.set(sequences);
  }
}

/** True while the process reads files: the SDK looks for its configuration when a client is first used. */
const readsFiles = (): boolean => process.getActiveResourcesInfo().some((kind) => kind.startsWith("FSReq"));

/** A turn of the event loop: every promise that can go on has gone on. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

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

  const start = (atMs: number, action: Action, everyMs?: number): (() => void) => {
    const timer: Timer = { action, everyMs, isWaiting: true };
    queue.push(timer, Math.max(atMs, nowMs), sequence++);
    return () => {
      queue.cancel(timer);
    };
  };

  return {
    nowMs: () => nowMs,
    at: (atMs, action) => start(atMs, action),
    after: (delayMs, action) => start(nowMs + delayMs, action),
    every: (periodMs, action, firstMs = periodMs) => start(nowMs + firstMs, action, periodMs),
    sleep: (delayMs) => new Promise((resolve) => start(nowMs + delayMs, resolve)),
    ignoreFiles() {
      awaitsFiles = false;
    },
    async run({ untilMs, until, askEveryMs = 0 }) {
      let isFirst = true;
      let askAtMs = nowMs;
      const isOver = (): boolean => {
        if (until === undefined || nowMs < askAtMs) return false;
        askAtMs = nowMs + askEveryMs;
        return until();
      };
      /** Runs what comes next, and whatever is quiet before it. False: this run is over. */
      const step = (): boolean => {
        if (!isFirst && isOver()) return false;
        isFirst = false;
        for (;;) {
          const atMs = queue.firstAtMs();
          if (atMs === undefined || atMs > untilMs) {
            nowMs = Math.max(nowMs, untilMs === Number.POSITIVE_INFINITY ? nowMs : untilMs);
            return false;
          }
          const next = queue.first();
          const action = next?.action;
          if (next === undefined || action === undefined) {
            queue.dropCancelled();
            continue;
          }
          nowMs = atMs;
          if (next.everyMs === undefined) {
            next.isWaiting = false;
            queue.dropFirst();
          } else queue.putFirstOff(atMs + next.everyMs, sequence++);
          if (action() !== QUIET) return true;
          if (isOver()) return false;
        }
      };
      await (awaitsFiles ? stepByTurn(step) : stepByImmediate(step));
    },
  };
};
