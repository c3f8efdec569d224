import type { Origin } from "../../kernel/service.ts";
import type { Inspector } from "../dispatch.ts";
import type { WireOperation, WireService } from "../protocol.ts";
import { checkError } from "./check-error.ts";
import { checkValue } from "./check-value.ts";
import type { ApiModels } from "./load.ts";

/** Something on the wire that AWS would not accept (a request) or not say (a reply, an error). */
export interface Violation {
  readonly part: "request" | "reply" | "error";
  readonly service: string;
  readonly operation: string;
  /** Whose call it was. */
  readonly principal: string;
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

export interface ConformanceInspector extends Inspector {
  readonly violations: readonly Violation[];
}

/** Every request and every reply is checked; what a model lacks (an operation, a whole service) is not. */
export const createInspector = (models: ApiModels): ConformanceInspector => {
  const violations: Violation[] = [];
  const seen = new Set<string>();
  const record = (violation: Violation): void => {
    // A poller repeats its mistake thousands of times; once says it all.
    const { part, service, operation, principal, path, message } = violation;
    const identity = [part, service, operation, principal, path, message].join("|");
    if (seen.has(identity)) return;
    seen.add(identity);
    violations.push(violation);
  };

  const check = (
    part: "request" | "reply",
    service: WireService,
    operation: WireOperation,
    value: unknown,
    { principal }: Origin,
  ): void => {
    const model = models.of(service.name);
    const described = model?.operations[operation.name];
    const shape = part === "request" ? described?.input : described?.output;
    if (model === undefined || described === undefined) return;
    if (shape === undefined) {
      for (const path of Object.keys(value as object)) {
        const message = "is no member: the operation has none";
        record({
          part,
          service: service.name,
          operation: operation.name,
          principal,
          path,
          rule: "unknown-member",
          message,
        });
      }
      return;
    }
    for (const { path, rule, message } of checkValue(model, shape, value)) {
      record({ part, service: service.name, operation: operation.name, principal, path, rule, message });
    }
  };

  return {
    violations,
    input: (service, operation, input, origin) => check("request", service, operation, input, origin),
    output: (service, operation, output, origin) => check("reply", service, operation, output, origin),
    error(service, operation, { name, message: text }, { principal }) {
      const model = models.of(service.name);
      const isOurs = name === "NotSimulated" || name === "SimulationFault";
      const described = model?.operations[operation.name];
      if (!isOurs && (model === undefined || described === undefined)) return;
      const message =
        isOurs || model === undefined ? text : checkError(model, service.name, operation.name, name);
      if (message === undefined) return;
      record({
        part: "error",
        service: service.name,
        operation: operation.name,
        principal,
        path: "",
        rule: name,
        message,
      });
    },
    unreadable(service, { message }, { principal }) {
      record({
        part: "request",
        service: service.name,
        operation: "unknown",
        principal,
        path: "",
        rule: "unreadable",
        message,
      });
    },
  };
};
