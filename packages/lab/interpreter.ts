import { advance, compile, start, type Execution, type Machine } from "@lifeboat/asl/interpreter";
import type { Interpreter } from "@lifeboat/cloud/services/sfn/interpreter-port";

/** Compiled machines never change: runs of one plan share those of its definitions. */
const compiled = new WeakMap<object, Machine>();

const compileOnce = (definition: unknown): Machine => {
  if (typeof definition !== "object" || definition === null) return compile(definition);
  const known = compiled.get(definition);
  if (known !== undefined) return known;
  const machine = compile(definition);
  compiled.set(definition, machine);
  return machine;
};

/** The States Language interpreter, as the simulated Step Functions hosts it. Neither package knows the other. */
export const interpreter: Interpreter = {
  compile: compileOnce,
  start: (request) => start({ ...request, machine: request.machine as Machine }),
  advance: (machine, execution, signal, nowMs) =>
    advance(machine as Machine, execution as Execution, signal, nowMs),
};
