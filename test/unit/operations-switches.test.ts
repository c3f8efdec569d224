import type { TrafficPort } from "@lifeboat/operations/ports";
import { closedKey } from "@lifeboat/operations/switch-objects";
import { restSwitches } from "@lifeboat/operations/tending/rest-switches";
import { shiftTraffic } from "@lifeboat/operations/steps/shift-traffic";
import { settleSwitches } from "@lifeboat/operations/watch/settle-switches";
import { tick } from "@lifeboat/operations/watch/tick";
import { freshMemory } from "@lifeboat/operations/watch/watch-memory";
import { withActiveSite, withFinisher, withHolder, type Claim } from "@lifeboat/recovery/ledger";
import { forSite } from "@lifeboat/recovery/plan";
import { describe, expect, it } from "vitest";
import { createModelledStore } from "./operations-store.ts";
import {
  bootstrapped,
  contextAt,
  createHandClock,
  executionNamed,
  MACHINE_ARN,
  plan,
  portsWith,
  putClaim,
} from "./operations-world.ts";

const [traffic] = plan.traffic;
if (traffic?.type !== "switch") throw new Error("the example begins with its switch");
const [ireland, paris] = ["ireland", "paris"].map((site) => {
  const { bucket, key } = forSite(traffic.switches, site);
  return { on: `${bucket}/${key}`, closed: `${bucket}/${closedKey(key)}` };
}) as [Record<"on" | "closed", string>, Record<"on" | "closed", string>];

/** Switch objects that are there, and what is done to them, in its order. */
const switchesWith = async (...present: readonly string[]) => {
  const objects = new Set(present);
  const acts: string[] = [];
  const port: TrafficPort = {
    readSwitch: (_region, bucket, key) =>
      Promise.resolve(objects.has(`${bucket}/${key}`) ? "present" : "absent"),
    setSwitch: (_region, bucket, key) => {
      acts.push(`set ${bucket}/${key}`);
      return Promise.resolve(void objects.add(`${bucket}/${key}`));
    },
    clearSwitch: (_region, bucket, key) => {
      acts.push(`clear ${bucket}/${key}`);
      return Promise.resolve(void objects.delete(`${bucket}/${key}`));
    },
    resolve: (host) =>
      Promise.resolve(host !== traffic.host ? [host] : dns.serves === null ? [] : [dns.serves]),
  };
  /** What the name resolves to; null: to nothing, just now. */
  const dns: { serves: string | null } = { serves: forSite(traffic.endpoints, "ireland") };
  const store = await bootstrapped(createModelledStore());
  const clock = createHandClock();
  const at = (site: "ireland" | "paris") =>
    contextAt(site, portsWith({ ledger: store, traffic: port, clock }));
  return { acts, at, clock, objects, dns, store };
};

describe("the switches of a site that stands by", () => {
  it("are closed before they are turned off where a recovery began before the last one was at rest", async () => {
    const { acts, at } = await switchesWith(ireland.on, paris.on);
    expect(await restSwitches(at("ireland"))).toHaveLength(2);
    expect(acts).toEqual([`set ${ireland.closed}`, `clear ${ireland.on}`]);
    expect(await restSwitches(at("ireland"))).toEqual([]);
    expect(acts).toHaveLength(2);
  });

  it("are turned off, and never closed, at the site built as the standby", async () => {
    const { acts, at, objects } = await switchesWith(paris.on, ireland.on, ireland.closed);
    await restSwitches(at("paris"));
    expect(acts).toEqual([`clear ${paris.on}`]);
    expect([...objects]).toEqual([ireland.on, ireland.closed]);
  });

  it("are not in position while the primary's is still on, which would win in the next failover", async () => {
    const { at } = await switchesWith(ireland.on, ireland.closed);
    expect(await restSwitches(at("paris"))).toEqual([expect.stringContaining("ireland is not at rest yet")]);
    await settleSwitches(at("ireland"));
    expect(await restSwitches(at("paris"))).toEqual([]);
  });
});

describe("the switches of the primary that is active again", () => {
  it("are opened before they are turned off, once the standby's is off, and not before", async () => {
    const { acts, at, objects } = await switchesWith(ireland.on, ireland.closed, paris.on);
    await settleSwitches(at("ireland"));
    expect(acts).toEqual([]);
    await restSwitches(at("paris"));
    await settleSwitches(at("ireland"));
    expect(acts).toEqual([`clear ${paris.on}`, `clear ${ireland.closed}`, `clear ${ireland.on}`]);
    expect([...objects]).toEqual([]);
  });
});

describe("the watch of the primary that is active and protected", () => {
  const finishes = (claim: Claim): Claim => ({
    ...claim,
    holder: {
      execution: executionNamed("finish"),
      site: "ireland",
      from: "paris",
      succeeds: null,
      loss: null,
    },
  });

  it("clears a switch that an execution has set which finishes the move", async () => {
    const { acts, at, clock, store } = await switchesWith(ireland.on);
    putClaim(store, finishes);
    await tick(at("ireland"), MACHINE_ARN, freshMemory(clock.nowMs()));
    expect(acts).toEqual([`clear ${ireland.on}`]);
  });

  it("looks at no switch while nobody holds the workload", async () => {
    const { at, clock } = await switchesWith();
    const looks: string[] = [];
    const { ports, ...rest } = at("ireland");
    const readSwitch: TrafficPort["readSwitch"] = (_region, bucket, key) => {
      looks.push(`${bucket}/${key}`);
      return Promise.resolve("absent");
    };
    const context = { ...rest, ports: { ...ports, traffic: { ...ports.traffic, readSwitch } } };
    expect(await tick(context, MACHINE_ARN, freshMemory(clock.nowMs()))).toMatchObject({ role: "active" });
    expect(looks).toEqual([]);
  });
});

describe("the traffic of a move to the site built as primary", () => {
  const execution = executionNamed("back");
  const mandate = { execution, epoch: 2 };
  const loss = { known: false, reason: "nobody looked" } as const;
  const moving = (claim: Claim): Claim =>
    withActiveSite(
      withHolder(claim, { execution, site: "ireland", from: "paris", succeeds: null, loss: null }, "w1"),
      { activeSite: "ireland", loss },
      "w2",
    );
  const finishing = (claim: Claim): Claim => ({
    ...withFinisher(
      claim,
      { execution, site: "ireland" },
      { execution: executionNamed("first"), from: "paris", loss, startedAtMs: null },
      "w1",
    ),
    protection: "degraded",
  });
  const { name } = traffic;

  it("sets nothing where its switches are at rest and it is protected: nobody would clear it again", async () => {
    const { acts, at, store } = await switchesWith();
    putClaim(store, (claim) => ({ ...moving(claim), protection: "protected" }));
    expect(await shiftTraffic(at("ireland"), mandate, name, null)).toMatchObject({ done: true });
    expect(acts).toEqual([]);
  });

  it("sets nothing where it is finished after the watch has cleared its switches", async () => {
    const { acts, at, store } = await switchesWith();
    putClaim(store, finishing);
    expect(await shiftTraffic(at("ireland"), mandate, name, null)).toMatchObject({ done: true });
    expect(acts).toEqual([]);
  });

  it("is shifted where it is finished while the primary is closed, or its name resolves to the other site", async () => {
    const closed = await switchesWith(ireland.closed);
    putClaim(closed.store, finishing);
    expect(await shiftTraffic(closed.at("ireland"), mandate, name, null)).toMatchObject({ done: false });
    expect(closed.acts).toEqual([`set ${ireland.on}`]);
    const elsewhere = await switchesWith(paris.on);
    elsewhere.dns.serves = forSite(traffic.endpoints, "paris");
    putClaim(elsewhere.store, finishing);
    expect(await shiftTraffic(elsewhere.at("ireland"), mandate, name, null)).toMatchObject({ done: false });
    expect(elsewhere.acts).toEqual([`set ${ireland.on}`]);
  });

  it("sets its switch once though its name resolves here: the other switch may only be out of reach", async () => {
    const { acts, at, store } = await switchesWith();
    putClaim(store, moving);
    const first = await shiftTraffic(at("ireland"), mandate, name, null);
    expect(first.done).toBe(false);
    expect(acts).toEqual([`set ${ireland.on}`]);
    // The watch sees the other switch off, and clears what was set while the move still waits.
    await settleSwitches(at("ireland"));
    expect(await shiftTraffic(at("ireland"), mandate, name, first.memo)).toMatchObject({ done: true });
    expect(acts).toEqual([`set ${ireland.on}`, `clear ${ireland.on}`]);
  });

  it("waits on where the watch cleared its switch before the name resolves here", async () => {
    const { acts, at, dns, objects, store } = await switchesWith(ireland.closed);
    dns.serves = forSite(traffic.endpoints, "paris");
    putClaim(store, moving);
    const first = await shiftTraffic(at("ireland"), mandate, name, null);
    await settleSwitches(at("ireland"));
    expect(objects.size).toBe(0);
    const second = await shiftTraffic(at("ireland"), mandate, name, first.memo);
    expect(second.done).toBe(false);
    dns.serves = forSite(traffic.endpoints, "ireland");
    expect(await shiftTraffic(at("ireland"), mandate, name, second.memo)).toMatchObject({ done: true });
    expect(acts.filter((act) => act === `set ${ireland.on}`)).toHaveLength(1);
  });

  it.each([
    ["nothing", null],
    ["an address of its load balancer that is a moment older", "10.0.0.1"],
  ])(
    "sets nothing where it is finished once it is protected and its name resolves to %s",
    async (_what, to) => {
      const { acts, at, clock, dns, store } = await switchesWith();
      putClaim(store, (claim) => ({ ...finishing(claim), protection: "protected" }));
      dns.serves = to;
      const first = await shiftTraffic(at("ireland"), mandate, name, null);
      expect(first).toMatchObject({
        done: false,
        detail: expect.stringContaining("it stays so, for") as unknown,
      });
      clock.advance(first.pollAfterSeconds * 1000);
      dns.serves = forSite(traffic.endpoints, "ireland");
      expect(await shiftTraffic(at("ireland"), mandate, name, first.memo)).toMatchObject({ done: true });
      expect(acts).toEqual([]);
    },
  );

  it("asks a person where its name never resolves here once it is protected", async () => {
    const { acts, at, clock, dns, store } = await switchesWith();
    putClaim(store, (claim) => ({ ...finishing(claim), protection: "protected" }));
    dns.serves = forSite(traffic.endpoints, "paris");
    const { memo } = await shiftTraffic(at("ireland"), mandate, name, null);
    clock.advance(600_000);
    await expect(shiftTraffic(at("ireland"), mandate, name, memo)).rejects.toMatchObject({
      name: "StepExpired",
    });
    expect(acts).toEqual([]);
  });

  it("sets nothing a second time once it is protected", async () => {
    const { acts, at, clock, dns, store } = await switchesWith();
    putClaim(store, moving);
    const { memo } = await shiftTraffic(at("ireland"), mandate, name, null);
    await settleSwitches(at("ireland"));
    putClaim(store, (claim) => ({ ...claim, protection: "protected" }));
    dns.serves = null;
    clock.advance(60_000);
    expect(await shiftTraffic(at("ireland"), mandate, name, memo)).toMatchObject({ done: false });
    expect(acts).toEqual([`set ${ireland.on}`, `clear ${ireland.on}`]);
  });

  it("leaves a primary that is closed, although it is protected, to its watch, which opens it", async () => {
    const { acts, at, clock, store } = await switchesWith(ireland.closed);
    putClaim(store, (claim) => ({ ...finishing(claim), protection: "protected" }));
    const { memo } = await shiftTraffic(at("ireland"), mandate, name, null);
    await tick(at("ireland"), MACHINE_ARN, freshMemory(clock.nowMs()));
    expect(await shiftTraffic(at("ireland"), mandate, name, memo)).toMatchObject({ done: true });
    expect(acts).toEqual([`clear ${ireland.closed}`]);
  });

  it("sets its switch at the site built as the standby, where nothing but the switch brings traffic", async () => {
    const { acts, at, dns, store } = await switchesWith();
    dns.serves = forSite(traffic.endpoints, "paris");
    const toParis = { execution, site: "paris", from: "ireland", succeeds: null, loss: null };
    putClaim(store, (claim) => withHolder(claim, toParis, "w1"));
    expect(await shiftTraffic(at("paris"), mandate, name, null)).toMatchObject({ done: false });
    expect(acts).toEqual([`set ${paris.on}`]);
  });
});
