/**
 * Who can reach whom. A place is a region, or the world outside (`internet`: users, Route 53's checkers and
 * resolvers). Packets to a lost or cut-off place get no answer at all, as in a real outage: the caller waits for its
 * own timeout.
 */
export type Place = string;

export const INTERNET: Place = "internet";

export type Plane = "control" | "data";

export interface Network {
  /** True when packets travel between the two places. */
  reaches(from: Place, to: Place): boolean;
  /** True while the region has neither data plane nor control plane. */
  isLost(region: Place): boolean;
  /** The region loses power: nothing in it runs or answers. */
  lose(region: Place): void;
  /** The region is back; what its resources do then is their own model's business. */
  restore(region: Place): void;
  /**
   * Loses one plane of a region. Without its control plane a region answers no API call and runs no function, schedule or
   * execution, while its servers and databases go on; without its data plane it is the other way round.
   */
  losePlane(region: Place, plane: Plane): void;
  restorePlane(region: Place, plane: Plane): void;
  /** True while the region, or its control plane alone, is lost. */
  isControlLost(region: Place): boolean;
  /** True when an API call from one place arrives in the other. */
  reachesControl(from: Place, to: Place): boolean;
  /** True when servers and databases in the two places can talk. */
  reachesData(from: Place, to: Place): boolean;
  /** Cuts the path between two places, both ways. */
  cut(left: Place, right: Place): void;
  mend(left: Place, right: Place): void;
  /** Called when a region is lost or restored. */
  onChange(listener: (region: Place, lost: boolean) => void): void;
  /** Called when a region's control plane goes or comes back, alone or with everything else. */
  onControlChange(listener: (region: Place, lost: boolean) => void): void;
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
  const lostPlanes = { control: new Set<Place>(), data: new Set<Place>() };
  const listeners: ((region: Place, lost: boolean) => void)[] = [];
  const controlListeners: ((region: Place, lost: boolean) => void)[] = [];
  const tell = (to: typeof listeners, region: Place, isLost: boolean): void => {
    for (const listener of to) listener(region, isLost);
  };
  const reaches = (from: Place, to: Place): boolean =>
    !lost.has(from) && !lost.has(to) && (from === to || cuts.size === 0 || !cuts.has(pair(from, to)));
  const isControlLost = (region: Place): boolean => lost.has(region) || lostPlanes.control.has(region);
  /** Makes a change, and tells of the control plane where it went or came with it. */
  const withControl = (region: Place, change: () => void): void => {
    const before = isControlLost(region);
    change();
    const after = isControlLost(region);
    if (before !== after) tell(controlListeners, region, after);
  };
  return {
    reaches,
    isLost: (region) => lost.has(region),
    isControlLost,
    reachesControl: (from, to) => reaches(from, to) && !lostPlanes.control.has(to),
    reachesData: (from, to) => reaches(from, to) && !lostPlanes.data.has(from) && !lostPlanes.data.has(to),
    losePlane: (region, plane) => withControl(region, () => lostPlanes[plane].add(region)),
    restorePlane: (region, plane) => withControl(region, () => lostPlanes[plane].delete(region)),
    lose(region) {
      if (lost.has(region)) return;
      withControl(region, () => {
        lost.add(region);
        tell(listeners, region, true);
      });
    },
    restore(region) {
      if (!lost.has(region)) return;
      withControl(region, () => {
        lost.delete(region);
        tell(listeners, region, false);
      });
    },
    cut: (left, right) => void cuts.add(pair(left, right)),
    mend: (left, right) => void cuts.delete(pair(left, right)),
    onChange: (listener) => void listeners.push(listener),
    onControlChange: (listener) => void controlListeners.push(listener),
    latencyMs: (from, to) => (from === to ? LOCAL_HOP_MS : REMOTE_HOP_MS),
  };
};
