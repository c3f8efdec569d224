import type { World } from "./world.ts";

/** What a service's describes answered in the past, for those that answer late. */
export interface PastViews<View> {
  /** To be called after each change of what `key` names. */
  changed(key: string): void;
  /** What a describe answers now: as things are, or, where a fault says so, as they were. */
  view(key: string): View;
}

/** Changes that are older than this are forgotten; no describe is so late. */
const KEPT_MS = 300_000;

/**
 * Describes are eventually consistent (Amazon EC2 API, "Eventual consistency"; ECS and Auto Scaling promise no more): a
 * call right after a change may be answered as things stood before it. How old an answer is, `world.faults` says.
 */
export const createPastViews = <View>(
  world: World,
  service: string,
  describe: (key: string) => View,
): PastViews<View> => {
  const history = new Map<string, { readonly atMs: number; readonly view: View }[]>();
  return {
    changed(key) {
      const nowMs = world.clock.nowMs();
      const views = history.get(key) ?? [];
      // The newest of the forgotten ones is what was true at the beginning of the time that is kept.
      while ((views[1]?.atMs ?? Number.POSITIVE_INFINITY) < nowMs - KEPT_MS) views.shift();
      views.push({ atMs: nowMs, view: describe(key) });
      history.set(key, views);
    },
    view(key) {
      const ageMs = world.faults.describeAgeMs?.(service) ?? 0;
      if (ageMs === 0) return describe(key);
      const asOfMs = world.clock.nowMs() - ageMs;
      return history.get(key)?.findLast(({ atMs }) => atMs <= asOfMs)?.view ?? describe(key);
    },
  };
};
