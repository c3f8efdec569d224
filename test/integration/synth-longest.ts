import { workloadPlace } from "@lifeboat/control-plane/stage";
import { withEdit } from "../unit/plan-example.ts";
import { inAnotherAccount } from "./access-plan.ts";
import { synthesized } from "./synth-example.ts";

/** The most that a plan may call its workload and its sites. */
export const [LONG_IRELAND, LONG_PARIS] = ["ireland-of-twenty-ch", "paris-of-twenty-char"];

const longest = withEdit((plan) => {
  plan.setIn(["workload"], `w${"x".repeat(30)}`);
  plan.setIn(["traffic", 0, "records"], plan.createNode({ hostedZoneId: "Z123" }));
  const endpoints = { ireland: "ireland.example.com", paris: "paris.example.com" };
  plan.setIn(["traffic", 1, "endpoints"], plan.createNode(endpoints));
})
  .replaceAll("ireland", LONG_IRELAND)
  .replaceAll("paris", LONG_PARIS);

/** The same with its workload in another account, whose stages have longer names and functions of their own. */
const longestAccess = inAnotherAccount(longest);

export const longGraphs = await synthesized(longest, [LONG_PARIS, "witness"]);
export const longAccessPlaces = [LONG_PARIS, ...[LONG_IRELAND, LONG_PARIS].map(workloadPlace)];
export const longAccessGraphs = await synthesized(longestAccess, longAccessPlaces);
