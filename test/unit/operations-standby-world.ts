import type { Mandate } from "@lifeboat/operations/context";
import type { Databases, GlobalCluster, Ports } from "@lifeboat/operations/ports";
import { withHolder } from "@lifeboat/recovery/ledger";
import type { ModelledStore } from "./operations-store.ts";
import {
  bootstrapped,
  contextAt,
  executionNamed,
  portsWith,
  putClaim,
  START_MS,
} from "./operations-world.ts";

/** The execution whose steps are called, and its mandate. */
export const ours = executionNamed("ours");
export const mandate: Mandate = { execution: ours, epoch: 2 };

const arnIn = (region: string, cluster: string): string =>
  `arn:aws:rds:${region}:111122223333:cluster:${cluster}`;
export const paris = arnIn("eu-west-3", "spacelift-paris");
export const ireland = arnIn("eu-west-1", "spacelift-ireland");

const globalCluster = (writer: string): GlobalCluster => ({
  id: "spacelift",
  status: "available",
  engineVersion: "17.5",
  members: [paris, ireland].map((arn) => ({
    arn,
    region: arn.split(":")[3] ?? "",
    isWriter: arn === writer,
    connected: true,
  })),
  transition: null,
});

/** Ports of a standby where nothing has been done yet, so that every step has something to do; notes what is done. */
export const idleStandby = (store: ModelledStore, writer = ireland) => {
  const acts: string[] = [];
  const act = (name: string) => () => {
    acts.push(name);
    return Promise.resolve();
  };
  const databases: Partial<Databases> = {
    globalCluster: () => Promise.resolve(globalCluster(writer)),
    cluster: () =>
      Promise.resolve({
        arn: paris,
        status: "available",
        engineVersion: "17.5",
        kmsKeyId: null,
        instances: [{ id: "spacelift-paris-1", status: "available", isWriter: false }],
      }),
    failOver: () => {
      acts.push("failOver");
      return Promise.resolve("accepted");
    },
  };
  const ports: Ports = portsWith({
    ledger: store,
    databases: databases as Databases,
    compute: {
      service: () => Promise.resolve({ status: "ACTIVE", desired: 0, running: 0, settled: true }),
      group: () => Promise.resolve({ desired: 0, inService: 0, max: 8 }),
      scaleService: act("scaleService"),
      scaleGroup: act("scaleGroup"),
    },
    traffic: {
      readSwitch: () => Promise.resolve("absent"),
      setSwitch: act("setSwitch"),
      clearSwitch: act("clearSwitch"),
      resolve: () => Promise.resolve([]),
    },
    brokers: { iotDomain: () => Promise.resolve(null) },
    canary: {
      beat: () => {
        acts.push("beat");
        return Promise.resolve({ type: "written" as const, sequence: 9, writtenAtMs: START_MS });
      },
      newest: () => Promise.resolve({ sequence: 7, writtenAtMs: START_MS - 20_000 }),
    },
    notices: { publish: act("publish") },
    records: { append: act("append"), appendProtection: act("appendProtection") },
  });
  return { acts, context: contextAt("paris", ports) };
};

/** What a step at that standby is given. */
export type Context = ReturnType<typeof idleStandby>["context"];

/** The ledger of a workload that an execution moves to Paris, in epoch 2. */
export const claimedBy = async (execution: string): Promise<ModelledStore> => {
  const store = await bootstrapped();
  putClaim(store, (claim) =>
    withHolder(claim, { execution, site: "paris", from: "ireland", succeeds: null, loss: null }, "claimed"),
  );
  return store;
};
