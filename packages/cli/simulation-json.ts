import { START_MS } from "@lifeboat/lab/create-lab";
import type { Measured } from "@lifeboat/lab/measure/measure-run";
import type { Simulation } from "@lifeboat/lab/simulate";

/** Times count from the start of the simulation: absolute ones would say nothing. */
const withRelativeTimes = ({ phases, ...measured }: Measured): object => ({
  ...measured,
  phases: phases.map(({ name, startedAtMs, endedAtMs }) => ({
    name,
    startedAtMs: startedAtMs - START_MS,
    endedAtMs: endedAtMs - START_MS,
  })),
});

/** What `lifeboat simulate --json` prints: the last execution at the top, all of them in `recoveries`. */
export const toJson = ({
  scenario,
  seed,
  workload,
  objectives,
  result,
  recoveries,
  violations,
}: Simulation): object => ({
  scenario,
  seed,
  workload,
  objectives,
  executions: recoveries.length,
  ...withRelativeTimes(result),
  recoveries: recoveries.map(withRelativeTimes),
  violations: violations.map(({ atMs, ...violation }) => ({ ...violation, atMs: atMs - START_MS })),
});
