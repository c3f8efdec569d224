import type { TrafficPort } from "@lifeboat/operations/ports";
import { closedKey } from "@lifeboat/operations/switch-objects";
import { restSwitches } from "@lifeboat/operations/tending/rest-switches";
import { settleSwitches } from "@lifeboat/operations/watch/settle-switches";
import { forSite } from "@lifeboat/recovery/plan";
import { describe, expect, it } from "vitest";
import { createModelledStore } from "./operations-store.ts";
import { bootstrapped, contextAt, plan, portsWith } from "./operations-world.ts";

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
    resolve: () => Promise.resolve([]),
  };
  const store = await bootstrapped(createModelledStore());
  const at = (site: "ireland" | "paris") => contextAt(site, portsWith({ ledger: store, traffic: port }));
  return { acts, at, objects };
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
