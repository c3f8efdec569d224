import { withinInvocation, type Invocation } from "../../kernel/invocation.ts";
import { AwsError } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import { crashed, thrownPayload, timedOut, type InvocationResult } from "./function-error.ts";
import type { FunctionHost } from "./function-host.ts";
import type { Container, FunctionRegistry, SimulatedFunction } from "./function-registry.ts";

/** The default quota of concurrent executions of an account in one region. */
const REGION_CONCURRENCY = 1000;

/** What is remembered of an invocation, for inspection. */
export interface InvocationRecord {
  readonly functionName: string;
  readonly region: string;
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly coldStart: boolean;
  endedAtMs: number | undefined;
  result: InvocationResult | undefined;
}

export interface RunRequest {
  readonly payload: unknown;
  /** The execution that the function works for. */
  readonly execution: string | undefined;
  readonly requestId: string;
}

export interface Runner {
  /** Runs a function once. Throws TooManyRequestsException 429 when no container may start. */
  run(target: SimulatedFunction, request: RunRequest): Promise<InvocationResult>;
  readonly records: readonly InvocationRecord[];
}

const throttled = (reason: string): AwsError =>
  new AwsError("TooManyRequestsException", "Rate Exceeded.", 429, { Reason: reason, Type: "User" });

/** Containers, time limits and the end of everything in a lost region. */
export const createRunner = (world: World, registry: FunctionRegistry, host: FunctionHost): Runner => {
  const { clock, network } = world;
  const random = world.random.stream("lambda");
  const records: InvocationRecord[] = [];
  const inFlight = new Map<string, Set<() => void>>();

  network.onControlChange((region, lost) => {
    if (!lost) return;
    for (const { idle } of registry.inRegion(region)) idle.length = 0;
    for (const kill of inFlight.get(region) ?? []) kill();
  });

  const admit = (target: SimulatedFunction): void => {
    if (world.faults.throttles?.(target.region, target.functionName) === true)
      throw throttled("ConcurrentInvocationLimitExceeded");
    const { reservedConcurrency: reserved } = target;
    if (reserved !== undefined) {
      if (target.running >= reserved) throw throttled("ReservedFunctionConcurrentInvocationLimitExceeded");
      return;
    }
    let taken = 0;
    for (const other of registry.inRegion(target.region)) taken += other.reservedConcurrency ?? other.running;
    if (taken >= REGION_CONCURRENCY) throw throttled("ConcurrentInvocationLimitExceeded");
  };

  /** The container that was idle last; those idle for minutes have been reclaimed. */
  const warm = ({ idle, region, functionName }: SimulatedFunction): Container | undefined => {
    if (idle.length > 0 && world.faults.startsCold?.(region, functionName) === true) idle.length = 0;
    const container = idle.pop();
    if (container === undefined) return undefined;
    const keptMs = random.integer(300_000, 900_000);
    if (clock.nowMs() - container.idleSinceMs <= keptMs) return container;
    idle.length = 0;
    return undefined;
  };

  const run = (
    target: SimulatedFunction,
    { payload, execution, requestId }: RunRequest,
  ): Promise<InvocationResult> => {
    admit(target);
    const { functionName, region } = target;
    const reused = warm(target);
    const container = reused ?? { id: random.uuid(), idleSinceMs: clock.nowMs() };
    const coldStart = reused === undefined;
    const place = { place: region, principal: `function/${functionName}@${region}` };
    const origin = execution === undefined ? place : { ...place, execution };
    let crash = (): void => undefined;
    const invocation: Invocation = { requestId, origin, abandoned: false, calls: 0, kill: () => crash() };
    const record: InvocationRecord = {
      functionName,
      region,
      requestId,
      startedAtMs: clock.nowMs(),
      coldStart,
      endedAtMs: undefined,
      result: undefined,
    };
    records.push(record);
    target.running += 1;

    return new Promise((resolve) => {
      const timers: (() => void)[] = [];
      const running = inFlight.get(region) ?? new Set();
      inFlight.set(region, running);
      const end = (result: InvocationResult, keepsContainer: boolean): void => {
        if (record.result !== undefined) return;
        record.result = result;
        record.endedAtMs = clock.nowMs();
        target.running -= 1;
        running.delete(kill);
        for (const cancel of timers) cancel();
        // A container whose code may still be at work is never used again.
        if (keepsContainer) target.idle.push({ id: container.id, idleSinceMs: clock.nowMs() });
        else invocation.abandoned = true;
        resolve(result);
      };
      const kill = (): void => end({ type: "lost" }, false);
      running.add(kill);
      crash = () => end(crashed(requestId), false);

      /** Lambda writes the log in the role's name; where it may not, the function runs on and its log is empty. */
      const log = (): void => {
        if (world.access.ask === undefined) return;
        const stream = `log-group:${target.logGroup}:log-stream:${container.id}`;
        const resource = `arn:aws:logs:${region}:${target.accountId}:${stream}`;
        const asked = { principal: place.principal, service: "cloudwatch-logs", resource };
        if (coldStart) world.access.ask({ ...asked, action: "logs:CreateLogStream" });
        world.access.ask({ ...asked, action: "logs:PutLogEvents" });
      };
      const begin = async (): Promise<void> => {
        log();
        const deadlineMs = clock.nowMs() + target.timeoutMs;
        timers.push(clock.at(deadlineMs, () => end(timedOut(target, requestId), false)));
        const { functionArn, memoryMb } = target;
        const request = {
          functionName,
          functionArn,
          region,
          payload,
          requestId,
          deadlineMs,
          coldStart,
          containerId: container.id,
          memoryMb,
          origin,
        };
        try {
          const value = await withinInvocation(invocation, () => host.invoke(request));
          // What JSON cannot carry does not leave the function; `undefined` leaves as null.
          end({ type: "succeeded", payload: JSON.parse(JSON.stringify(value ?? null)) as unknown }, true);
        } catch (thrown) {
          end(thrownPayload(thrown), true);
        }
      };
      // Initialisation is not part of the function's time: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
      const startMs = coldStart ? random.integer(300, 550) : random.integer(2, 8);
      timers.push(clock.after(startMs, () => void begin()));
    });
  };

  return { run, records };
};
