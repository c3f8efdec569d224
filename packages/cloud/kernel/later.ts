/** Hears what comes of something: one of the two, once. Each answers as the clock's actions do. */
export interface Hearer<Value> {
  readonly done: (value: Value) => unknown;
  readonly failed: (error: Error) => unknown;
}

/**
 * What comes of something, told when it comes: for those who do the same all day, and need no promise for each time. It begins
 * when it is called, and answers as the clock's actions do.
 */
export type Later<Value> = (hearer: Hearer<Value>) => unknown;

/** Begins it, for code that waits. */
export const promised = <Value>(later: Later<Value>): Promise<Value> =>
  new Promise((resolve, reject) => {
    later({ done: resolve, failed: reject });
  });
