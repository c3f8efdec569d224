import { QUIET } from "../kernel/clock.ts";
import type { CallFault } from "../kernel/faults.ts";
import { currentInvocation, type Invocation } from "../kernel/invocation.ts";
import type { Origin, WireRecord } from "../kernel/service.ts";
import { AwsError } from "../kernel/service.ts";
import type { World } from "../kernel/world.ts";
import type { Departure } from "./departures.ts";
import { outcomeOf, toWireError, type Answer, type Dispatch } from "./dispatch.ts";
import type { WireError, WireOperation, WireService } from "./protocol.ts";

/** One call on its way to a service and back. `Arrived` is the form in which its caller takes the answer. */
export interface Journey<Arrived extends { readonly answer: Answer }> {
  readonly hostname: string;
  readonly service: WireService;
  readonly region: string;
  /** Undefined for a request that its service cannot read. */
  readonly operation: WireOperation | undefined;
  readonly input: unknown;
  readonly origin: Origin;
  /** How long the caller waits for the answer, milliseconds. */
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What the service does with the call. */
  readonly arrive: () => Arrived | Promise<Arrived>;
  /** The answer of a service that does nothing with it. */
  readonly refuse: (error: WireError) => Arrived;
}

export const named = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });

/** What a client waits for when nobody says otherwise: the SDK waits for ever, which no simulation ends. */
export const DEFAULT_TIMEOUT_MS = 30_000;

const OPERATOR: Origin = { place: "internet", principal: "operator" };

/** The origin of a request sent now: what the connection says, completed by the invocation that sends it. */
export const originOf = (given: Origin | undefined): Origin => {
  const ambient = currentInvocation()?.origin;
  if (given === undefined) return ambient ?? OPERATOR;
  const execution = given.execution ?? ambient?.execution;
  return execution === undefined ? given : { ...given, execution };
};

/** A promise that never settles: code of an abandoned invocation waits there and is forgotten. */
export const nowhere = <Value>(): Promise<Value> => new Promise(() => undefined);

/** The fault that meets a call, and the ordinal that it was met by. */
const faultOf = ({ faults }: World, journey: Journey<never>, invocation: Invocation | undefined) => {
  if (invocation !== undefined) invocation.calls += 1;
  if (faults.call === undefined || journey.operation === undefined) return undefined;
  const { service, region, operation, origin } = journey;
  const ordinal = invocation?.calls;
  return faults.call({ service: service.name, region, operation: operation.name, origin, ordinal });
};

/**
 * A call under way. One object with methods, not a closure for each thing that may happen to it: most of what a run of faults
 * does is to make calls.
 */
class Trip<Arrived extends { readonly answer: Answer }> implements Departure {
  readonly #world: World;
  readonly #dispatch: Dispatch;
  readonly journey: Journey<Arrived>;
  readonly #invocation: Invocation | undefined;
  readonly #resolve: (arrived: Arrived) => void;
  readonly #reject: (error: Error) => void;
  readonly #atMs: number;
  readonly #hopMs: number;
  readonly #cancelTimeout: () => void;
  readonly #onAbort: (() => void) | undefined;
  #fault: CallFault | undefined;
  #isOver = false;

  constructor(
    world: World,
    dispatch: Dispatch,
    journey: Journey<Arrived>,
    resolve: (arrived: Arrived) => void,
    reject: (error: Error) => void,
  ) {
    const { clock, network, faults } = world;
    const { region, origin, waitMs, signal } = journey;
    this.#world = world;
    this.#dispatch = dispatch;
    this.journey = journey;
    this.#invocation = currentInvocation();
    this.#resolve = resolve;
    this.#reject = reject;
    this.#atMs = clock.nowMs();
    this.#hopMs =
      network.latencyMs(origin.place, region) +
      (faults.extraLatencyMs?.(origin.place, region, origin.execution) ?? 0);
    this.#cancelTimeout = clock.after(waitMs, () => this.#timeOut());
    this.#onAbort =
      signal === undefined ? undefined : () => this.#fail(named("AbortError", "Request aborted"));
    if (this.#onAbort !== undefined) signal?.addEventListener("abort", this.#onAbort);
  }

  /** It sets out; the way to the service is before it. */
  leave(): unknown {
    const invocation = this.#invocation;
    if (invocation?.abandoned === true) return QUIET;
    this.#fault = faultOf(this.#world, this.journey as Journey<never>, invocation);
    if (this.#fault?.type === "kill-before") {
      // It never left: there is nothing to record.
      this.#isOver = true;
      this.#cancelTimeout();
      invocation?.kill();
      return undefined;
    }
    this.#world.clock.after(this.#hopMs, () => this.#arrive());
    return QUIET;
  }

  #arrive(): unknown {
    const { network, faults } = this.#world;
    const { origin, region, operation } = this.journey;
    if (!network.reachesControl(origin.place, region)) {
      faults.unreached?.(origin.place, region);
      return QUIET;
    }
    try {
      const arrived = this.#serve();
      if (arrived instanceof Promise) {
        arrived.then((later) => this.#goBack(later)).catch((error: unknown) => this.#breakOff(error));
        return undefined;
      }
      this.#goBack(arrived);
      // A service that only looks, and answers at once, sets nothing going.
      return operation?.isMutating === false && !this.#isOver ? QUIET : undefined;
    } catch (error) {
      this.#breakOff(error);
      return undefined;
    }
  }

  #serve(): Arrived | Promise<Arrived> {
    const { journey } = this;
    if (this.#fault?.type !== "refuse") return journey.arrive();
    const { code, message, status } = this.#fault;
    return journey.refuse(toWireError(journey.service, new AwsError(code, message, status)));
  }

  #goBack(arrived: Arrived): void {
    if (this.#fault?.type === "lose-reply") return;
    if (this.#fault?.type === "kill-after") {
      // The record shows what the service did; nobody is left to hear of it.
      this.#invocation?.kill();
      this.#end(outcomeOf(arrived.answer));
      return;
    }
    this.#world.clock.after(this.#hopMs, () => this.#comeBack(arrived));
  }

  #comeBack(arrived: Arrived): void {
    const { network, faults } = this.#world;
    const { origin, region } = this.journey;
    if (!network.reachesControl(origin.place, region)) {
      faults.unreached?.(region, origin.place);
      return;
    }
    if (this.#end(outcomeOf(arrived.answer))) this.#resolve(arrived);
  }

  #timeOut(): void {
    const { hostname, waitMs } = this.journey;
    const message = `no answer from ${hostname} within ${waitMs} ms`;
    this.#fail(named("TimeoutError", message, { code: "ETIMEDOUT" }));
  }

  /** Only a fault of the simulation ends here; it must not look like an outage. */
  #breakOff(error: unknown): void {
    this.#fail(error instanceof Error ? error : new Error(String(error)));
  }

  #fail(error: Error): void {
    if (this.#end({ type: "no-answer" })) this.#reject(error);
  }

  /** True when its caller is still there to hear of it. */
  #end(outcome: WireRecord["outcome"]): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#cancelTimeout();
    const { journey } = this;
    if (this.#onAbort !== undefined) journey.signal?.removeEventListener("abort", this.#onAbort);
    this.#dispatch.record({
      atMs: this.#atMs,
      endedAtMs: this.#world.clock.nowMs(),
      origin: journey.origin,
      service: journey.service.name,
      region: journey.region,
      operation: journey.operation?.name ?? "unknown",
      input: journey.input,
      mutating: journey.operation?.isMutating ?? false,
      outcome,
    });
    return this.#invocation?.abandoned !== true;
  }
}

/**
 * Takes a call over the simulated network: a hop there, the service, a hop back. What does not arrive leaves no sign but the
 * caller's timeout. Faults meet it here: refused, answered into the void, or outlived by nobody.
 */
export const travel = <Arrived extends { readonly answer: Answer }>(
  world: World,
  dispatch: Dispatch,
  journey: Journey<Arrived>,
): Promise<Arrived> =>
  new Promise((resolve, reject) => {
    dispatch.depart(new Trip(world, dispatch, journey, resolve, reject));
  });
