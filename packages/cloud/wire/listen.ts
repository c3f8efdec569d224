import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Origin } from "../kernel/service.ts";
import type { World } from "../kernel/world.ts";
import { readHostname, readSignature, type Destination } from "./destination.ts";
import { outcomeOf, type Dispatch } from "./dispatch.ts";
import type { WireRequest } from "./message.ts";
import { readRequest, receive, type Received } from "./receive.ts";

export interface ListenOptions {
  /** 0 picks a free one. */
  readonly port?: number;
  /** Who all clients of this port are. */
  readonly origin?: Origin;
  /**
   * Runs the virtual clock until a request is answered, one request after the other. For ports of a world that nobody
   * else drives; without it only what takes no virtual time is answered before somebody runs the clock.
   */
  readonly drivesClock?: boolean;
}

export interface Listening {
  readonly port: number;
  /** What clients take for an endpoint. */
  readonly endpoint: string;
  close(): Promise<void>;
}

const OPERATOR: Origin = { place: "internet", principal: "operator" };

const read = async (request: IncomingMessage): Promise<WireRequest> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const url = new URL(request.url ?? "/", "http://localhost");
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(name);
    query[name] = values.length === 1 ? (values[0] ?? "") : values;
  }
  const headers = Object.entries(request.headers).map(
    ([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")] as const,
  );
  return {
    method: request.method ?? "GET",
    hostname: (request.headers.host ?? "").replace(/:\d+$/, ""),
    path: url.pathname,
    query,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(parts),
  };
};

const locate = (request: WireRequest): Destination | undefined =>
  readSignature(request.headers["authorization"] ?? "") ?? readHostname(request.hostname, "us-east-1");

/**
 * Opens a port on the loopback address where any client of AWS may call the simulated account: service and region are
 * read from the request's signature, else from its host name. Real sockets know no virtual latency; a request that may
 * not reach its region is dropped with its connection.
 */
export const listen = (world: World, dispatch: Dispatch, options: ListenOptions = {}): Promise<Listening> => {
  const { clock, network } = world;
  const origin = options.origin ?? OPERATOR;
  let queue: Promise<void> = Promise.resolve();

  const driven = (work: Promise<Received>): Promise<Received> => {
    let isOver = false;
    const ended = work.finally(() => {
      isOver = true;
    });
    queue = queue.then(() =>
      isOver ? undefined : clock.run({ untilMs: Number.POSITIVE_INFINITY, until: () => isOver }),
    );
    return ended;
  };

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await read(incoming);
    const destination = locate(request);
    if (destination === undefined) {
      response.writeHead(400, { "content-type": "text/plain" });
      response.end(`no service is meant by host ${request.hostname} and this signature`);
      return;
    }
    const { service, region } = destination;
    const reading = readRequest(destination, request);
    const atMs = clock.nowMs();
    const record = {
      atMs,
      origin,
      service: service.name,
      region,
      operation: reading.parsed?.operation.name ?? "unknown",
      input: reading.parsed?.input,
      mutating: reading.parsed?.operation.isMutating ?? false,
    };
    if (!network.reachesControl(origin.place, region)) {
      dispatch.record({ ...record, endedAtMs: atMs, outcome: { type: "no-answer" } });
      incoming.socket.destroy();
      return;
    }
    const work = receive(dispatch, reading, origin);
    const { answer: answered, reply } = await (options.drivesClock === true ? driven(work) : work);
    dispatch.record({ ...record, endedAtMs: clock.nowMs(), outcome: outcomeOf(answered) });
    response.writeHead(reply.status, reply.headers);
    response.end(reply.body);
  };

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      response.writeHead(500, { "content-type": "text/plain" });
      response.end(error instanceof Error ? error.message : "the simulation failed");
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      resolve({
        port,
        endpoint: `http://127.0.0.1:${port}`,
        close: () =>
          new Promise((done) => {
            server.closeAllConnections();
            server.close(() => done());
          }),
      });
    });
  });
};
