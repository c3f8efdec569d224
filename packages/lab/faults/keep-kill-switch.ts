import type { InjectedFaults } from "@lifeboat/cloud/faults/inject-faults";
import type { Lab } from "../create-lab.ts";
import { createPeople } from "../people.ts";

/** An operator whose command failed tries again. */
const AGAIN_MS = 5000;

/**
 * Has an operator turn the kill switch as the schedule says, by the same means as the command does. Where the witness is out of
 * reach he tries until it is not.
 */
export const keepKillSwitch = (lab: Lab, injected: InjectedFaults): void => {
  const { clock } = lab.cloud.world;
  const people = createPeople(lab);
  let isOn = false;
  let onSinceMs = 0;
  let isBusy = false;
  const follow = (): void => {
    const wanted = injected.activeOf("kill-switch").length > 0;
    if (isBusy || wanted === isOn) return;
    isBusy = true;
    const end = (): void => {
      isBusy = false;
    };
    people.setKillSwitch(wanted, "a schedule of faults").then(
      () => {
        isOn = wanted;
        if (isOn) onSinceMs = clock.nowMs();
        else injected.log.noteSince("kill-switch", onSinceMs);
        end();
        follow();
      },
      () => {
        end();
        clock.after(AGAIN_MS, follow);
      },
    );
  };
  injected.onChange(({ kind }) => {
    if (kind === "kill-switch") follow();
  });
};
