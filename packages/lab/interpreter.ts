import { advance, compile, start, type Execution, type Machine } from "@lifeboat/asl/interpreter";
import type { Interpreter } from "@lifeboat/cloud/services/sfn/interpreter-port";

/** The States Language interpreter, as the simulated Step Functions hosts it. Neither package knows the other. */
export const interpreter: Interpreter = {
  compile,
  start: (request) => start({ ...request, machine: request.machine as Machine }),
  advance: (machine, execution, signal, nowMs) =>
    advance(machine as Machine, execution as Execution, signal, nowMs),
};
