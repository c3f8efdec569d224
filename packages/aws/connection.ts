import type { HttpHandlerUserInput } from "@smithy/core/protocols";
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types";

/**
 * How clients reach AWS. In a Lambda function: the SDK's own HTTP handler and the role's credentials. In simulation: a
 * request handler that carries the same bytes to a simulated cloud.
 */
export interface Connection {
  /** The region that the function runs in. */
  readonly region: string;
  readonly requestHandler?: (options: { readonly timeoutMs: number }) => HttpHandlerUserInput;
  /** Left out: those of the function's own role. */
  readonly credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider;
}

/** The settings that every client gets. */
export interface ClientSettings {
  readonly region: string;
  readonly requestHandler: HttpHandlerUserInput;
  readonly credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider;
  readonly maxAttempts: number;
}

interface Limits {
  readonly timeoutMs: number;
  readonly attempts: number;
}

/**
 * In its own region a call has time for one retry; into another region it gets one short attempt, for that region may be
 * the one that is gone, and the step that calls is itself called again.
 */
const LOCAL = { timeoutMs: 5000, attempts: 2 };
const REMOTE = { timeoutMs: 2000, attempts: 1 };

/** By service and region. */
const cache = new WeakMap<Connection, Map<string, Map<string, unknown>>>();

/**
 * One client per connection, service and region. `create` is the client's constructor; clients are kept for the life of
 * the connection, as connections are for the life of a function's container. `limits` other than the usual ones
 * belong to one name of a service.
 */
export const clientFor = <Client>(
  connection: Connection,
  service: string,
  region: string,
  create: (settings: ClientSettings) => Client,
  limits: Limits = region === connection.region ? LOCAL : REMOTE,
): Client => {
  const services = cache.get(connection) ?? new Map<string, Map<string, unknown>>();
  const clients = services.get(service) ?? new Map<string, unknown>();
  const known = clients.get(region) as Client | undefined;
  if (known !== undefined) return known;
  const client = create(settingsFor(connection, region, limits));
  cache.set(connection, services);
  services.set(service, clients);
  clients.set(region, client);
  return client;
};

/** What a client of the connection is made with; for clients that somebody else makes. */
export const settingsFor = (
  connection: Connection,
  region: string,
  { timeoutMs, attempts }: Limits,
): ClientSettings => ({
  region,
  maxAttempts: attempts,
  requestHandler: connection.requestHandler?.({ timeoutMs }) ?? {
    connectionTimeout: Math.min(timeoutMs, 1000),
    requestTimeout: timeoutMs,
    throwOnRequestTimeout: true,
  },
  ...(connection.credentials === undefined ? {} : { credentials: connection.credentials }),
});
