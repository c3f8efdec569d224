import { readFileSync } from "node:fs";
import type { Json } from "@lifeboat/asl/interpreter";

/** The failover machine as it is deployed, its placeholders left as they are. */
export const failoverMachine = (): object =>
  JSON.parse(readFileSync(new URL("../stepfunctions/failover.asl.json", import.meta.url), "utf8")) as object;

/** One answer that does for every function of the machine: all is well, at once. */
export const failoverResult: Json = {
  Payload: {
    workload: "spacelift",
    planHash: "9f2c",
    execution: "arn:aws:states:eu-west-3:111111111111:execution:failover:bench",
    trigger: { kind: "alarm" },
    override: null,
    sightings: [],
    otherExecution: null,
    dryRun: false,
    stores: ["aurora"],
    services: ["server", "drain"],
    workers: ["pool"],
    traffic: ["server"],
    checks: ["http", "sql"],
    from: "eu-west-1",
    to: "eu-west-3",
    startedAtMs: 0,
    notes: [],
    decision: { verdict: "go", reason: "three of four signals", approvalsNeeded: 0 },
    readings: [],
    findings: [],
    loss: { minMs: 0, maxMs: 1000 },
    type: "claimed",
    basis: "lease",
    detail: "",
    epoch: 5,
    done: true,
    memo: null,
    pollAfterSeconds: 1,
    remaining: [],
    outcome: "recovered",
  },
};
