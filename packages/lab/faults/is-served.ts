import type { Lab } from "../create-lab.ts";

/** So many writes in a row that were acknowledged mean that users are served. */
const WRITES = 10;

/** True while the users' newest writes all succeed. */
export const isServed = (lab: Lab): boolean => {
  const rows = lab.workload.client.rows();
  let acknowledged = 0;
  for (let index = rows.length - 1; index >= 0 && acknowledged < WRITES; index--) {
    const type = rows[index]?.outcome.type;
    if (type === "acknowledged") acknowledged += 1;
    else if (type !== "pending") return false;
  }
  return acknowledged === WRITES;
};
