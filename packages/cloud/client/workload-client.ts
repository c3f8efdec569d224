import { QUIET } from "../kernel/clock.ts";
import { INTERNET, type Place } from "../kernel/network.ts";
import { type World } from "../kernel/world.ts";
import { HttpUnreachable, type HttpReply } from "../kernel/http.ts";
import type { DnsAnswer } from "../services/route-53/resolver.ts";
import { readReply, type WriteOutcome, type WriteRow } from "./rows.ts";

export interface WorkloadClientOptions {
  /** The workload's DNS name. */
  readonly name: string;
  readonly path?: string;
  readonly from?: Place;
  /** Time between writes, give or take a tenth. They do not wait for each other. */
  readonly everyMs?: number;
  /** Limit for one write, name resolution included. */
  readonly timeoutMs?: number;
  readonly resolve: (name: string, from: Place) => Promise<DnsAnswer>;
}

export interface WorkloadClient {
  start(): void;
  stop(): void;
  /** From the next write on, so much time between writes. */
  pace(everyMs: number): void;
  rows(): readonly WriteRow[];
  /** Called when a write's outcome is known; settles nothing that code waits for. */
  readonly onRow: (listener: (row: WriteRow) => void) => void;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * A user of the workload who writes all the time through its DNS name and keeps every receipt. It remembers a name's
 * address for as long as its TTL says and no longer.
 */
export const createWorkloadClient = (
  world: World,
  {
    name,
    path = "/writes",
    from = INTERNET,
    everyMs = 500,
    timeoutMs = 2000,
    resolve,
  }: WorkloadClientOptions,
): WorkloadClient => {
  const random = world.random.stream(`client/${name}/${from}`);
  const rows: WriteRow[] = [];
  const listeners: ((row: WriteRow) => void)[] = [];
  let running = false;
  let paceMs = everyMs;
  let cached: { url: URL; untilMs: number } | undefined;

  /** The address that is remembered; undefined: it has to be asked for. */
  const known = (): URL | undefined =>
    cached !== undefined && world.clock.nowMs() < cached.untilMs ? cached.url : undefined;
  const ask = async (): Promise<URL> => {
    const answer = await resolve(name, from);
    if (answer.type !== "answer") throw new HttpUnreachable(`${name}: ${answer.type}`);
    const url = new URL(`https://${answer.host}${path}`);
    cached = { url, untilMs: world.clock.nowMs() + answer.ttlSeconds * 1000 };
    return url;
  };

  const failed = (reason: string): WriteOutcome => ({ type: "failed", atMs: world.clock.nowMs(), reason });
  const read = ({ status, body }: HttpReply): WriteOutcome => {
    const atMs = world.clock.nowMs();
    if (status !== 200) return { type: "failed", atMs, reason: `HTTP ${status}`, status };
    const receipt = readReply(body);
    return receipt === undefined
      ? failed(`no receipt: ${body}`)
      : { type: "acknowledged", atMs, region: receipt.region, status };
  };
  const end = (row: WriteRow, outcome: WriteOutcome): unknown => {
    row.outcome = outcome;
    for (const listener of listeners) listener(row);
    return QUIET;
  };
  const post = (row: WriteRow, url: URL): void => {
    world.fabric.send(
      from,
      { method: "POST", url, body: String(row.sequence), timeoutMs },
      {
        answered: (reply) => end(row, read(reply)),
        unanswered: (reason) => end(row, failed(reason)),
      },
    );
  };

  const write = (): unknown => {
    const row: WriteRow = {
      sequence: rows.length + 1,
      sentAtMs: world.clock.nowMs(),
      outcome: { type: "pending" },
    };
    rows.push(row);
    const url = known();
    if (url === undefined) {
      ask().then(
        (asked) => post(row, asked),
        (error: unknown) => end(row, failed(messageOf(error))),
      );
      return undefined;
    }
    post(row, url);
    // A request that has left waits for the network alone.
    return QUIET;
  };

  const tick = (): unknown => {
    if (!running) return QUIET;
    const written = write();
    world.clock.after(Math.round(paceMs * (0.9 + 0.2 * random.next())), tick);
    return written;
  };

  return {
    start() {
      if (running) return;
      running = true;
      tick();
    },
    stop() {
      running = false;
    },
    pace(nextMs) {
      paceMs = nextMs;
    },
    rows: () => rows,
    onRow: (listener) => void listeners.push(listener),
  };
};
