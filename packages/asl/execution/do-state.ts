import { stateOf, type LiveThread, type Run } from "./run.ts";
import { doMap, doParallel } from "./states/do-fork.ts";
import { doChoice, doFail, doPass, doWait } from "./states/do-simple.ts";
import { doTask } from "./states/do-task.ts";

/** Does what a thread's current state does, until it waits for something or has been left. Throws what evaluation throws. */
export const doState = async (run: Run, thread: LiveThread): Promise<void> => {
  const state = stateOf(run, thread);
  switch (state.type) {
    case "Pass":
    case "Succeed":
      return doPass({ run, thread, state });
    case "Fail":
      return doFail({ run, thread, state });
    case "Wait":
      return doWait({ run, thread, state });
    case "Choice":
      return doChoice({ run, thread, state });
    case "Task":
      return doTask({ run, thread, state });
    case "Parallel":
      return doParallel({ run, thread, state });
    case "Map":
      return doMap({ run, thread, state });
  }
};
