import type { Network, Place } from "./network.ts";

/**
 * Work of a regional service that the loss of a region, or of its control plane, interrupts and takes up again when it is back, in the order in which
 * it was due.
 */
export const createWhenUp = (network: Network): ((region: Place, action: () => void) => void) => {
  const waiting = new Map<Place, (() => void)[]>();
  network.onControlChange((region, lost) => {
    if (lost) return;
    const actions = waiting.get(region) ?? [];
    waiting.delete(region);
    for (const action of actions) action();
  });
  return (region, action) => {
    if (!network.isControlLost(region)) {
      action();
      return;
    }
    waiting.set(region, [...(waiting.get(region) ?? []), action]);
  };
};
