import { QUIET, type VirtualClock } from "../kernel/clock.ts";

export interface Departure {
  /** Who asks whom for what, as text, and then how; asked for only where several leave in one instant. */
  readonly describe: () => string;
  readonly describeInput: () => string;
  /** Answers {@link QUIET} where nothing goes on by it but time. */
  readonly leave: () => unknown;
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const inOrder = (departures: readonly Departure[]): readonly Departure[] => {
  if (departures.length < 2) return departures;
  return departures
    .map((departure) => ({ departure, text: departure.describe() }))
    .sort(
      (left, right) =>
        compare(left.text, right.text) ||
        compare(left.departure.describeInput(), right.departure.describeInput()),
    )
    .map(({ departure }) => departure);
};

/**
 * Lets requests of one instant leave in the order of what they are. Code that sends several at once reaches the wire in an
 * order that depends on how many turns a promise takes, and a client's first calls in a process take more than later
 * ones: sorted, the first simulation of a process gives the same bytes as the second.
 */
export const createDepartures = (clock: VirtualClock): ((departure: Departure) => void) => {
  let waiting: Departure[] = [];
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
