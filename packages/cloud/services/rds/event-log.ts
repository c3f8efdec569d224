import type { Event } from "@aws-sdk/client-rds";
import type { World } from "../../kernel/world.ts";

/** Where an event belongs, in the words of `DescribeEvents`. */
export interface EventSource {
  readonly type: "db-cluster" | "db-cluster-snapshot";
  readonly identifier: string;
  readonly arn: string;
  readonly region: string;
}

export interface RecordedEvent {
  readonly region: string;
  readonly atMs: number;
  readonly event: Event;
}

export interface EventLog {
  /** Keeps the event for `DescribeEvents` and puts it on the region's bus. Nothing happens while the region is lost. */
  record(source: EventSource, category: string, eventId: string | undefined, message: string): void;
  all(): readonly RecordedEvent[];
}

/** The names that the EventBridge events use (Aurora User Guide, "Creating a rule that triggers on an Amazon Aurora event"). */
const ON_BUS = {
  "db-cluster": { detailType: "RDS DB Cluster Event", sourceType: "CLUSTER" },
  "db-cluster-snapshot": { detailType: "RDS DB Cluster Snapshot Event", sourceType: "CLUSTER_SNAPSHOT" },
} as const;

export const createEventLog = (world: World): EventLog => {
  const events: RecordedEvent[] = [];
  return {
    record(source, category, eventId, message) {
      if (world.network.isLost(source.region)) return;
      const atMs = world.clock.nowMs();
      events.push({
        region: source.region,
        atMs,
        event: {
          SourceIdentifier: source.identifier,
          SourceType: source.type,
          SourceArn: source.arn,
          Message: message,
          EventCategories: [category],
          Date: new Date(atMs),
        },
      });
      const { detailType, sourceType } = ON_BUS[source.type];
      world.emit(source.region, {
        source: "aws.rds",
        detailType,
        resources: [source.arn],
        detail: {
          EventCategories: [category],
          SourceType: sourceType,
          SourceArn: source.arn,
          Date: new Date(atMs).toISOString(),
          Message: message,
          SourceIdentifier: source.identifier,
          ...(eventId === undefined ? {} : { EventID: eventId }),
        },
      });
    },
    all: () => events,
  };
};
