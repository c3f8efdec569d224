import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import type { Lab } from "../create-lab.ts";

/**
 * A condition: such a call has crossed the wire by now. It is asked at every turn of the world, so it looks at each call once,
 * and what was true stays true.
 */
export const crossed = (
  { wire }: Pick<Lab, "wire">,
  isIt: (call: WireRecord) => boolean,
): (() => boolean) => {
  let read = 0;
  let isThere = false;
  return () => {
    for (; !isThere && read < wire.length; read++) {
      const call = wire[read];
      isThere = call !== undefined && isIt(call);
    }
    return isThere;
  };
};
