import { randomUUID } from "node:crypto";
import { resolve4, resolveCname } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock, Http, Ids, TrafficPort } from "@lifeboat/operations/ports";

/** The machine that a function runs on: its clock, its chance, its network. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms) => sleep(ms),
};

export const systemIds: Ids = { next: () => randomUUID() };

export const systemHttp: Http = {
  async get(url, timeoutMs) {
    try {
      const reply = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
      await reply.body?.cancel();
      return { status: reply.status };
    } catch (error) {
      return { unreachable: error instanceof Error ? error.message : String(error) };
    }
  },
};

/** The function's own resolver, as a client would ask it: names that the host is an alias of, then addresses. */
export const systemResolver: Pick<TrafficPort, "resolve"> = {
  async resolve(host) {
    const [names, addresses] = await Promise.allSettled([resolveCname(host), resolve4(host)]);
    return [names, addresses].flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  },
};
