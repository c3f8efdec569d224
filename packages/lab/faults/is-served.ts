import type { Lab } from "../create-lab.ts";

/** So many writes in a row that were acknowledged mean that users are served. */
const WRITES = 10;

/** True while the users' newest writes all succeed. */
export const isServed = (lab: Lab): boolean => {
  const known = lab.workload.client.rows().filter(({ outcome }) => outcome.type !== "pending");
  return (
    known.length >= WRITES && known.slice(-WRITES).every(({ outcome }) => outcome.type === "acknowledged")
  );
};
