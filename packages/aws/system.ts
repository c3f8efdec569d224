import { randomUUID } from "node:crypto";
import { resolve4, resolveCname } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock, Http, Ids, TrafficPort } from "@lifeboat/operations/ports";
import type { FetchText } from "./caller-identity.ts";

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

/** More than any answer of STS. */
const LONGEST_TEXT = 65_536;

export const systemFetchText: FetchText = async (url, headers, timeoutMs) => {
  try {
    const reply = await fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
    const body = await reply.text();
    return { status: reply.status, body: body.slice(0, LONGEST_TEXT) };
  } catch (error) {
    // Not the message: it may quote the URL, which is signed.
    return { unreachable: error instanceof Error ? error.name : "no answer" };
  }
};

/** The function's own resolver, as a client would ask it: names that the host is an alias of, then addresses. */
export const systemResolver: Pick<TrafficPort, "resolve"> = {
  async resolve(host) {
    const [names, addresses] = await Promise.allSettled([resolveCname(host), resolve4(host)]);
    return [names, addresses].flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  },
};
