import { QUIET } from "../kernel/clock.ts";
import type { World } from "../kernel/world.ts";
import type { Database } from "./database.ts";

/** Aurora's storage replication across regions: "typically under a second" (Aurora User Guide, "Using Amazon Aurora Global Database"). */
const LEAST_LAG_MS = 200;
const MOST_LAG_MS = 1000;
/** How often a stalled stream looks whether the path is back. */
const RETRY_MS = 1000;

/** A stream of committed changes from a writer to a reader in another region. */
export interface Replication {
  readonly source: Database;
  readonly target: Database;
  /** True while changes flow: both regions alive, path open, not stopped. */
  isFlowing(): boolean;
  /** Changes that the source has and the target has not. */
  backlog(): number;
  /** Age of the oldest change that has not arrived; what the last change took, when all have. Milliseconds. */
  lagMs(): number;
  /** Cuts the stream for good: what has not arrived never will. */
  stop(): void;
}

/** Starts the stream from the target's present position. The target's volume must be a prefix of the source's. */
export const replicate = (world: World, source: Database, target: Database): Replication => {
  const random = world.random.stream(`replication/${source.name}/${target.name}/${world.clock.nowMs()}`);
  let stopped = false;
  let waiting = false;
  let lastLagMs = random.integer(LEAST_LAG_MS, MOST_LAG_MS);

  const isFlowing = (): boolean =>
    !stopped &&
    source.isRunning() &&
    target.isRunning() &&
    world.network.reachesData(source.region, target.region);
  const pending = () => {
    const log = source.volume().log();
    // Positions are dense and start at 1: the next one to send sits at this index.
    return log[target.volume().position()];
  };

  const pump = (): void => {
    if (stopped || waiting) return;
    const next = pending();
    if (next === undefined) return;
    waiting = true;
    const lagMs = random.integer(LEAST_LAG_MS, MOST_LAG_MS);
    const nowMs = world.clock.nowMs();
    // The stream carries many changes at once: each arrives its own lag after its commit, and never before its elders.
    const arriveAtMs = Math.max(next.committedAtMs + lagMs, nowMs);
    world.clock.at(isFlowing() ? arriveAtMs : nowMs + RETRY_MS, () => {
      waiting = false;
      if (stopped) return QUIET;
      if (isFlowing() && world.clock.nowMs() >= arriveAtMs) {
        target.volume().apply(next, world.clock.nowMs());
        lastLagMs = world.clock.nowMs() - next.committedAtMs;
      } else if (world.network.isLost(source.region) || world.network.isLost(target.region)) {
        return QUIET;
      }
      pump();
      return QUIET;
    });
  };
  source.onCommit(pump);
  world.network.onChange((place, lost) => {
    if (!lost && (place === source.region || place === target.region)) world.clock.after(RETRY_MS, pump);
  });
  pump();

  return {
    source,
    target,
    isFlowing,
    backlog: () => source.volume().position() - target.volume().position(),
    lagMs() {
      const oldest = pending();
      return oldest === undefined ? lastLagMs : Math.max(0, world.clock.nowMs() - oldest.committedAtMs);
    },
    stop() {
      stopped = true;
    },
  };
};
