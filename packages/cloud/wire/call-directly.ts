import { currentInvocation } from "../kernel/invocation.ts";
import type { SigningKeys } from "../kernel/access.ts";
import { AwsError, type Origin } from "../kernel/service.ts";
import type { World } from "../kernel/world.ts";
import { wireService } from "./catalog.ts";
import { toWireError, type Answer, type Dispatch } from "./dispatch.ts";
import type { WireError } from "./protocol.ts";
import { signedBy, signerOf } from "./signer.ts";
import { DEFAULT_TIMEOUT_MS, named, nowhere, originOf, travel } from "./travel.ts";

type Output = Readonly<Record<string, unknown>>;

interface Arrived {
  readonly answer: Answer;
}

export interface DirectCall {
  /** The SDK package's name without `@aws-sdk/client-`. */
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly input: Record<string, unknown>;
  readonly origin?: Origin;
  readonly timeoutMs?: number;
  /** What the call would be signed with, where these are not the principal's own keys. */
  readonly keys?: SigningKeys | undefined;
}

/** What a connection says of the calls that do not say it themselves. */
export type ConnectionDefaults = Pick<DirectCall, "origin" | "timeoutMs">;

/**
 * Makes a call over the simulated network without spelling it: the same hops, faults, records and answers as
 * `connect`, for a tenth of the time. Rejects with errors that have the name and the `$metadata` of the SDK's.
 */
export const callDirectly = (
  world: World,
  dispatch: Dispatch,
  { service: name, operation: operationName, region, input, origin, timeoutMs, keys }: DirectCall,
  connection: ConnectionDefaults = {},
): Promise<Output> => {
  if (currentInvocation()?.abandoned === true) return nowhere();
  const service = wireService(name);
  const operation = service?.operations.get(operationName);
  if (service === undefined || operation === undefined)
    return Promise.reject(new Error(`the wire knows no ${name}:${operationName}`));
  const place = service.controlRegion ?? region;
  const signer = signerOf(world, name, keys);
  const sender = signedBy(originOf(origin ?? connection.origin), signer);
  const refuse = (error: WireError): Arrived => ({ answer: { type: "error", error } });
  const travelled = travel<Arrived>(world, dispatch, {
    hostname: `${service.hostPrefix}.${place}.amazonaws.com`,
    service,
    region: place,
    operation,
    input,
    origin: sender,
    waitMs: timeoutMs ?? connection.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    arrive() {
      if (signer instanceof AwsError) return refuse(toWireError(service, signer));
      const answer = dispatch.serve(service, operation, input, { region: place, origin: sender });
      return answer instanceof Promise ? answer.then(arrivedWith) : { answer };
    },
    refuse,
  });
  return travelled.then(outputOf);
};

const arrivedWith = (answer: Answer): Arrived => ({ answer });

/** What the SDK's client answers or throws. */
const outputOf = ({ answer }: Arrived): Output => {
  if (answer.type === "output") return answer.output;
  const { name, message, status, details } = answer.error;
  throw named(name, message, { ...details, $metadata: { httpStatusCode: status } });
};
