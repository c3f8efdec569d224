import { CreateEventBusCommand } from "@aws-sdk/client-eventbridge";
import type { Connection } from "@lifeboat/aws/connection";
import { createRecoveryEvents } from "@lifeboat/aws/eventbridge";
import { toRecoveryEvent } from "@lifeboat/recovery/recovery-event";
import { beforeEach, describe, expect, it } from "vitest";
import { createAccount, PARIS, type Account } from "./cloud-account.ts";

const BUS = "lifeboat-spacelift";
const event = toRecoveryEvent(
  { type: "lifeboat.site.fenced", epoch: 4, reason: "cut off" },
  { workload: "spacelift", site: "paris", nowMs: 1000 },
);

describe("the adapter for recovery events", () => {
  let account: Account;
  let connection: Connection;
  beforeEach(() => {
    account = createAccount();
    connection = {
      region: PARIS,
      credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
      requestHandler: ({ timeoutMs }) => account.cloud.connect({ region: PARIS, timeoutMs }),
    };
  });

  it("puts an event on the workload's own bus, and says that it is told", async () => {
    await account.run(() => account.events(PARIS).send(new CreateEventBusCommand({ Name: BUS })));
    const result = await account.run(() => createRecoveryEvents(connection, BUS).tell(event));
    expect(result).toEqual({ told: true });
    expect(account.cloud.eventbridge.events.at(-1)).toMatchObject({
      region: PARIS,
      bus: BUS,
      event: { source: "lifeboat", "detail-type": "lifeboat.site.fenced", detail: event },
    });
    account.expectConformance();
  });

  it("takes no answer of 200 for a success when the entry was refused", async () => {
    const result = await account.run(() => createRecoveryEvents(connection, "forgotten").tell(event));
    expect(result).toEqual({ told: false, reason: expect.stringContaining("forgotten does not exist") });
  });

  it("tries once, for less than a second, and throws nothing", async () => {
    const { world } = account.cloud;
    let calls = 0;
    world.faults.call = () => {
      calls += 1;
      return { type: "lose-reply" };
    };
    const startMs = world.clock.nowMs();
    const result = await account.run(() => createRecoveryEvents(connection, BUS).tell(event));
    expect(result).toMatchObject({ told: false });
    expect(world.clock.nowMs() - startMs).toBeLessThan(1000);
    expect(calls).toBe(1);
  });
});
