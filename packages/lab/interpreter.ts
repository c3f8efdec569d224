import { advance, compile, start, type Execution, type Machine } from "@lifeboat/asl/interpreter";
import type { Interpreter } from "@lifeboat/cloud/services/sfn/interpreter-port";
import { oncePer } from "./once-per.ts";

/** Compiled machines never change: runs of one plan share those of its definitions. */
const compileOnce = oncePer((definition: object): Machine => compile(definition));

/** The States Language interpreter, as the simulated Step Functions hosts it. Neither package knows the other. */
export const interpreter: Interpreter = {
  compile: (definition) =>
    typeof definition === "object" && definition !== null ? compileOnce(definition) : compile(definition),
  start: (request) => start({ ...request, machine: request.machine as Machine }),
  advance: (machine, execution, signal, nowMs) =>
    advance(machine as Machine, execution as Execution, signal, nowMs),
};
