/**
 * Who can reach whom. A place is a region, or the world outside (`internet`: users, Route 53's checkers and
 * resolvers). Packets to a lost or cut-off place get no answer at all, as in a real outage: the caller waits for its
 * own timeout.
 */
export type Place = string;

export const INTERNET: Place = "internet";

export interface Network {
  /** True when packets travel between the two places. */
  reaches(from: Place, to: Place): boolean;
  /** True while the region has neither data plane nor control plane. */
  isLost(region: Place): boolean;
  /** The region loses power: nothing in it runs or answers. */
  lose(region: Place): void;
  /** The region is back; what its resources do then is their own model's business. */
  restore(region: Place): void;
  /** Cuts the path between two places, both ways. */
  cut(left: Place, right: Place): void;
  mend(left: Place, right: Place): void;
  /** Called when a region is lost or restored. */
  onChange(listener: (region: Place, lost: boolean) => void): void;
  /** One-way latency between two places, milliseconds, without jitter. */
  latencyMs(from: Place, to: Place): number;
}

const pair = (left: Place, right: Place): string => [left, right].sort().join("|");

/** Inside a region a hop takes about a millisecond; between European regions ten to fifteen each way. */
const LOCAL_HOP_MS = 1;
const REMOTE_HOP_MS = 12;

export const createNetwork = (): Network => {
  const lost = new Set<Place>();
  const cuts = new Set<string>();
  const listeners: ((region: Place, lost: boolean) => void)[] = [];
  const tell = (region: Place, isLost: boolean): void => {
    for (const listener of listeners) listener(region, isLost);
  };
  return {
    reaches: (from, to) => !lost.has(from) && !lost.has(to) && (from === to || !cuts.has(pair(from, to))),
    isLost: (region) => lost.has(region),
    lose(region) {
      if (lost.has(region)) return;
      lost.add(region);
      tell(region, true);
    },
    restore(region) {
      if (!lost.delete(region)) return;
      tell(region, false);
    },
    cut: (left, right) => void cuts.add(pair(left, right)),
    mend: (left, right) => void cuts.delete(pair(left, right)),
    onChange: (listener) => void listeners.push(listener),
    latencyMs: (from, to) => (from === to ? LOCAL_HOP_MS : REMOTE_HOP_MS),
  };
};
