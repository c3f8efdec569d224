import type { Network } from "../kernel/network.ts";
import type { Fault } from "./fault.ts";

/** Losses and cuts overlap: a place is back when the last fault that took it has ended. */
export const createHolds = () => {
  const counts = new Map<string, number>();
  return {
    take: (key: string): boolean => {
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return count === 1;
    },
    release: (key: string): boolean => {
      const count = (counts.get(key) ?? 1) - 1;
      counts.set(key, count);
      return count === 0;
    },
  };
};

/** Loses or cuts what the fault names, or has it back. */
export const disrupt = (
  network: Network,
  holds: ReturnType<typeof createHolds>,
  fault: Fault,
  begins: boolean,
): void => {
  const due = (key: string): boolean => (begins ? holds.take(key) : holds.release(key));
  if (fault.kind === "site-loss") {
    const { place, plane } = fault;
    if (!due(`${place}/${plane}`)) return;
    if (plane === "both") {
      if (begins) network.lose(place);
      else network.restore(place);
    } else if (begins) network.losePlane(place, plane);
    else network.restorePlane(place, plane);
  }
  if (fault.kind === "partition") {
    const [left, right] = fault.between;
    if (!due(fault.between.toSorted().join("|"))) return;
    if (begins) network.cut(left, right);
    else network.mend(left, right);
  }
};
