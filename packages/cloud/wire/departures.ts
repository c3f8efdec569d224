import type { VirtualClock } from "../kernel/clock.ts";

export interface Departure {
  /** What the request is, as text; asked for only where several leave in one instant. */
  readonly describe: () => string;
  readonly leave: () => void;
}

/**
 * Lets requests of one instant leave in the order of what they are. Code that sends several at once reaches the wire in an
 * order that depends on how many turns a promise takes, and a client's first calls in a process take more than later
 * ones: sorted, the first simulation of a process gives the same bytes as the second.
 */
export const createDepartures = (clock: VirtualClock): ((departure: Departure) => void) => {
  let waiting: Departure[] = [];
  const leaveAll = (): void => {
    const leaving = waiting;
    waiting = [];
    if (leaving.length > 1) {
      const described = leaving.map((departure) => ({ departure, text: departure.describe() }));
      described.sort((left, right) => (left.text < right.text ? -1 : left.text > right.text ? 1 : 0));
      for (const { departure } of described) departure.leave();
      return;
    }
    for (const departure of leaving) departure.leave();
  };
  return (departure) => {
    if (waiting.length === 0) clock.after(0, leaveAll);
    waiting.push(departure);
  };
};
