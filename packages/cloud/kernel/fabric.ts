import { QUIET, type VirtualClock } from "./clock.ts";
import { promised, type Later } from "./later.ts";
import type { Network, Place } from "./network.ts";
import { HttpUnreachable, type HttpReply, type HttpRequest } from "./http.ts";

/** Answers one HTTP request that reached a host. `from` is where the packets came from. */
export type HostHandler = (request: {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly from: Place;
}) => HttpReply | Promise<HttpReply> | Later<HttpReply>;

/** Hears what becomes of its request: one of the two, once. Each answers as the clock's actions do. */
export interface Sender {
  readonly answered: (reply: HttpReply) => unknown;
  /** `reason` is what {@link HttpUnreachable} would say; `error` is the server's own, where it broke. */
  readonly unanswered: (reason: string, error?: Error) => unknown;
}

/** HTTP between places of the simulated world: load balancers, S3's public endpoints, whatever else listens on a host name. */
export interface Fabric {
  /** Binds a concrete host name (no DNS involved) to a place and a handler. Binding again replaces. */
  listen(host: string, place: Place, handler: HostHandler): void;
  /**
   * Sends a request to a concrete host. Rejects with {@link HttpUnreachable} after `timeoutMs` when nothing answers, at
   * once (after a round trip) when the place answers but nobody listens.
   */
  request(from: Place, request: HttpRequest): Promise<HttpReply>;
  /** As {@link request}, for those who send many requests and wait for none. */
  send(from: Place, request: HttpRequest, sender: Sender): void;
  /**
   * What a GET would be answered now, without the time that packets take; undefined: nothing. For those who ask all day, know
   * the host in their URL, and act on a change alone.
   */
  glance(from: Place, host: string, url: URL): HttpReply | Promise<HttpReply> | undefined;
}

export const createFabric = (clock: VirtualClock, network: Network): Fabric => {
  const hosts = new Map<string, { place: Place; handler: HostHandler }>();
  const send: Fabric["send"] = (from, { method, url, headers = {}, body = "", timeoutMs }, sender) => {
    const parsed = typeof url === "string" ? new URL(url) : url;
    const host = hosts.get(parsed.hostname);
    const startMs = clock.nowMs();
    if (host === undefined) {
      clock.after(1, () => sender.unanswered(`nothing listens at ${parsed.hostname}`));
      return;
    }
    const hopMs = network.latencyMs(from, host.place);
    let isOver = false;
    const expire = (): unknown => {
      isOver = true;
      return sender.unanswered(`no answer from ${parsed.hostname} within ${timeoutMs} ms`);
    };
    clock.after(hopMs, () => {
      // The caller's timer matters only where packets are lost, or where the answer takes its time.
      const cancel = clock.at(startMs + timeoutMs, expire);
      if (!network.reachesData(from, host.place)) return QUIET;
      const sendBack = (reply: HttpReply): unknown => {
        clock.after(hopMs, () => {
          // Packets may be lost on the way back as well; then only the caller's timeout ends the wait.
          if (isOver || !network.reachesData(host.place, from)) return QUIET;
          cancel();
          return sender.answered(reply);
        });
        return QUIET;
      };
      const fail = (thrown: unknown): unknown => {
        if (isOver) return QUIET;
        cancel();
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        return sender.unanswered(error.message, error);
      };
      try {
        const reply = host.handler({ method, url: parsed, headers, body, from });
        if (typeof reply === "function") return reply({ done: sendBack, failed: fail });
        if (!(reply instanceof Promise)) return sendBack(reply);
        reply.then(sendBack, fail);
        return undefined;
      } catch (error) {
        return fail(error);
      }
    });
  };
  return {
    listen: (host, place, handler) => void hosts.set(host, { place, handler }),
    glance(from, host, url) {
      const server = hosts.get(host);
      if (server === undefined || !network.reachesData(from, server.place)) return undefined;
      const reply = server.handler({ method: "GET", url, headers: {}, body: "", from });
      return typeof reply === "function" ? promised(reply) : reply;
    },
    request: (from, request) =>
      new Promise((resolve, reject) => {
        send(from, request, {
          answered: resolve,
          unanswered: (reason, error) => reject(error ?? new HttpUnreachable(reason)),
        });
      }),
    send,
  };
};
