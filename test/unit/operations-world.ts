import type { PortName, SiteContext } from "@lifeboat/operations/context";
import { bootstrapLedger } from "@lifeboat/operations/ledger/bootstrap";
import { keyOf, sitePlace, witnessPlace } from "@lifeboat/operations/ledger/places";
import type { Clock, Executions, Ids, LedgerPlace, Ports } from "@lifeboat/operations/ports";
import { tendingBy } from "@lifeboat/operations/tending/tend-request";
import { tendServices } from "@lifeboat/operations/tending/tend-services";
import { tendStandby } from "@lifeboat/operations/tending/tend-standby";
import type { Claim, KillSwitch, Lease } from "@lifeboat/recovery/ledger";
import { siteInRegion, siteNamed, type RecoveryPlan } from "@lifeboat/recovery/plan";
import { createModelledStore, type ModelledStore } from "./operations-store.ts";
import { exampleText, readValid } from "./plan-example.ts";

export const plan: RecoveryPlan = readValid(exampleText).plan;
export const terms = plan.ledger.lease;
/** The longest time from a renewal to the end of a lease, as a waiter counts it. */
export const RUN_OUT_MS = terms.durationMs + terms.driftMarginMs;
export const START_MS = Date.parse("2026-11-21T03:00:00Z");
export const MACHINE_ARN = "arn:aws:states:eu-west-3:111122223333:stateMachine:lifeboat-spacelift-failover";
export const executionNamed = (name: string): string =>
  `${MACHINE_ARN.replace(":stateMachine:", ":execution:")}:${name}`;

export const witness = witnessPlace(plan);
export const atParis = sitePlace(plan, "paris");
export const atIreland = sitePlace(plan, "ireland");

export interface HandClock extends Clock {
  advance(ms: number): void;
}

/** Time moves when somebody sleeps, or by hand. */
export const createHandClock = (startMs = START_MS): HandClock => {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    sleep: (ms) => {
      nowMs += ms;
      return Promise.resolve();
    },
    advance: (ms) => void (nowMs += ms),
  };
};

export const createIds = (prefix = "w"): Ids => {
  let count = 0;
  return { next: () => `${prefix}${++count}` };
};

/** Every port refuses every call; a test gives what its subject may use, so that anything else is noticed. */
const refusing = <Port extends object>(name: string): Port =>
  new Proxy({} as Port, {
    get: (_port, method) => () =>
      Promise.reject(new Error(`${name}.${String(method)} was not expected to be called`)),
  });

export const portsWith = (given: Partial<Ports> & Pick<Ports, "ledger">): Ports => {
  const ports: Ports = {
    ...others(given),
    // The functions that act for the watch, without the way there and back.
    tending: tendingBy({
      services: (region, request) => tendServices(contextIn(region, ports), request),
      standby: (region, request) => tendStandby(contextIn(region, ports), request),
    }),
    ...given,
  };
  return ports;
};

const contextIn = (region: string, ports: Ports): SiteContext<PortName> => {
  const here = siteInRegion(plan, region);
  if (here === undefined) throw new Error(`nobody tends to ${region}`);
  return contextAt(here.name, ports);
};

const others = (given: Pick<Ports, "ledger">): Omit<Ports, "tending"> => ({
  clock: createHandClock(),
  ids: createIds(),
  approvals: refusing("approvals"),
  databases: refusing("databases"),
  buckets: refusing("buckets"),
  protection: refusing("protection"),
  readiness: refusing("readiness"),
  compute: refusing("compute"),
  traffic: refusing("traffic"),
  brokers: refusing("brokers"),
  alarms: refusing("alarms"),
  http: refusing("http"),
  canary: refusing("canary"),
  executions: refusing("executions"),
  metronome: refusing("metronome"),
  notices: refusing("notices"),
  records: refusing("records"),
  // Nothing may depend on it: a test that looks at events brings its own.
  events: { tell: () => Promise.resolve({ told: false, reason: "nobody listens" }) },
  ...given,
});

export const contextAt = (site: string, ports: Ports, of: RecoveryPlan = plan): SiteContext<PortName> => ({
  plan: of,
  planHash: "hash",
  here: siteNamed(of, site),
  ports,
});

/** A store with the workload's keys as bootstrap makes them: active in Ireland. */
export const bootstrapped = async (store: ModelledStore = createModelledStore()): Promise<ModelledStore> => {
  const clean = createModelledStore();
  await bootstrapLedger({ ledger: clean, ids: createIds("boot") }, plan, "ireland");
  for (const key of ["claim", "lease", "switch"] as const) {
    for (const place of [witness, atParis, atIreland]) {
      const body = clean.versions(place, keyOf(plan, key)).at(-1);
      if (body !== undefined) store.put(place, keyOf(plan, key), body);
    }
  }
  return store;
};

const last = <Body>(store: ModelledStore, place: LedgerPlace, key: "claim" | "lease" | "switch"): Body => {
  const body = store.versions(place, keyOf(plan, key)).at(-1);
  if (body === undefined) throw new Error(`there is no ${key} in ${place.bucket}`);
  return body as Body;
};

export const claimIn = (store: ModelledStore): Claim => last(store, witness, "claim");
export const leaseIn = (store: ModelledStore, place: LedgerPlace): Lease => last(store, place, "lease");
export const claimVersions = (store: ModelledStore): readonly Claim[] =>
  store.versions(witness, keyOf(plan, "claim")) as readonly Claim[];

/** Writes the next body of a key by the test's own hand. */
export const putClaim = (store: ModelledStore, change: (claim: Claim) => Claim): void =>
  store.put(witness, keyOf(plan, "claim"), change(claimIn(store)));
export const putLease = (store: ModelledStore, place: LedgerPlace, changes: Partial<Lease>): void => {
  const lease = leaseIn(store, place);
  store.put(place, keyOf(plan, "lease"), {
    ...lease,
    revision: lease.revision + 1,
    writeId: `hand${lease.revision}`,
    ...changes,
  });
};
export const putSwitch = (store: ModelledStore, changes: Partial<KillSwitch>): void =>
  store.put(witness, keyOf(plan, "switch"), { ...last<KillSwitch>(store, witness, "switch"), ...changes });

export interface ModelledExecutions extends Executions {
  /** Names, in the order in which they began; a second start of one name is none. */
  readonly started: string[];
  readonly states: Map<string, Awaited<ReturnType<Executions["status"]>>>;
  /** With what error those have failed that are `FAILED`. */
  readonly failures: Map<string, string>;
}

/** Standard machines: a name starts one execution, ever. */
export const createExecutions = (): ModelledExecutions => {
  const started: string[] = [];
  const states: ModelledExecutions["states"] = new Map();
  const failures = new Map<string, string>();
  return {
    started,
    states,
    failures,
    status: (arn) => Promise.resolve(states.get(arn) ?? "NONE"),
    failure: (arn) => Promise.resolve(states.get(arn) === "FAILED" ? (failures.get(arn) ?? null) : null),
    start: (machineArn, name) => {
      const arn = `${machineArn.replace(":stateMachine:", ":execution:")}:${name}`;
      if (!states.has(arn)) {
        started.push(name);
        states.set(arn, "RUNNING");
      }
      return Promise.resolve();
    },
  };
};
