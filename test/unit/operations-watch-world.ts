import { withHolder, type Claim } from "@lifeboat/recovery/ledger";
import type { Compute, LedgerPlace, Ports } from "@lifeboat/operations/ports";
import { tick } from "@lifeboat/operations/watch/tick";
import { freshMemory, type TickReport, type WatchMemory } from "@lifeboat/operations/watch/watch-memory";
import { createModelledStore, type ModelledStore } from "./operations-store.ts";
import {
  bootstrapped,
  contextAt,
  createHandClock,
  createIds,
  MACHINE_ARN,
  portsWith,
  terms,
  type HandClock,
  executionNamed,
} from "./operations-world.ts";

/** Services and groups of both sites, with what was asked of them; `stuck` tasks do not stop. */
export interface ModelledCompute extends Compute {
  readonly scaled: string[];
  readonly stuck: Set<string>;
}

const createCompute = (): ModelledCompute => {
  const scaled: string[] = [];
  const stuck = new Set<string>();
  const desired = new Map<string, number>();
  return {
    scaled,
    stuck,
    service: (_region, _cluster, service) => {
      const count = desired.get(service) ?? 3;
      return Promise.resolve({
        status: "ACTIVE",
        desired: count,
        running: stuck.has(service) ? 3 : count,
        settled: true,
      });
    },
    scaleService: (region, _cluster, service, count) => {
      scaled.push(`${region}/${service}=${count}`);
      desired.set(service, count);
      return Promise.resolve();
    },
    group: (_region, name) => {
      const count = desired.get(name) ?? 3;
      return Promise.resolve({ desired: count, inService: count, max: 10 });
    },
    scaleGroup: (region, name, count) => {
      scaled.push(`${region}/${name}=${count}`);
      desired.set(name, count);
      return Promise.resolve();
    },
  };
};

/** The watch of one site over a modelled ledger, tick by tick on a clock that is moved by hand. */
export interface Watch {
  readonly clock: HandClock;
  readonly store: ModelledStore;
  readonly compute: ModelledCompute;
  /** Places that this site cannot reach. */
  readonly lost: Set<LedgerPlace>;
  /** Until when each beat lets the enforcer admit writers. */
  readonly admittedUntilMs: number[];
  readonly beats: { holder: string; epoch: number }[];
  readonly tick: () => Promise<TickReport>;
  /** The next invocation, which remembers nothing. */
  readonly restart: () => void;
}

/** The ledger is bootstrapped, and nothing has ticked yet. */
export const watchAt = async (site: "ireland" | "paris", overrides: Partial<Ports> = {}): Promise<Watch> => {
  const clock = createHandClock();
  const lost = new Set<LedgerPlace>();
  const store = await bootstrapped(
    createModelledStore({
      fate: ({ name }) =>
        [...lost].some(({ bucket }) => name.startsWith(`${bucket}/`)) ? "lost-before" : "answered",
    }),
  );
  const compute = createCompute();
  const admittedUntilMs: number[] = [];
  const beats: Watch["beats"] = [];
  const ports = portsWith({
    ledger: store,
    clock,
    ids: createIds("watch"),
    compute,
    canary: {
      beat: (_region, { askedAtMs = Number.NaN, validForMs = Number.NaN, holder, epoch }) => {
        admittedUntilMs.push(askedAtMs + validForMs);
        beats.push({ holder, epoch });
        return Promise.resolve({ type: "written", sequence: beats.length, writtenAtMs: clock.nowMs() });
      },
      newest: () => Promise.resolve(null),
    },
    ...overrides,
  });
  let memory: WatchMemory = freshMemory(clock.nowMs());
  return {
    clock,
    store,
    compute,
    lost,
    admittedUntilMs,
    beats,
    tick: async () => {
      const report = await tick(contextAt(site, ports), MACHINE_ARN, memory);
      memory = report.memory;
      return report;
    },
    restart: () => {
      memory = freshMemory(clock.nowMs());
    },
  };
};

/** Ticks as the watch does, until `untilMs`; answers what was said at each. */
export const tickUntil = async (
  watch: Watch,
  untilMs: number,
): Promise<{ atMs: number; detail: string }[]> => {
  const said: { atMs: number; detail: string }[] = [];
  while (watch.clock.nowMs() < untilMs) {
    const { detail } = await watch.tick();
    said.push({ atMs: watch.clock.nowMs(), detail });
    watch.clock.advance(terms.renewEveryMs);
  }
  return said;
};

/** A first execution has claimed the next epoch for Paris. */
export const movedToParis = (claim: Claim): Claim =>
  withHolder(
    claim,
    { execution: executionNamed("one"), site: "paris", from: "ireland", succeeds: null, loss: null },
    "h",
  );
