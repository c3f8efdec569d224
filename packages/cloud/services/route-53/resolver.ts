import type { ResourceRecordSet } from "@aws-sdk/client-route-53";
import type { Place } from "../../kernel/network.ts";
import type { World } from "../../kernel/world.ts";
import { fullName, hostName, type HostedZone } from "./state.ts";

/** `host` is a concrete host of the network: a load balancer's name, an address. The TTL counts from the answer on. */
export type DnsAnswer =
  | { readonly type: "answer"; readonly host: string; readonly ttlSeconds: number }
  | { readonly type: "nxdomain" };

/** Answers of load balancers to alias queries live a minute (Route 53 Developer Guide, "Choosing between alias and non-alias records"). */
const ALIAS_TTL_SECONDS = 60;
const MOST_LINKS = 8;
/** What a recursive resolver takes from its cache, and when it has to ask. */
const CACHED_MS = 2;
const LEAST_LOOKUP_MS = 15;
const MOST_LOOKUP_MS = 80;

export interface RecordHealth {
  /** A health check's verdict. */
  readonly isHealthy: (healthCheckId: string) => boolean;
  /** Health of what an alias points at, where somebody knows it: a load balancer with healthy targets. */
  readonly targetHealth: (host: string) => boolean | undefined;
}

const LEADING = new Set<string | undefined>(["A", "AAAA", "CNAME"]);

const isIn = (name: string, zone: HostedZone): boolean =>
  name.endsWith(zone.name) &&
  (name.length === zone.name.length || name[name.length - zone.name.length - 1] === ".");

/** What the authoritative servers answer to a query for addresses: from what the zones have published when they are asked. */
export const answerFrom = (zones: ReadonlyMap<string, HostedZone>, health: RecordHealth) => {
  const recordsOf = (name: string): readonly ResourceRecordSet[] | undefined => {
    let closest: HostedZone | undefined;
    for (const zone of zones.values())
      if (isIn(name, zone) && zone.name.length > (closest?.name.length ?? 0)) closest = zone;
    return closest?.published.filter(
      (record) => LEADING.has(record.Type) && fullName(record.Name ?? "") === name,
    );
  };
  const isHealthy = (record: ResourceRecordSet): boolean => {
    if (record.HealthCheckId !== undefined && !health.isHealthy(record.HealthCheckId)) return false;
    const alias = record.AliasTarget;
    if (alias?.EvaluateTargetHealth !== true) return true;
    const target = fullName(alias.DNSName ?? "");
    const own = recordsOf(target);
    if (own !== undefined && own.length > 0) return own.some(isHealthy);
    return health.targetHealth(hostName(target)) ?? true;
  };
  const choose = (records: readonly ResourceRecordSet[]): ResourceRecordSet | undefined => {
    const primary = records.find((record) => record.Failover === "PRIMARY");
    const secondary = records.find((record) => record.Failover === "SECONDARY");
    if (primary === undefined) return secondary ?? records[0];
    // With both unhealthy Route 53 answers with the primary ("How Route 53 chooses records when health checking is configured").
    return !isHealthy(primary) && secondary !== undefined && isHealthy(secondary) ? secondary : primary;
  };
  const follow = (name: string, ttlSeconds: number, links: number): DnsAnswer => {
    const records = recordsOf(name);
    if (records === undefined) return { type: "answer", host: hostName(name), ttlSeconds };
    const record = choose(records);
    if (record === undefined || links > MOST_LINKS) return { type: "nxdomain" };
    if (record.AliasTarget !== undefined) {
      const target = fullName(record.AliasTarget.DNSName ?? "");
      // An alias to a record of one's own has that record's TTL.
      const own = recordsOf(target) !== undefined;
      return follow(target, own ? ttlSeconds : Math.min(ttlSeconds, ALIAS_TTL_SECONDS), links + 1);
    }
    const ttl = Math.min(ttlSeconds, record.TTL ?? ALIAS_TTL_SECONDS);
    const value = record.ResourceRecords?.[0]?.Value ?? "";
    return record.Type === "CNAME"
      ? follow(fullName(value), ttl, links + 1)
      : { type: "answer", host: hostName(value), ttlSeconds: ttl };
  };
  return (name: string): DnsAnswer => follow(fullName(name), Number.POSITIVE_INFINITY, 0);
};

export type Resolve = (name: string, from: Place) => Promise<DnsAnswer>;

/**
 * The recursive resolver that clients at a place share. It keeps an answer for its TTL and hands out what is left of
 * it, so that a client behind it never holds on to an old address for longer than the TTL in all.
 */
export const createResolver = (world: World, ask: (name: string) => DnsAnswer): Resolve => {
  const random = world.random.stream("dns");
  const caches = new Map<
    string,
    { readonly answer: DnsAnswer & { type: "answer" }; readonly untilMs: number }
  >();
  return async (name, from) => {
    const key = `${from}/${fullName(name)}`;
    const cached = caches.get(key);
    if (cached !== undefined && world.clock.nowMs() + CACHED_MS < cached.untilMs) {
      await world.clock.sleep(CACHED_MS);
      return { ...cached.answer, ttlSeconds: (cached.untilMs - world.clock.nowMs()) / 1000 };
    }
    await world.clock.sleep(random.integer(LEAST_LOOKUP_MS, MOST_LOOKUP_MS));
    const answer = ask(name);
    if (answer.type === "answer" && Number.isFinite(answer.ttlSeconds)) {
      caches.set(key, { answer, untilMs: world.clock.nowMs() + answer.ttlSeconds * 1000 });
    }
    return answer;
  };
};
