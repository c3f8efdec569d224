import { AwsError, type Call, type Origin, type ServiceModel, type WireRecord } from "../kernel/service.ts";
import type { World } from "../kernel/world.ts";
import { wireService } from "./catalog.ts";
import { createDepartures, type Departure } from "./departures.ts";
import type { WireError, WireOperation, WireService } from "./protocol.ts";

/** What the models answered to one call, before it is spelt for the wire. */
export type Answer =
  | { readonly type: "output"; readonly output: Readonly<Record<string, unknown>> }
  | { readonly type: "error"; readonly error: WireError };

/** Looks at every call and every answer; see `conformance/`. */
export interface Inspector {
  input(service: WireService, operation: WireOperation, input: unknown, origin: Origin): void;
  output(service: WireService, operation: WireOperation, output: unknown, origin: Origin): void;
  error(service: WireService, operation: WireOperation, error: WireError, origin: Origin): void;
  /** A request that names no operation or that cannot be read. */
  unreadable(service: WireService, error: WireError, origin: Origin): void;
}

/** The one door to the service models, for requests from outside and for services that call each other's API. */
export interface Dispatch {
  /** Runs a call at the service, as it arrives. The answer is there at once, unless the operation takes its time. */
  serve(
    service: WireService,
    operation: WireOperation,
    input: Record<string, unknown>,
    call: Pick<Call, "region" | "origin">,
  ): Answer | Promise<Answer>;
  /** Makes a call from inside the cloud (an SDK integration of Step Functions): no packets, but counted and observed alike. */
  callFromInside(
    name: string,
    operation: string,
    input: Record<string, unknown>,
    call: Pick<Call, "region" | "origin">,
  ): Promise<Record<string, unknown>>;
  /** Refuses a request that its service cannot read. */
  refuse(service: WireService, error: WireError, origin: Origin): Answer;
  /** Sends a request off, in the order of the others of its instant. */
  depart(departure: Departure): void;
  observe(listener: (record: WireRecord) => void): void;
  record(record: WireRecord): void;
  requestId(): string;
}

/** Spells an error as the service's model has it, so that clients see the class and the status that AWS gives them. */
export const toWireError = (service: WireService, error: AwsError): WireError => {
  const modelled = service.errors.get(error.code);
  return {
    name: modelled?.name ?? error.code,
    code: modelled?.code ?? error.code,
    message: error.message,
    status: modelled?.status ?? error.status,
    details: error.details,
    shape: modelled?.shape,
  };
};

const asAwsError = (error: unknown, what: string): AwsError => {
  if (error instanceof AwsError) return error;
  // A fault of the model itself must be seen, and not be taken for an outage that a caller retries.
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new AwsError("SimulationFault", `${what} failed inside its model: ${text}`, 400);
};

/** Connects the models to their callers. Two models of one service are a mistake of whoever wires them. */
export const createDispatch = (
  world: World,
  models: readonly ServiceModel[],
  inspector?: Inspector,
): Dispatch => {
  const byName = new Map<string, ServiceModel>();
  for (const model of models) {
    if (byName.has(model.service)) throw new Error(`two models of the service ${model.service}`);
    byName.set(model.service, model);
  }
  const listeners: ((record: WireRecord) => void)[] = [];
  const ids = world.random.stream("request-ids");

  /** What runs the call. Throws where nothing does, and where its caller may not make it. */
  const admit = (service: WireService, operation: WireOperation, arrived: Call) => {
    const handler = byName.get(service.name)?.operations[operation.name];
    if (handler === undefined) {
      throw new AwsError("NotSimulated", `The simulated cloud has no ${service.name}:${operation.name}`, 501);
    }
    const refusal = world.access.call?.(service.name, arrived);
    if (refusal !== undefined) throw refusal;
    return handler;
  };

  const refused = (
    service: WireService,
    operation: WireOperation,
    origin: Origin,
    failure: unknown,
  ): Answer => {
    const error = toWireError(service, asAwsError(failure, `${service.name}:${operation.name}`));
    inspector?.error(service, operation, error, origin);
    return { type: "error", error };
  };

  /** Who may not look is not told what went wrong. */
  const failed = (
    service: WireService,
    operation: WireOperation,
    arrived: Call,
    failure: unknown,
  ): Answer => {
    const concealed =
      failure instanceof AwsError ? world.access.conceal?.(service.name, arrived, failure) : undefined;
    return refused(service, operation, arrived.origin, concealed ?? failure);
  };

  const done = (service: WireService, operation: WireOperation, origin: Origin, result: unknown): Answer => {
    const output = (result ?? {}) as Record<string, unknown>;
    inspector?.output(service, operation, output, origin);
    return { type: "output", output };
  };

  const dispatch: Dispatch = {
    serve(service, operation, input, { region, origin }) {
      inspector?.input(service, operation, input, origin);
      const arrived: Call = { region, origin, operation: operation.name, input };
      let handler: ReturnType<typeof admit>;
      try {
        handler = admit(service, operation, arrived);
      } catch (failure) {
        return refused(service, operation, origin, failure);
      }
      try {
        const result = handler(input as never, arrived);
        return result instanceof Promise
          ? result
              .then((later: unknown) => done(service, operation, origin, later))
              .catch((failure: unknown) => failed(service, operation, arrived, failure))
          : done(service, operation, origin, result);
      } catch (failure) {
        return failed(service, operation, arrived, failure);
      }
    },
    refuse(service, error, origin) {
      inspector?.unreadable(service, error, origin);
      return { type: "error", error };
    },
    async callFromInside(name, operationName, input, call) {
      const service = wireService(name);
      const operation = service?.operations.get(operationName);
      if (service === undefined || operation === undefined) {
        throw new AwsError("NotSimulated", `There is no operation ${name}:${operationName}`, 501);
      }
      const atMs = world.clock.nowMs();
      const answer = await dispatch.serve(service, operation, input, call);
      dispatch.record({
        atMs,
        endedAtMs: world.clock.nowMs(),
        origin: call.origin,
        service: name,
        region: call.region,
        operation: operationName,
        input,
        mutating: operation.isMutating,
        outcome: outcomeOf(answer),
      });
      if (answer.type === "output") return answer.output;
      const { name: code, message, status, details } = answer.error;
      throw new AwsError(code, message, status, details);
    },
    depart: createDepartures(world.clock),
    observe: (listener) => void listeners.push(listener),
    record(record) {
      for (const listener of listeners) listener(record);
    },
    requestId: () => ids.uuid(),
  };
  return dispatch;
};

/** The answer as an observer sees it. */
export const outcomeOf = (answer: Answer): WireRecord["outcome"] =>
  answer.type === "output"
    ? { type: "answered", output: answer.output }
    : { type: "error", code: answer.error.name, message: answer.error.message, status: answer.error.status };
