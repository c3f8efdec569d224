import { currentInvocation } from "../kernel/invocation.ts";
import type { SigningKeys } from "../kernel/access.ts";
import { AwsError, type Origin } from "../kernel/service.ts";
import type { World } from "../kernel/world.ts";
import { wireService } from "./catalog.ts";
import { toWireError, type Answer, type Dispatch } from "./dispatch.ts";
import type { WireError } from "./protocol.ts";
import { signedBy, signerOf } from "./signer.ts";
import { DEFAULT_TIMEOUT_MS, named, nowhere, originOf, travel } from "./travel.ts";

export interface DirectCall {
  /** The SDK package's name without `@aws-sdk/client-`. */
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly input: Record<string, unknown>;
  readonly origin?: Origin;
  readonly timeoutMs?: number;
  /** What the call would be signed with, where these are not the principal's own keys. */
  readonly keys?: SigningKeys;
}

/**
 * Makes a call over the simulated network without spelling it: the same hops, faults, records and answers as
 * `connect`, for a tenth of the time. Rejects with errors that have the name and the `$metadata` of the SDK's.
 */
export const callDirectly = async (
  world: World,
  dispatch: Dispatch,
  { service: name, operation: operationName, region, input, origin: given, timeoutMs, keys }: DirectCall,
): Promise<Readonly<Record<string, unknown>>> => {
  if (currentInvocation()?.abandoned === true) return nowhere();
  const service = wireService(name);
  const operation = service?.operations.get(operationName);
  if (service === undefined || operation === undefined)
    throw new Error(`the wire knows no ${name}:${operationName}`);
  const place = service.controlRegion ?? region;
  const signer = signerOf(world, name, keys);
  const origin = signedBy(originOf(given), signer);
  const refuse = (error: WireError): { readonly answer: Answer } => ({ answer: { type: "error", error } });
  const { answer } = await travel<{ readonly answer: Answer }>(world, dispatch, {
    hostname: `${service.hostPrefix}.${place}.amazonaws.com`,
    service,
    region: place,
    operation,
    input,
    origin,
    waitMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
    arrive: async () =>
      signer instanceof AwsError
        ? refuse(toWireError(service, signer))
        : { answer: await dispatch.serve(service, operation, input, { region: place, origin }) },
    refuse,
  });
  if (answer.type === "output") return answer.output;
  const { name: errorName, message, status, details } = answer.error;
  throw named(errorName, message, { ...details, $metadata: { httpStatusCode: status } });
};
