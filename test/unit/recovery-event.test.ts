import { eventSchema } from "@lifeboat/plan/event-schema";
import { shortDigest, toRecoveryEvent, type EventDraft } from "@lifeboat/recovery/recovery-event";
import { describe, expect, it } from "vitest";

const where = { workload: "spacelift", site: "paris", nowMs: Date.UTC(2026, 10, 3, 3, 4, 5, 678) };
const execution = "arn:aws:states:eu-west-3:111122223333:execution:lifeboat-spacelift-failover:e1-watch";
const ended: EventDraft = {
  type: "lifeboat.recovery.step-ended",
  execution,
  epoch: 2,
  step: "promote",
  item: "database",
  distinct: "promote/database",
};

describe("an event", () => {
  it("has an id that says what happened, and not when it was told", () => {
    const event = toRecoveryEvent(ended, where);
    expect(event.id).toBe("spacelift/e1-watch/recovery.step-ended/promote/database");
    expect(toRecoveryEvent(ended, { ...where, nowMs: 5 }).id).toBe(event.id);
    expect(toRecoveryEvent({ ...ended, distinct: "promote/other" }, where).id).not.toBe(event.id);
    expect(event).not.toHaveProperty("distinct");
    expect(event.at).toBe("2026-11-03T03:04:05.678Z");
  });

  it("of no execution is known by its site and epoch", () => {
    const fenced = { type: "lifeboat.site.fenced", epoch: 4, reason: "cut off" } as const;
    expect(toRecoveryEvent(fenced, where).id).toBe("spacelift/paris/e4/site.fenced");
    const again = { ...fenced, epoch: null, distinct: "12345" };
    expect(toRecoveryEvent(again, where).id).toBe("spacelift/paris/unknown/site.fenced/12345");
  });

  it("follows its schema, which refuses another version, a field more and a field less", () => {
    const event = toRecoveryEvent(ended, where);
    expect(eventSchema.safeParse(event).success).toBe(true);
    for (const wrong of [
      { ...event, version: 2 },
      { ...event, token: "x" },
      { ...event, id: undefined },
      { ...event, type: "lifeboat.recovery.unknown" },
      { ...event, epoch: "2" },
    ])
      expect(eventSchema.safeParse(wrong).success).toBe(false);
  });

  it("tells questions apart by a digest that gives nothing of the token away", () => {
    expect(shortDigest("token-1")).toMatch(/^[0-9a-f]{8}$/);
    expect(shortDigest("token-1")).not.toBe(shortDigest("token-2"));
  });
});
