import { QUIET, type VirtualClock } from "./clock.ts";
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
  /**
   * What a GET would be answered now, without the time that packets take; undefined: nothing. For those who ask all day, know
   * the host in their URL, and act on a change alone.
   */
  glance(from: Place, host: string, url: URL): HttpReply | Promise<HttpReply> | undefined;
}

export const createFabric = (clock: VirtualClock, network: Network): Fabric => {
  const hosts = new Map<string, { place: Place; handler: HostHandler }>();
  return {
    listen: (host, place, handler) => void hosts.set(host, { place, handler }),
    glance(from, host, url) {
      const server = hosts.get(host);
      if (server === undefined || !network.reachesData(from, server.place)) return undefined;
      return server.handler({ method: "GET", url, headers: {}, body: "", from });
    },
    request: (from, { method, url, headers = {}, body = "", timeoutMs }) =>
      new Promise((resolve, reject) => {
        const parsed = typeof url === "string" ? new URL(url) : url;
        const host = hosts.get(parsed.hostname);
        const startMs = clock.nowMs();
        // The caller's timer matters only where packets are lost, or where the answer takes its time.
        const expire = (): (() => void) =>
          clock.at(startMs + timeoutMs, () =>
            reject(new HttpUnreachable(`no answer from ${parsed.hostname} within ${timeoutMs} ms`)),
          );
        if (host === undefined) {
          clock.after(1, () => reject(new HttpUnreachable(`nothing listens at ${parsed.hostname}`)));
          return;
        }
        const hopMs = network.latencyMs(from, host.place);
        const sendBack = (reply: HttpReply, settled: () => void): void => {
          clock.after(hopMs, () => {
            // Packets may be lost on the way back as well; then only the caller's timeout ends the wait.
            if (!network.reachesData(host.place, from)) return;
            settled();
            resolve(reply);
          });
        };
        clock.after(hopMs, () => {
          const cancel = expire();
          if (!network.reachesData(from, host.place)) return QUIET;
          const fail = (error: unknown): void => {
            cancel();
            reject(error instanceof Error ? error : new Error(String(error)));
          };
          try {
            const reply = host.handler({ method, url: parsed, headers, body, from });
            if (!(reply instanceof Promise)) {
              sendBack(reply, cancel);
              return QUIET;
            }
            reply.then((answered) => sendBack(answered, cancel), fail);
          } catch (error) {
            fail(error);
          }
          return undefined;
        });
      }),
  };
};
