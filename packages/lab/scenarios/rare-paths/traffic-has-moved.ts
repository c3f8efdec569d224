import type { Lab } from "../../create-lab.ts";

/** The switch of the standby has been turned on by the execution. */
export const trafficHasMoved = (lab: Lab): boolean =>
  lab.wire.some(
    ({ origin, operation }) => operation === "PutObject" && origin.principal.includes("-shift-traffic@"),
  );
