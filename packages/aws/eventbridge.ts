import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { RecoveryEvents } from "@lifeboat/operations/ports";
import { clientFor, type Connection } from "./connection.ts";
import { failureOf } from "./failures.ts";

/**
 * How long a recovery waits for the bus at most, each time. A new connection within a region takes some 50 ms; whoever
 * needs every event of a recovery reads its record instead.
 */
const PATIENCE = { timeoutMs: 700, attempts: 1 };

/**
 * Events to whoever hooks in, on the workload's own bus in this function's region. Never throws: an event that cannot be
 * told is no reason to stop. PutEvents answers 200 for entries that it refused, and counts them:
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export const createRecoveryEvents = (connection: Connection, bus: string): RecoveryEvents => ({
  async tell(event) {
    const client = clientFor(
      connection,
      "eventbridge",
      connection.region,
      (settings) => new EventBridgeClient(settings),
      PATIENCE,
    );
    try {
      const { FailedEntryCount = 0, Entries = [] } = await client.send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName: bus,
              Source: "lifeboat",
              DetailType: event.type,
              Detail: JSON.stringify(event),
              Resources: "execution" in event ? [event.execution] : [],
            },
          ],
        }),
      );
      return FailedEntryCount === 0
        ? { told: true }
        : { told: false, reason: `${Entries[0]?.ErrorCode ?? "Unknown"}: ${Entries[0]?.ErrorMessage ?? ""}` };
    } catch (error) {
      const { name, message } = failureOf(error);
      return { told: false, reason: `${name}: ${message}` };
    }
  },
});
