import type {
  ChangeInfo,
  ChangeResourceRecordSetsCommandInput,
  GetChangeCommandInput,
  GetHealthCheckCommandInput,
  GetHealthCheckStatusCommandInput,
  GetHostedZoneCommandInput,
  ListHostedZonesByNameCommandInput,
  ListResourceRecordSetsCommandInput,
  ResourceRecordSet,
} from "@aws-sdk/client-route-53";
import { AwsError, type ServiceModel } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import { applyChanges } from "./changes.ts";
import { createHealthChecks, type HealthCheckFixture } from "./health-checks.ts";
import { answerFrom, createResolver, type DnsAnswer, type Resolve } from "./resolver.ts";
import { CONTROL_PLANE_REGION, fullName, type HealthCheck, type HostedZone } from "./state.ts";

export interface Route53Options {
  /** Health of what an alias with EvaluateTargetHealth points at; undefined where nobody knows, which counts as healthy. */
  readonly targetHealth?: (host: string) => boolean | undefined;
  /** Read at each call: a scenario may take the control plane down while us-east-1 lives. */
  readonly faults?: { controlPlaneDown?: boolean };
}

export interface Route53 extends ServiceModel {
  /** Fixture: a zone and its records, in effect at once. */
  createHostedZone(fixture: {
    readonly id: string;
    readonly name: string;
    readonly records: readonly ResourceRecordSet[];
  }): void;
  /** Fixture: a health check that has long been there. */
  createHealthCheck(fixture: HealthCheckFixture): void;
  isHealthy(healthCheckId: string): boolean;
  /** What the authoritative servers answer now, without any cache. */
  answer(name: string): DnsAnswer;
  /** As clients at a place see it: through their resolver's cache. */
  readonly resolve: Resolve;
}

/** "Changes generally propagate to all Route 53 name servers within 60 seconds" (API_ChangeResourceRecordSets). */
const LEAST_PROPAGATION_MS = 10_000;
const MOST_PROPAGATION_MS = 60_000;
const PAGE = 300;

const zoneId = (id = ""): string => id.replace(/^\/?hostedzone\//, "");

const describeCheck = (check: HealthCheck) => ({
  Id: check.id,
  CallerReference: check.callerReference,
  HealthCheckConfig: check.config,
  HealthCheckVersion: 1,
});

/**
 * Route 53 (Developer Guide and API Reference): DNS servers, resolvers and health checkers are everywhere and go on
 * whatever region is lost; every API operation needs us-east-1.
 */
export const createRoute53 = (
  world: World,
  { targetHealth = () => undefined, faults = {} }: Route53Options = {},
): Route53 => {
  const random = world.random.stream("route-53");
  const zones = new Map<string, HostedZone>();
  const changes = new Map<string, ChangeInfo>();
  const publishedUpTo = new Map<string, number>();

  const answer: (name: string) => DnsAnswer = answerFrom(zones, {
    isHealthy: (id) => checks.isHealthy(id),
    targetHealth,
  });
  const checks = createHealthChecks(world, (name) => {
    const found = answer(name);
    return found.type === "answer" ? found.host : undefined;
  });

  const controlPlane =
    <Input, Output>(operation: (input: Input) => Output) =>
    (input: Input): Output => {
      if (faults.controlPlaneDown === true || world.network.isLost(CONTROL_PLANE_REGION)) {
        throw new AwsError("ServiceUnavailable", "Service is unable to handle the request.", 503);
      }
      return operation(input);
    };
  const zoneNamed = (id: string | undefined): HostedZone => {
    const found = zones.get(zoneId(id));
    if (found === undefined)
      throw new AwsError("NoSuchHostedZone", `No hosted zone found with ID: ${zoneId(id)}`, 404);
    return found;
  };
  const checkNamed = (id = ""): HealthCheck => {
    const found = checks.get(id);
    if (found === undefined)
      throw new AwsError("NoSuchHealthCheck", `No health check exists with the specified ID ${id}.`, 404);
    return found;
  };
  const describeZone = (zone: HostedZone) => ({
    Id: `/hostedzone/${zone.id}`,
    Name: zone.name,
    CallerReference: zone.id,
    Config: { PrivateZone: false },
    ResourceRecordSetCount: zone.records.length,
  });

  return {
    service: "route-53",
    operations: {
      ListResourceRecordSets: controlPlane((input: ListResourceRecordSetsCommandInput) => {
        const sorted = [...zoneNamed(input.HostedZoneId).records].sort((left, right) =>
          `${left.Name} ${left.Type} ${left.SetIdentifier}`.localeCompare(
            `${right.Name} ${right.Type} ${right.SetIdentifier}`,
          ),
        );
        const from = input.StartRecordName === undefined ? "" : fullName(input.StartRecordName);
        const start = sorted.findIndex(
          (record) =>
            (record.Name ?? "") >= from &&
            (record.Name !== from ||
              input.StartRecordType === undefined ||
              (record.Type ?? "") >= input.StartRecordType) &&
            (input.StartRecordIdentifier === undefined ||
              record.Name !== from ||
              (record.SetIdentifier ?? "") >= input.StartRecordIdentifier),
        );
        const most = Math.min(PAGE, input.MaxItems ?? PAGE);
        const rest = start < 0 ? [] : sorted.slice(start);
        const next = rest[most];
        return {
          ResourceRecordSets: rest.slice(0, most),
          IsTruncated: next !== undefined,
          MaxItems: most,
          ...(next === undefined
            ? {}
            : {
                NextRecordName: next.Name,
                NextRecordType: next.Type,
                NextRecordIdentifier: next.SetIdentifier,
              }),
        };
      }),

      ChangeResourceRecordSets: controlPlane((input: ChangeResourceRecordSetsCommandInput) => {
        const zone = zoneNamed(input.HostedZoneId);
        const batch = input.ChangeBatch?.Changes ?? [];
        for (const { ResourceRecordSet: record } of batch) {
          if (record?.HealthCheckId !== undefined) checkNamed(record.HealthCheckId);
        }
        const records = applyChanges(zone, batch);
        zone.records = records;
        const info: ChangeInfo = {
          Id: `/change/C${random.hex(13).toUpperCase()}`,
          Status: "PENDING",
          SubmittedAt: new Date(world.clock.nowMs()),
          ...(input.ChangeBatch?.Comment === undefined ? {} : { Comment: input.ChangeBatch.Comment }),
        };
        changes.set(info.Id ?? "", info);
        const order = changes.size;
        world.clock.after(random.integer(LEAST_PROPAGATION_MS, MOST_PROPAGATION_MS), () => {
          // A batch that overtook this one has brought its records along.
          publishedUpTo.set(zone.id, Math.max(order, publishedUpTo.get(zone.id) ?? 0));
          if (publishedUpTo.get(zone.id) === order) zone.published = records;
          changes.set(info.Id ?? "", { ...info, Status: "INSYNC" });
        });
        return { ChangeInfo: info };
      }),

      GetChange: controlPlane(({ Id: id = "" }: GetChangeCommandInput) => {
        const info = changes.get(id.startsWith("/change/") ? id : `/change/${id}`);
        if (info === undefined)
          throw new AwsError("NoSuchChange", `Could not find resource with ID: ${id}`, 404);
        return { ChangeInfo: info };
      }),

      GetHostedZone: controlPlane((input: GetHostedZoneCommandInput) => ({
        HostedZone: describeZone(zoneNamed(input.Id)),
      })),

      ListHostedZonesByName: controlPlane((input: ListHostedZonesByNameCommandInput) => {
        const from = input.DNSName === undefined ? "" : fullName(input.DNSName);
        const found = [...zones.values()]
          .filter((zone) => zone.name >= from)
          .sort((left, right) => left.name.localeCompare(right.name));
        return { HostedZones: found.map(describeZone), IsTruncated: false, MaxItems: PAGE };
      }),

      GetHealthCheck: controlPlane((input: GetHealthCheckCommandInput) => ({
        HealthCheck: describeCheck(checkNamed(input.HealthCheckId)),
      })),

      ListHealthChecks: controlPlane(() => ({
        HealthChecks: checks.all().map(describeCheck),
        Marker: "",
        IsTruncated: false,
        MaxItems: PAGE,
      })),

      /** What each checker saw last, before inversion (API_GetHealthCheckStatus). */
      GetHealthCheckStatus: controlPlane((input: GetHealthCheckStatusCommandInput) => {
        const check = checkNamed(input.HealthCheckId);
        if (check.config.Type === "CALCULATED") {
          throw new AwsError("InvalidInput", "The status of a calculated health check can't be retrieved.");
        }
        return {
          HealthCheckObservations: check.checkers.map((checker) => ({
            Region: checker.region,
            IPAddress: checker.ip,
            StatusReport: { Status: checker.report, CheckedTime: new Date(checker.checkedAtMs) },
          })),
        };
      }),
    },

    createHostedZone({ id, name, records }) {
      const zone: HostedZone = { id, name: fullName(name), records: [], published: [] };
      zone.records = applyChanges(
        zone,
        records.map((record) => ({ Action: "CREATE", ResourceRecordSet: record })),
      );
      zone.published = zone.records;
      zones.set(id, zone);
    },
    createHealthCheck: (fixture) => void checks.create(fixture),
    isHealthy: (id) => checks.isHealthy(id),
    answer,
    resolve: createResolver(world, answer),
  };
};
