import type { VirtualClock } from "./clock.ts";
import type { Network, Place } from "./network.ts";
import { HttpUnreachable, type HttpReply, type HttpRequest } from "./world.ts";

/** Answers one HTTP request that reached a host. `from` is where the packets came from. */
export type HostHandler = (request: {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly from: Place;
}) => HttpReply | Promise<HttpReply>;

/** HTTP between places of the simulated world: load balancers, S3's public endpoints, whatever else listens on a host name. */
export interface Fabric {
  /** Binds a concrete host name (no DNS involved) to a place and a handler. Binding again replaces. */
  listen(host: string, place: Place, handler: HostHandler): void;
  /**
   * Sends a request to a concrete host. Rejects with {@link HttpUnreachable} after `timeoutMs` when nothing answers, at
   * once (after a round trip) when the place answers but nobody listens.
   */
  request(from: Place, request: HttpRequest): Promise<HttpReply>;
}

export const createFabric = (clock: VirtualClock, network: Network): Fabric => {
  const hosts = new Map<string, { place: Place; handler: HostHandler }>();
  return {
    listen: (host, place, handler) => void hosts.set(host, { place, handler }),
    request: (from, { method, url, headers = {}, body = "", timeoutMs }) =>
      new Promise((resolve, reject) => {
        const parsed = new URL(url);
        const host = hosts.get(parsed.hostname);
        const expire = clock.after(timeoutMs, () =>
          reject(new HttpUnreachable(`no answer from ${parsed.hostname} within ${timeoutMs} ms`)),
        );
        if (host === undefined) {
          expire();
          clock.after(1, () => reject(new HttpUnreachable(`nothing listens at ${parsed.hostname}`)));
          return;
        }
        const hopMs = network.latencyMs(from, host.place);
        // Packets may be lost on the way there and on the way back; then only the caller's timeout ends the wait.
        clock.after(hopMs, () => {
          if (!network.reachesData(from, host.place)) return;
          const answer = async (): Promise<void> => {
            const reply = await host.handler({ method, url: parsed, headers, body, from });
            clock.after(hopMs, () => {
              if (!network.reachesData(host.place, from)) return;
              expire();
              resolve(reply);
            });
          };
          answer().catch((error: unknown) => {
            expire();
            reject(error instanceof Error ? error : new Error(String(error)));
          });
        });
      }),
  };
};
