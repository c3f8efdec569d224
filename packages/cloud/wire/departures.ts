import { QUIET, type VirtualClock } from "../kernel/clock.ts";
import type { Origin } from "../kernel/service.ts";

export interface Departure {
  /** Who asks whom for what; `operation` is undefined for what nobody can read. */
  readonly journey: {
    readonly service: { readonly name: string };
    readonly region: string;
    readonly operation: { readonly name: string } | undefined;
    readonly origin: Origin;
    readonly input: unknown;
  };
  /** Answers {@link QUIET} where nothing goes on by it but time. */
  leave(): unknown;
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const compareJson = (left: unknown, right: unknown): number =>
  left === right ? 0 : compare(JSON.stringify([left]), JSON.stringify([right]));

/** By whom they ask for what, and then by how: spelling that out costs more than all the rest. */
const byWhatTheyAre = ({ journey: left }: Departure, { journey: right }: Departure): number =>
  compare(left.service.name, right.service.name) ||
  compare(left.region, right.region) ||
  compare(left.operation?.name ?? "unknown", right.operation?.name ?? "unknown") ||
  compare(left.origin.place, right.origin.place) ||
  compare(left.origin.principal, right.origin.principal) ||
  compareJson(left.origin, right.origin) ||
  compareJson(left.input, right.input);

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
    if (leaving.length > 1) leaving.sort(byWhatTheyAre);
    for (const departure of leaving) isQuiet = departure.leave() === QUIET && isQuiet;
    return isQuiet ? QUIET : undefined;
  };
  return (departure) => {
    if (waiting.length === 0) clock.after(0, leaveAll);
    waiting.push(departure);
  };
};
