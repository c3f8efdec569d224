import type { HealthCheckConfig } from "@aws-sdk/client-route-53";
import { INTERNET } from "../../kernel/network.ts";
import { QUIET } from "../../kernel/clock.ts";
import type { World } from "../../kernel/world.ts";
import type { HttpReply } from "../../kernel/http.ts";
import { CHECKER_REGIONS, CONTROL_PLANE_REGION, type Checker, type HealthCheck } from "./state.ts";

/** "If more than 18% of health checkers report that an endpoint is healthy, Route 53 considers it healthy" (Route 53 Developer Guide). */
const HEALTHY_SHARE = 0.18;
const CHECKERS_PER_REGION = 2;
/** A TCP connection within four seconds (same guide, "How Route 53 determines whether …"). Endpoints here answer at once or never. */
const CONNECT_MS = 4000;
const ROUND_TRIP_MS = 25;
const UNREACHABLE =
  "Failure: Connection timed out. The endpoint or the internet connection is down, or requests are being blocked by your firewall.";
const SEARCHED_BYTES = 5120;
/** From the checkers' vote to the DNS servers. Guessed: "seconds". */
const PUBLISH_SECONDS = [1, 4] as const;
const METRIC_PERIOD_MS = 60_000;

export interface HealthCheckFixture {
  readonly id: string;
  readonly config: HealthCheckConfig;
  /**
   * What the checkers hold the endpoint for at the start, before inversion. A new check counts as healthy until
   * something else is known; one that has long been there knows. Default true.
   */
  readonly startsHealthy?: boolean;
}

export interface HealthChecks {
  create(fixture: HealthCheckFixture): HealthCheck;
  get(id: string): HealthCheck | undefined;
  all(): readonly HealthCheck[];
  /** As the DNS servers act on it: inversion, disabling and children considered. */
  isHealthy(id: string): boolean;
}

const ENDPOINT_TYPES = new Set<string>(["HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH"]);

/** Simulated checkers that look through the network at HTTP endpoints, and calculated checks over them. */
export const createHealthChecks = (
  world: World,
  resolve: (name: string) => string | undefined,
): HealthChecks => {
  const checks = new Map<string, HealthCheck>();
  const { clock, network } = world;

  /** Checkers of a lost region say nothing; they do not count. */
  const reporting = (check: HealthCheck): Checker[] =>
    check.checkers.filter(({ region }) => !network.isLost(region));
  const vote = (check: HealthCheck): boolean => {
    const present = reporting(check);
    return present.filter(({ healthy }) => healthy).length > present.length * HEALTHY_SHARE;
  };

  interface Look {
    readonly passed: boolean;
    readonly report: string;
  }

  const judge = ({ config }: HealthCheck, reply: HttpReply): Look => {
    const code = `HTTP Status Code ${reply.status}`;
    if (reply.status < 200 || reply.status >= 400) return { passed: false, report: `Failure: ${code}` };
    const wanted = config.SearchString;
    if (wanted !== undefined && !reply.body.slice(0, SEARCHED_BYTES).includes(wanted)) {
      return {
        passed: false,
        report: `Failure: The response body didn't include the search string: ${wanted}`,
      };
    }
    return { passed: true, report: `Success: ${code}, OK` };
  };

  /** How the checkers of one check look at its endpoint. */
  const lookAt = (check: HealthCheck): (() => Look | Promise<Look>) => {
    const { config } = check;
    const scheme = config.Type?.startsWith("HTTPS") === true ? "https" : "http";
    const name = config.FullyQualifiedDomainName ?? config.IPAddress ?? "";
    const path = config.ResourcePath ?? "/";
    // The address is the same for all rounds while the name leads there, and what it says while the reply is the same.
    let known: { readonly host: string; readonly url: URL } | undefined;
    let last: { readonly reply: HttpReply; readonly look: Look } | undefined;
    const judged = (reply: HttpReply): Look => {
      if (last?.reply !== reply) last = { reply, look: judge(check, reply) };
      return last.look;
    };
    return () => {
      const host = resolve(name);
      if (host === undefined)
        return { passed: false, report: "Failure: DNS resolution failed: Rcode NXDomain(3)" };
      if (known?.host !== host) known = { host, url: new URL(`${scheme}://${host}${path}`) };
      const reply = world.fabric.glance(INTERNET, host, known.url);
      if (reply === undefined) return { passed: false, report: UNREACHABLE };
      return reply instanceof Promise ? reply.then(judged) : judged(reply);
    };
  };

  const startChecker = (check: HealthCheck, checker: Checker, look: () => Look | Promise<Look>): void => {
    const random = world.random.stream(`route-53/${check.id}/${checker.ip}`);
    const intervalMs = (check.config.RequestInterval ?? 30) * 1000;
    const threshold = check.config.FailureThreshold ?? 3;
    const conclude = (passed: boolean, report: string): void => {
      checker.report = report;
      checker.checkedAtMs = clock.nowMs();
      checker.against = passed === checker.healthy ? 0 : checker.against + 1;
      if (checker.against < threshold) return;
      checker.healthy = passed;
      checker.against = 0;
      publishVote(check);
    };
    const weigh = ({ passed, report }: Look): void => {
      // The answer is what it is when the packets arrive; what an unreachable endpoint costs is the checker's patience.
      if (passed === checker.healthy && checker.against === 0) conclude(passed, report);
      else
        clock.after(report === UNREACHABLE ? CONNECT_MS : ROUND_TRIP_MS, () => {
          conclude(passed, report);
          return QUIET;
        });
    };
    const round = (): unknown => {
      if (network.isLost(checker.region) || check.config.Disabled === true) return QUIET;
      const seen = look();
      if (seen instanceof Promise) {
        seen.then(weigh, () => weigh({ passed: false, report: UNREACHABLE }));
        return undefined;
      }
      weigh(seen);
      return QUIET;
    };
    clock.every(intervalMs, round, random.integer(0, intervalMs));
  };

  const publishing = world.random.stream("route-53/publish");
  const publishVote = (check: HealthCheck): void => {
    if (vote(check) === check.published) return;
    const [least, most] = PUBLISH_SECONDS;
    clock.after(publishing.integer(least * 1000, most * 1000), () => {
      check.published = vote(check);
      return QUIET;
    });
  };

  const isHealthy = (id: string): boolean => {
    const check = checks.get(id);
    if (check === undefined) throw new Error(`no health check ${id}`);
    const { Type, Disabled, Inverted, ChildHealthChecks = [], HealthThreshold = 0 } = check.config;
    const upright = (): boolean => {
      // A disabled check counts as healthy (API_HealthCheckConfig, Disabled); inversion still applies.
      if (Disabled === true) return true;
      if (Type === "CALCULATED") return ChildHealthChecks.filter(isHealthy).length >= HealthThreshold;
      return check.published;
    };
    return upright() !== (Inverted === true);
  };

  const publishMetrics = (check: HealthCheck): unknown => {
    const present = reporting(check);
    const measure = (metricName: string, value: number): void =>
      world.measure(CONTROL_PLANE_REGION, {
        namespace: "AWS/Route53",
        metricName,
        dimensions: { HealthCheckId: check.id },
        atMs: clock.nowMs(),
        value,
        storageResolutionSeconds: 60,
      });
    measure("HealthCheckStatus", isHealthy(check.id) ? 1 : 0);
    if (present.length > 0) {
      const share = present.filter(({ healthy }) => healthy).length / present.length;
      measure("HealthCheckPercentageHealthy", 100 * share);
    }
    return QUIET;
  };

  return {
    create({ id, config, startsHealthy = true }) {
      const type = config.Type ?? "";
      if (type !== "CALCULATED" && !ENDPOINT_TYPES.has(type))
        throw new Error(`health check type ${type} is not modelled`);
      const regions = type === "CALCULATED" ? [] : (config.Regions ?? CHECKER_REGIONS);
      const check: HealthCheck = {
        id,
        callerReference: id,
        config,
        checkers: regions.flatMap((region, place) =>
          Array.from({ length: CHECKERS_PER_REGION }, (_, index) => ({
            region,
            ip: `15.177.${place}.${10 + index}`,
            healthy: startsHealthy,
            against: 0,
            report: startsHealthy ? "Success: HTTP Status Code 200, OK" : "Failure: HTTP Status Code 404",
            checkedAtMs: clock.nowMs(),
          })),
        ),
        published: startsHealthy,
      };
      checks.set(id, check);
      const look = lookAt(check);
      for (const checker of check.checkers) startChecker(check, checker, look);
      clock.every(METRIC_PERIOD_MS, () => publishMetrics(check));
      return check;
    },
    get: (id) => checks.get(id),
    all: () => [...checks.values()],
    isHealthy,
  };
};
