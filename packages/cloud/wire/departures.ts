import { QUIET, type VirtualClock } from "../kernel/clock.ts";

export interface Departure {
  /** What the request is, as text; asked for only where several leave in one instant. */
  readonly describe: () => string;
  /** Answers {@link QUIET} where nothing goes on by it but time. */
  readonly leave: () => unknown;
}

/**
 * Lets requests of one instant leave in the order of what they are. Code that sends several at once reaches the wire in an
 * order that depends on how many turns a promise takes, and a client's first calls in a process take more than later
 * ones: sorted, the first simulation of a process gives the same bytes as the second.
 */
export const createDepartures = (clock: VirtualClock): ((departure: Departure) => void) => {
  let waiting: Departure[] = [];
  const inOrder = (departures: readonly Departure[]): readonly Departure[] => {
    if (departures.length < 2) return departures;
    const described = departures.map((departure) => ({ departure, text: departure.describe() }));
    described.sort((left, right) => (left.text < right.text ? -1 : left.text > right.text ? 1 : 0));
    return described.map(({ departure }) => departure);
  };
  const leaveAll = (): unknown => {
    const leaving = waiting;
    waiting = [];
    let isQuiet = true;
    for (const { leave } of inOrder(leaving)) isQuiet = leave() === QUIET && isQuiet;
    return isQuiet ? QUIET : undefined;
  };
  return (departure) => {
    if (waiting.length === 0) clock.after(0, leaveAll);
    waiting.push(departure);
  };
};
