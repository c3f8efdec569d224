import type { Lab } from "../../create-lab.ts";
import { crossed } from "../crossed.ts";

/** A condition: the switch of the standby has been turned on by the execution. */
export const trafficHasMoved = (lab: Lab): (() => boolean) =>
  crossed(
    lab,
    ({ origin, operation }) => operation === "PutObject" && origin.principal.includes("-shift-traffic@"),
  );
