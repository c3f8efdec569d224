import { QUIET } from "../kernel/clock.ts";
import type { CallFault } from "../kernel/faults.ts";
import { currentInvocation, type Invocation } from "../kernel/invocation.ts";
import type { Origin, WireRecord } from "../kernel/service.ts";
import { AwsError } from "../kernel/service.ts";
import type { World } from "../kernel/world.ts";
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
 * Takes a call over the simulated network: a hop there, the service, a hop back. What does not arrive leaves no sign but the
 * caller's timeout. Faults meet it here: refused, answered into the void, or outlived by nobody.
 */
export const travel = <Arrived extends { readonly answer: Answer }>(
  world: World,
  dispatch: Dispatch,
  journey: Journey<Arrived>,
): Promise<Arrived> => {
  const { clock, network, faults } = world;
  const { service, region, origin, waitMs, signal } = journey;
  const invocation = currentInvocation();
  return new Promise((resolve, reject) => {
    const atMs = clock.nowMs();
    const hopMs =
      network.latencyMs(origin.place, region) +
      (faults.extraLatencyMs?.(origin.place, region, origin.execution) ?? 0);
    let over = false;

    const end = (outcome: WireRecord["outcome"], settle: () => void): void => {
      if (over) return;
      over = true;
      cancelTimeout();
      signal?.removeEventListener("abort", onAbort);
      dispatch.record({
        atMs,
        endedAtMs: clock.nowMs(),
        origin,
        service: service.name,
        region,
        operation: journey.operation?.name ?? "unknown",
        input: journey.input,
        mutating: journey.operation?.isMutating ?? false,
        outcome,
      });
      if (invocation?.abandoned !== true) settle();
    };
    const fail = (error: Error): void => end({ type: "no-answer" }, () => reject(error));
    const onAbort = (): void => fail(named("AbortError", "Request aborted"));
    const cancelTimeout = clock.after(waitMs, () =>
      fail(
        named("TimeoutError", `no answer from ${journey.hostname} within ${waitMs} ms`, {
          code: "ETIMEDOUT",
        }),
      ),
    );
    signal?.addEventListener("abort", onAbort);

    const describe = (): string => JSON.stringify([service.name, region, journey.operation?.name, origin]);
    const describeInput = (): string => JSON.stringify([journey.input]);
    const serve = (): Arrived | Promise<Arrived> => {
      if (fault?.type !== "refuse") return journey.arrive();
      const { code, message, status } = fault;
      return journey.refuse(toWireError(service, new AwsError(code, message, status)));
    };
    let fault: CallFault | undefined;
    const goBack = (arrived: Arrived): void => {
      if (fault?.type === "lose-reply") return;
      if (fault?.type === "kill-after") {
        // The record shows what the service did; nobody is left to hear of it.
        invocation?.kill();
        end(outcomeOf(arrived.answer), () => undefined);
        return;
      }
      clock.after(hopMs, () => {
        if (!network.reachesControl(origin.place, region)) {
          faults.unreached?.(region, origin.place);
          return;
        }
        end(outcomeOf(arrived.answer), () => resolve(arrived));
      });
    };
    // Only a fault of the simulation ends here; it must not look like an outage.
    const breakOff = (error: unknown): void =>
      fail(error instanceof Error ? error : new Error(String(error)));
    /** A service that only looks, and answers at once, sets nothing going. */
    const isLook = journey.operation?.isMutating === false;
    const arrive = (): unknown => {
      if (!network.reachesControl(origin.place, region)) {
        faults.unreached?.(origin.place, region);
        return QUIET;
      }
      try {
        const arrived = serve();
        if (arrived instanceof Promise) {
          arrived.then(goBack).catch(breakOff);
          return undefined;
        }
        goBack(arrived);
        return isLook && !over ? QUIET : undefined;
      } catch (error) {
        breakOff(error);
        return undefined;
      }
    };
    const leave = (): unknown => {
      if (invocation?.abandoned === true) return QUIET;
      fault = faultOf(world, journey as Journey<never>, invocation);
      if (fault?.type === "kill-before") {
        // It never left: there is nothing to record.
        over = true;
        cancelTimeout();
        invocation?.kill();
        return undefined;
      }
      clock.after(hopMs, arrive);
      return QUIET;
    };
    dispatch.depart({ describe, describeInput, leave });
  });
};
