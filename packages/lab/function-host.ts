import type { Cloud } from "@lifeboat/cloud/cloud";
import { currentInvocation } from "@lifeboat/cloud/kernel/invocation";
import { type World } from "@lifeboat/cloud/kernel/world";
import { HttpUnreachable } from "@lifeboat/cloud/kernel/http";
import type { Databases } from "@lifeboat/cloud/database/databases";
import type { FunctionHost, FunctionRequest } from "@lifeboat/cloud/services/lambda/function-host";
import type { Route53 } from "@lifeboat/cloud/services/route-53/route-53";
import type { FunctionDefinition } from "@lifeboat/functions/runtime/define-function";
import type { Runtime } from "@lifeboat/functions/runtime/runtime";
import type { Context } from "aws-lambda";
import type { Connections } from "./connections.ts";
import { createSimulatedCanary } from "./simulated-canary.ts";

/** A line of a function's log, with where it came from. */
export interface LogLine {
  readonly atMs: number;
  readonly functionName: string;
  readonly region: string;
  readonly line: string;
}

export interface HostedFunction {
  readonly definition: FunctionDefinition<unknown, unknown>;
  readonly environment: Readonly<Record<string, string>>;
  /** What IAM calls the users of a database, by the writer's host name; left out where nobody's leave is asked. */
  readonly databases?: ReadonlyMap<string, string>;
}

export interface HostParts {
  readonly cloud: () => Cloud;
  readonly databases: () => Databases;
  readonly route53: () => Route53;
  readonly connections: Connections;
  /** By `region/deployed name`. */
  readonly functions: ReadonlyMap<string, HostedFunction>;
  readonly onLine: (line: LogLine) => void;
}

/** Waits of code whose invocation has been abandoned meanwhile never end: nothing of it goes on. */
const unlessAbandoned = async <Result>(wait: Promise<Result>): Promise<Result> => {
  const invocation = currentInvocation();
  const result = await wait;
  if (invocation?.abandoned === true) return new Promise(() => undefined);
  return result;
};

/** Few addresses are asked again and again; to read one as a URL costs more than the rest of a request. */
const createAddresses = () => {
  const hostnames = new Map<string, string>();
  const addresses = new Map<string, Map<string, URL>>();
  return {
    hostnameOf(url: string): string {
      const known = hostnames.get(url) ?? new URL(url).hostname;
      hostnames.set(url, known);
      return known;
    },
    /** The same at the host that its name resolves to. */
    urlAt(host: string, url: string): URL {
      const atHost = addresses.get(host) ?? new Map<string, URL>();
      addresses.set(host, atHost);
      const known = atHost.get(url);
      if (known !== undefined) return known;
      const target = new URL(url);
      target.hostname = host;
      atHost.set(url, target);
      return target;
    },
  };
};

/** The clock of whatever runs in a region; it may be wrong, and run fast or slow. */
const siteClock = (world: () => World, region: string): Runtime["clock"] => {
  const rate = (): number => 1 + (world().faults.clockError?.(region)?.ppm ?? 0) / 1_000_000;
  return {
    nowMs() {
      const { clock, faults } = world();
      const error = faults.clockError?.(region);
      if (error === undefined) return clock.nowMs();
      const { sinceMs, offsetMs, ppm } = error;
      return Math.round(clock.nowMs() + offsetMs + ((clock.nowMs() - sinceMs) * ppm) / 1_000_000);
    },
    sleep: (ms) => unlessAbandoned(world().clock.sleep(ms / rate())),
  };
};

/** Runs functions until its lab has ended. */
export interface LabHost extends FunctionHost {
  /** Lets all containers go: what a library keeps of one does not keep the world that it ran in. */
  readonly end: () => void;
}

type Handle = (event: unknown, context: Context) => Promise<unknown>;

/** Runs the real Lambda handlers for the simulated Lambda: one build per container, as one module scope per sandbox. */
export const createFunctionHost = (given: HostParts): LabHost => {
  const containers = new Map<string, Handle>();
  const addresses = createAddresses();
  let current: HostParts | undefined = given;
  /** All that a container has of its world, it has from here. */
  const parts = (): HostParts => {
    if (current === undefined) throw new Error("the lab of this function has ended");
    return current;
  };
  const world = (): World => parts().cloud().world;

  const runtimeFor = ({ functionName, region }: FunctionRequest, hosted: HostedFunction): Runtime => {
    const ids = world().random.stream(`ids/${region}/${functionName}`);
    const resolve = async (host: string): Promise<string | undefined> => {
      const answer = await unlessAbandoned(parts().route53().resolve(host, region));
      return answer.type === "answer" ? answer.host : undefined;
    };
    return {
      environment: hosted.environment,
      connection: parts().connections.ofFunctions(region),
      clock: siteClock(world, region),
      ids: { next: () => ids.uuid() },
      http: {
        async get(url, timeoutMs) {
          const name = addresses.hostnameOf(url);
          const host = await resolve(name);
          if (host === undefined) return { unreachable: `${name} does not resolve` };
          try {
            const reply = await unlessAbandoned(
              world().fabric.request(region, { method: "GET", url: addresses.urlAt(host, url), timeoutMs }),
            );
            return { status: reply.status };
          } catch (error) {
            if (!(error instanceof HttpUnreachable)) throw error;
            return unlessAbandoned(Promise.resolve({ unreachable: error.message }));
          }
        },
      },
      async fetchText(url, headers, timeoutMs) {
        try {
          const { status, body } = await unlessAbandoned(
            world().fabric.request(region, { method: "GET", url, headers, timeoutMs }),
          );
          return { status, body };
        } catch (error) {
          if (!(error instanceof HttpUnreachable)) throw error;
          return unlessAbandoned(Promise.resolve({ unreachable: "no answer" }));
        }
      },
      resolver: {
        async resolve(host) {
          const answer = await resolve(host);
          return answer === undefined ? [] : [answer];
        },
      },
      canaryDatabase: createSimulatedCanary(
        () => parts().databases(),
        region,
        ({ writerHost, user }) => {
          const users = hosted.databases?.get(writerHost);
          if (users === undefined) return;
          const refusal = world().access.ask?.({
            principal: `function/${functionName}@${region}`,
            service: "rds",
            action: "rds-db:connect",
            resource: `${users}/${user}`,
          });
          // The server is told no token that it would accept.
          if (refusal !== undefined) throw new Error(`PAM authentication failed for user "${user}"`);
        },
      ),
      writeLine: (line) => parts().onLine({ atMs: world().clock.nowMs(), functionName, region, line }),
    };
  };

  return {
    invoke(request) {
      const hosted = parts().functions.get(`${request.region}/${request.functionName}`);
      if (hosted === undefined) throw new Error(`no code for ${request.functionName} in ${request.region}`);
      let handle = containers.get(request.containerId);
      if (handle === undefined || request.coldStart) {
        handle = hosted.definition.build(runtimeFor(request, hosted));
        containers.set(request.containerId, handle);
      }
      const context = {
        functionName: request.functionName,
        functionVersion: "$LATEST",
        invokedFunctionArn: request.functionArn,
        memoryLimitInMB: String(request.memoryMb),
        awsRequestId: request.requestId,
        logGroupName: `/aws/lambda/${request.functionName}`,
        logStreamName: request.containerId,
        callbackWaitsForEmptyEventLoop: false,
        getRemainingTimeInMillis: () => Math.max(0, request.deadlineMs - world().clock.nowMs()),
      } as Context;
      return handle(request.payload, context);
    },
    end() {
      current = undefined;
      containers.clear();
    },
  };
};
