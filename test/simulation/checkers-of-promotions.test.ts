import type { ToldIdentity } from "@lifeboat/cloud/services/sts/create-sts";
import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import type { Evidence, Notice, Version } from "@lifeboat/lab/checks/evidence";
import type { Lease } from "@lifeboat/recovery/ledger";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import { forSite } from "@lifeboat/recovery/plan";
import { describe, expect, it } from "vitest";
import {
  call,
  claimAt,
  entered,
  execution,
  EXECUTION,
  exited,
  found,
  heldAt,
  historyEvent,
  leaseAt,
  nothing,
  OTHER,
  plan,
  recordAt,
} from "./planted-evidence.ts";

const PROMOTED_MS = 100_000;
const TARGET = "arn:aws:rds:eu-west-3:111122223333:cluster:spacelift-paris";
const promotion = call({
  atMs: PROMOTED_MS,
  input: { GlobalClusterIdentifier: "spacelift", TargetDbClusterIdentifier: TARGET, AllowDataLoss: true },
});
const claims = [claimAt(1, {}), heldAt(90_000, 2)];
const answered = (output: unknown): WireRecord["outcome"] => ({ type: "answered", output });

describe("the guard of the loss", () => {
  const canary = (atMs: number, region = "eu-west-1") => ({ atMs, region, timeline: 1, key: "spacelift" });
  const run = { claims, wire: [promotion], executions: [execution()] };

  it("fires on a promotion after the database had taken no canary for some renewals of the lease", () => {
    const blind = {
      ...run,
      canaries: [canary(10_000), canary(40_000, "eu-west-3")],
      leases: [leaseAt(50_000, {})],
    };
    expect(found("rpo-guard", blind)).toEqual([
      expect.stringMatching(/no canary for 40000 ms before its last renewal/),
    ]);
  });

  it("is content with canaries up to the last renewal, whatever came after it, and with people who accept", () => {
    const canaries = [canary(30_000), canary(95_000, "eu-west-3")];
    const seen = {
      ...run,
      canaries,
      leases: [leaseAt(50_000, {}), leaseAt(95_000, { site: "paris", by: "paris" })],
    };
    expect(found("rpo-guard", seen)).toEqual([]);
    const ordered = execution({
      input: { workload: "spacelift", override: { who: "one", why: "it burns" } },
    });
    const blind = { canaries: [canary(1000)], leases: [leaseAt(80_000, {})] };
    expect(found("rpo-guard", { ...run, ...blind })).toHaveLength(1);
    expect(found("rpo-guard", { ...run, ...blind, executions: [ordered] })).toEqual([]);
  });
});

describe("the guard of the loss, where canaries had stopped", () => {
  const STANDBY = forSite(plan.ledger.buckets, "paris");
  const told = (beatMs: number | undefined, acknowledgedAtMs = 10_000): Partial<Lease> => ({
    canary: {
      sequence: 1,
      acknowledgedAtMs,
      periodMs: 12_000,
      reportedAtMs: 85_000,
      mayHaveBeatenAtMs: beatMs,
    },
  });
  const canary = { atMs: 10_000, region: "eu-west-1", timeline: 1, key: "spacelift" };
  const silent = (
    witnessed: Partial<Lease>,
    atStandby: Partial<Lease> | null,
    commits: Evidence["commits"] = [],
  ): Partial<Evidence> => ({
    claims,
    wire: [promotion],
    executions: [execution()],
    canaries: [canary],
    commits,
    leases: [
      leaseAt(85_000, witnessed),
      ...(atStandby === null ? [] : [{ ...leaseAt(80_000, atStandby), bucket: STANDBY }]),
    ],
  });
  const fires = (evidence: Partial<Evidence>) => found("rpo-guard", evidence).length;

  it("is content where the site told at both places that no beat had reached its database since", () => {
    expect(fires(silent(told(10_000), told(10_000)))).toBe(0);
    const write = { ...canary, atMs: 10_000 + plan.decision.lossLimitMs, key: "row" };
    expect(fires(silent(told(10_000), told(10_000), [write]))).toBe(0);
  });

  it("fires where one place does not tell, a beat is in doubt, nothing ends sessions, or users wrote on", () => {
    const late = { ...canary, atMs: 10_001 + plan.decision.lossLimitMs, key: "row" };
    expect(fires(silent(told(10_000), null))).toBe(1);
    expect(fires(silent(told(10_000), told(undefined)))).toBe(1);
    expect(fires(silent(told(10_000), told(70_000)))).toBe(1);
    expect(fires(silent(told(10_000), told(10_000), [late]))).toBe(1);
    expect(fires(silent(told(10_000), told(10_000), [{ ...late, region: "eu-west-3" }]))).toBe(0);
    const stores = plan.stores.map((store) =>
      store.type === "aurora-global" ? { ...store, enforcer: "none" as const } : store,
    );
    expect(fires({ ...silent(told(10_000), told(10_000)), plan: { ...plan, stores } })).toBe(1);
  });
});

describe("verbs", () => {
  const without = call({
    input: { GlobalClusterIdentifier: "spacelift", TargetDbClusterIdentifier: TARGET },
  });
  const bySwitchover = (record: WireRecord): WireRecord => ({
    ...record,
    origin: { ...record.origin, execution: EXECUTION.replace("-failover:", "-switchover:") },
  });

  it("are confused by a failover that does not allow data to be lost", () => {
    expect(found("verbs-apart", { wire: [without] })).toEqual([
      expect.stringMatching(/does not say that data may be lost/),
    ]);
    const named = call({ operation: "SwitchoverGlobalCluster", input: {} });
    expect(found("verbs-apart", { wire: [named] })).toHaveLength(1);
  });

  it("are confused by a switchover that turns into a failover", () => {
    const planned = bySwitchover(call({ operation: "SwitchoverGlobalCluster", input: {}, atMs: 10 }));
    expect(found("verbs-apart", { wire: [planned] })).toEqual([]);
    expect(found("verbs-apart", { wire: [planned, bySwitchover(promotion)] })).toEqual([
      expect.stringMatching(/has asked for the other verb before/),
    ]);
    expect(found("verbs-apart", { wire: [bySwitchover(promotion)] })).toEqual([
      expect.stringMatching(/may lose data and is no failover/),
    ]);
  });

  it("are confused by a promotion of nobody's execution, and not by what people do themselves", () => {
    const watch = call({ execution: null, input: { AllowDataLoss: true } });
    expect(found("verbs-apart", { wire: [watch] })).toEqual([expect.stringMatching(/by no execution/)]);
    const person = { ...watch, origin: { place: "internet", principal: "operator" } };
    expect(found("verbs-apart", { wire: [person, promotion] })).toEqual([]);
  });

  it("do not keep the loss from people: whoever is told of a recovery is told what it lost", () => {
    const told = (lost: string): Notice => ({
      atMs: 9,
      region: "eu-west-3",
      subject: "spacelift: recovered, ireland to paris",
      message: `spacelift: recovered, ireland to paris\n${lost}Execution: ${EXECUTION}`,
    });
    const records = [recordAt(8)];
    expect(found("verbs-apart", { records, notices: [told("")] })).toEqual([
      expect.stringMatching(/not what it lost/),
    ]);
    expect(
      found("verbs-apart", { records, notices: [told("Lost: between 0.0 s and 48.0 s of writes.\n")] }),
    ).toEqual([]);
  });
});

describe("target first", () => {
  const [database] = plan.stores.flatMap((store) => (store.type === "aurora-global" ? [store] : []));
  const look = (
    service: string,
    operation: string,
    input: unknown,
    output: unknown,
    atMs = 50_000,
  ): WireRecord => call({ atMs, service, operation, input, mutating: false, outcome: answered(output) });
  const off = call({
    atMs: 50_000,
    service: "s3",
    operation: "HeadObject",
    input: { Bucket: "spacelift-switch-eu-west-3", Key: "spacelift/active" },
    mutating: false,
    outcome: { type: "error", code: "NotFound", message: "", status: 404 },
  });
  const cluster = (Status: string, atMs?: number) =>
    look(
      "rds",
      "DescribeDBClusters",
      { DBClusterIdentifier: "spacelift-paris" },
      { DBClusters: [{ Status }] },
      atMs,
    );
  const looks = [
    look(
      "rds",
      "DescribeGlobalClusters",
      { GlobalClusterIdentifier: database?.globalCluster },
      {
        GlobalClusters: [{ GlobalClusterMembers: [{ DBClusterArn: TARGET, IsWriter: false }] }],
      },
    ),
    cluster("available"),
    look(
      "rds",
      "DescribeDBInstances",
      { Filters: [{ Name: "db-cluster-id", Values: ["spacelift-paris"] }] },
      {
        DBInstances: [{ DBInstanceStatus: "available" }],
      },
    ),
    ...plan.stores.flatMap((store) => {
      if (store.type !== "s3-replicated") return [];
      const Bucket = forSite(store.buckets, "paris");
      return [
        look("s3", "GetBucketVersioning", { Bucket }, { Status: "Enabled" }),
        look(
          "s3",
          "GetBucketReplication",
          { Bucket },
          { ReplicationConfiguration: { Rules: [{ Status: "Enabled" }] } },
        ),
      ];
    }),
    ...plan.keys.map(({ keyId }) =>
      look("kms", "DescribeKey", { KeyId: keyId }, { KeyMetadata: { Enabled: true } }),
    ),
    ...plan.secrets.map(({ secretIds }) =>
      look("secrets-manager", "DescribeSecret", { SecretId: forSite(secretIds, "paris") }, { ARN: "arn" }),
    ),
    ...plan.certificates.map(({ arns }) =>
      look(
        "acm",
        "DescribeCertificate",
        { CertificateArn: forSite(arns, "paris") },
        { Certificate: { Status: "ISSUED" } },
      ),
    ),
    ...plan.services.map(({ service }) =>
      look("ecs", "DescribeServices", { services: [service] }, { services: [{ status: "ACTIVE" }] }),
    ),
    ...plan.workers.map(({ groups, activeCount }) =>
      look(
        "auto-scaling",
        "DescribeAutoScalingGroups",
        { AutoScalingGroupNames: [forSite(groups, "paris")] },
        {
          AutoScalingGroups: [{ MaxSize: activeCount }],
        },
      ),
    ),
    off,
    look(
      "iot",
      "DescribeDomainConfiguration",
      { domainConfigurationName: "spacelift-broker" },
      {
        domainConfigurationStatus: "ENABLED",
      },
    ),
  ];
  const promoted = (wire: readonly WireRecord[], more: Partial<Evidence> = {}): readonly string[] =>
    found("target-first", { claims, wire: [...wire, promotion], ...more });

  it("is content where all of the standby was looked at before the claim, and was fit", () => {
    expect(promoted(looks)).toEqual([]);
  });

  it("fires for each thing that nobody had looked at", () => {
    for (const missing of looks) {
      const rest = looks.filter((one) => one !== missing);
      expect(promoted(rest)).toEqual([
        expect.stringMatching(/promoted without a look at \w+\/[\w-]+ in eu-west-3/),
      ]);
    }
    const late = looks.map((one) => ({ ...one, atMs: 95_000 }));
    expect(promoted(late)).toHaveLength(looks.length);
    const elsewhere = looks.map((one) => ({ ...one, region: "eu-west-1" }));
    expect(promoted(elsewhere)).toHaveLength(looks.length);
    const others = looks.map((one) => ({ ...one, origin: { ...one.origin, execution: OTHER } }));
    expect(promoted(others)).toHaveLength(looks.length);
  });

  it("fires for each thing that answered that it was unfit, or not at all", () => {
    for (const unfit of looks) {
      const outcome: WireRecord["outcome"] = unfit === off ? answered({}) : { type: "no-answer" };
      const wire = looks.map((one) => (one === unfit ? { ...one, outcome } : one));
      expect(promoted(wire)).toEqual([expect.stringMatching(/although it had found unfit, or not at all,/)]);
    }
    const lost = cluster("inaccessible-encryption-credentials-recoverable", 60_000);
    expect(promoted([...looks, lost])).toEqual([expect.stringMatching(/stores\/database/)]);
    // An attempt that died had asked before, and was never answered.
    expect(
      promoted([{ ...cluster("", 40_000), endedAtMs: 89_000, outcome: { type: "no-answer" } }, ...looks]),
    ).toEqual([]);
  });

  it("fires on whatever takes back what came after the point of no return", () => {
    const after = (service: string, operation: string, input: unknown, more = {}): WireRecord =>
      call({ atMs: 200_000, service, operation, input, ...more });
    const key = { Bucket: "spacelift-switch-eu-west-3", Key: "spacelift/active" };
    const scaled = (desiredCount: number) => ({ service: "spacelift-server", desiredCount });
    const undoing = [
      after("ecs", "UpdateService", scaled(0)),
      after("auto-scaling", "SetDesiredCapacity", {
        AutoScalingGroupName: "spacelift-workers-paris",
        DesiredCapacity: 0,
      }),
      after("s3", "DeleteObject", key),
      after("rds", "FailoverGlobalCluster", {
        TargetDbClusterIdentifier: TARGET.replaceAll("paris", "ireland"),
      }),
    ];
    for (const act of undoing)
      expect(promoted([...looks, act])).toEqual([expect.stringMatching(/takes back what came after/)]);
    const forward = [
      after("ecs", "UpdateService", scaled(3)),
      after("ecs", "UpdateService", scaled(0), { region: "eu-west-1" }),
      after("s3", "PutObject", key),
      { ...promotion, atMs: 170_000 },
    ];
    expect(promoted([...looks, ...forward])).toEqual([]);
  });

  it("fires when the workload is given back although the promotion takes effect", () => {
    const back = { claims: [...claims, claimAt(300_000, { epoch: 2, holder: null })] };
    const commit = { atMs: 400_000, region: "eu-west-3", timeline: 2, key: "row" };
    const store = { name: "database", writerRegion: "eu-west-3", isMoving: false };
    const inParis = { standing: { ...nothing.standing, stores: [store] } };
    const fires = [expect.stringMatching(/gave the workload back to ireland, and its promotion took effect/)];
    expect(promoted(looks, { ...back, commits: [commit] })).toEqual(fires);
    expect(promoted(looks, { ...back, ...inParis })).toEqual(fires);
    expect(promoted(looks, back)).toEqual([]);
    expect(
      promoted(looks, {
        ...inParis,
        claims: [...claims, claimAt(300_000, { epoch: 2, activeSite: "paris" })],
      }),
    ).toEqual([]);
  });
});

describe("verified by role", () => {
  const members = (writer: string, more = {}) =>
    answered({
      GlobalClusters: [
        {
          GlobalClusterIdentifier: "spacelift",
          GlobalClusterMembers: ["ireland", "paris"].map((site) => ({
            DBClusterArn: TARGET.replaceAll("paris", site),
            IsWriter: site === writer,
          })),
          ...more,
        },
      ],
    });
  const told = (writer = "paris", more = {}) =>
    call({
      atMs: 200_000,
      operation: "DescribeGlobalClusters",
      mutating: false,
      outcome: members(writer, more),
    });
  const canary = call({
    atMs: 300_000,
    endedAtMs: 300_100,
    service: "lambda",
    operation: "Invoke",
    input: { Payload: new TextEncoder().encode('{"action":"beat","at":"here"}') },
  });
  const taken = { atMs: 300_050, region: "eu-west-3", timeline: 2, key: "spacelift" };
  const recovered = (wire: readonly WireRecord[], canaries = [taken]): readonly string[] =>
    found("verify-by-role", { wire: [promotion, ...wire], canaries, records: [recordAt(400_000)] });

  it("is content with the word of DescribeGlobalClusters and with a canary that the database took", () => {
    expect(recovered([told(), canary])).toEqual([]);
    expect(found("verify-by-role", { records: [recordAt(400_000, { outcome: "held" })] })).toEqual([]);
  });

  it("fires where nobody had said who the writer is, or had named another, or it was still to change", () => {
    const fires = [
      expect.stringMatching(/nobody had told it that the writer of stores\/database is in eu-west-3/),
    ];
    expect(recovered([canary])).toEqual(fires);
    expect(recovered([told("ireland"), canary])).toEqual(fires);
    expect(recovered([told("paris", { FailoverState: { Status: "failing-over" } }), canary])).toEqual(fires);
    expect(recovered([{ ...told(), atMs: 50_000 }, canary])).toEqual(fires);
  });

  it("fires where the database of the new site took no canary of this execution", () => {
    const fires = [expect.stringMatching(/without a canary that the database in eu-west-3 took/)];
    expect(recovered([told()])).toEqual(fires);
    expect(recovered([told(), canary], [{ ...taken, region: "eu-west-1" }])).toEqual(fires);
    expect(recovered([told(), canary], [{ ...taken, atMs: 250_000 }])).toEqual(fires);
    expect(recovered([told(), { ...canary, outcome: { type: "no-answer" } }])).toEqual(fires);
    expect(recovered([told(), { ...canary, atMs: 150_000, endedAtMs: 310_000 }])).toEqual(fires);
  });
});

describe("measured", () => {
  const history = [
    entered(1000, "LoadPlan"),
    exited(3000, "LoadPlan"),
    entered(3001, "Assess"),
    entered(399_000, "RecordOutcome"),
  ];
  const phases = [{ name: "assess" as const, startedAtMs: 3001, endedAtMs: 5000 }];
  const said = (
    more: Partial<RecoveryRecord>,
    again: readonly Version<RecoveryRecord>[] = [],
  ): readonly string[] =>
    found("measured", {
      executions: [execution({ startedAtMs: 1000, history })],
      records: [recordAt(400_000, { startedAtMs: 2000, phases, ...more }), ...again],
    });

  it("is a record with the times of the history, by a clock that may be off", () => {
    expect(said({})).toEqual([]);
    expect(said({ startedAtMs: -28_000, endedAtMs: 370_000 })).toEqual([]);
  });

  it("is none with other times", () => {
    expect(said({ startedAtMs: 100_000 })).toEqual([expect.stringMatching(/that it began at 100000/)]);
    expect(said({ endedAtMs: 902_000 })).toEqual([expect.stringMatching(/that it ended at 902000/)]);
    expect(said({ endedAtMs: 200_000 })).toHaveLength(1);
    const assess = (startedAtMs: number, endedAtMs: number) => ({
      phases: [{ name: "assess" as const, startedAtMs, endedAtMs }],
    });
    expect(said(assess(3500, 5000))).toEqual([expect.stringMatching(/that assess was from 3500 to 5000/)]);
    expect(said(assess(3001, 500_000))).toHaveLength(1);
    expect(said(assess(3001, 2000))).toHaveLength(1);
  });

  it("is none that was written twice", () => {
    const again = recordAt(400_500, { startedAtMs: 2000, endedAtMs: 400_000 });
    expect(said({}, [again])).toEqual([expect.stringMatching(/was written again/)]);
    expect(said({}, [recordAt(400_500, { execution: OTHER })])).toEqual([]);
  });
});

describe("approvals", () => {
  const QUESTION = "one.1.abc";
  const HASH = "ec4b89";
  const asked = (more: { execution?: string; plan?: string; epoch?: number } = {}): Notice => ({
    atMs: 20_000,
    region: "eu-west-3",
    subject: "spacelift: approval needed, approve",
    message: [
      "Move spacelift from ireland to paris: an unplanned failover.",
      `Execution: ${more.execution ?? EXECUTION}`,
      `Question: ${QUESTION}`,
      `Plan: ${more.plan ?? HASH}, epoch ${more.epoch ?? 1}`,
    ].join("\n"),
  });
  const signed = (who: string, answer = "approve", more: Partial<ToldIdentity> = {}): ToldIdentity => ({
    atMs: 30_000,
    arn: `arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_OnCall_0123456789abcdef/${who}`,
    userId: `AROAEXAMPLE:${who}`,
    account: "111122223333",
    purpose: `lifeboat.${QUESTION}.${answer}`,
    ...more,
  });
  const readPlan = call({
    atMs: 80_000,
    service: "s3",
    operation: "GetObject",
    mutating: false,
    input: { Bucket: "any", Key: `spacelift/plans/${HASH}.json` },
  });
  /** A recovery that says itself that it lost more than the plan's limit. */
  const lossy = {
    claims,
    wire: [readPlan, promotion],
    executions: [execution()],
    records: [recordAt(400_000, { rpo: { minMs: 0, maxMs: 90_000 } })],
    notices: [asked()],
  };
  const with_ = (signatures: readonly ToldIdentity[], more: Partial<Evidence> = {}): readonly string[] =>
    found("approvals", { ...lossy, signatures, ...more });
  const fires = (count: number) => [
    expect.stringMatching(new RegExp(`promoted with ${count} of 2 people who had signed`)),
  ];

  it("are enough where two people had signed for a loss above the limit", () => {
    expect(with_([signed("one"), signed("two")])).toEqual([]);
  });

  it("are missing where one had signed, or one had signed twice, whichever way the name is written", () => {
    expect(with_([])).toEqual(fires(0));
    expect(with_([signed("one")])).toEqual(fires(1));
    expect(with_([signed("one"), signed("One")])).toEqual(fires(1));
  });

  it("are missing where a signature is nobody's who may approve", () => {
    const stranger = { arn: "arn:aws:sts::111122223333:assumed-role/Deploy/two" };
    const other = { account: "999999999999" };
    const ourselves = { arn: "arn:aws:sts::111122223333:assumed-role/lifeboat-spacelift-claim/two" };
    for (const more of [stranger, other, ourselves])
      expect(with_([signed("one"), signed("two", "approve", more)])).toEqual(fires(1));
  });

  it("are missing where they are for another execution, plan, epoch, question or answer", () => {
    const both = [signed("one"), signed("two")];
    expect(with_(both, { notices: [asked({ execution: OTHER })] })).toEqual(fires(0));
    expect(with_(both, { notices: [asked({ plan: "0ther" })] })).toEqual(fires(0));
    expect(with_(both, { notices: [asked({ epoch: 0 })] })).toEqual(fires(0));
    expect(with_(both, { notices: [] })).toEqual(fires(0));
    expect(with_([signed("one"), signed("two", "retry")])).toEqual(fires(1));
    expect(
      with_([signed("one"), signed("two", "approve", { purpose: "lifeboat.other.1.abc.approve" })]),
    ).toEqual(fires(1));
  });

  it("are missing where they came after the promotion, or after somebody had said no", () => {
    const late = signed("two", "approve", { atMs: PROMOTED_MS + 1 });
    expect(with_([signed("one"), late])).toEqual(fires(1));
    const no = signed("three", "reject", { atMs: 31_000 });
    expect(with_([signed("one"), no, signed("two", "approve", { atMs: 32_000 })])).toEqual(fires(0));
    expect(with_([signed("one"), signed("two"), signed("three", "reject", { atMs: 40_000 })])).toEqual([]);
  });

  it("are wanted for what users really lost, for an unknown loss, and for an order; not for an everyday recovery", () => {
    const within = { records: [recordAt(400_000)] };
    expect(with_([], within)).toEqual([]);
    expect(with_([], { records: [recordAt(400_000, { rpo: null })] })).toEqual(fires(0));
    const rows = [10_000, 80_000].map((sentAtMs, index) => ({
      sequence: index + 1,
      sentAtMs,
      outcome: { type: "acknowledged" as const, atMs: sentAtMs + 5, region: "eu-west-1", status: 200 },
    }));
    expect(with_([], { ...within, rows })).toEqual(fires(0));
    expect(with_([], { ...within, rows, survived: new Set([1, 2]) })).toEqual([]);
    const blind = {
      leases: [leaseAt(80_000, {})],
      canaries: [{ atMs: 1000, region: "eu-west-1", timeline: 1, key: "spacelift" }],
    };
    expect(with_([], { ...within, ...blind })).toEqual(fires(0));
    const ordered = { executions: [execution({ input: { override: { who: "one", why: "it burns" } } })] };
    expect(with_([], { ...within, ...ordered })).toEqual([]);
    expect(with_([signed("one")], ordered)).toEqual(fires(1));
  });

  it("are wanted of as many people for going on without proof", () => {
    const output = JSON.stringify({ Payload: { verdict: "override", persons: 2 } });
    const history = [
      entered(1, "Hold"),
      historyEvent(2, "TaskSucceeded", { taskSucceededEventDetails: { resource: "invoke", output } }),
    ];
    const overridden = { executions: [execution({ history })], records: [recordAt(400_000)] };
    expect(with_([signed("one", "override")], overridden)).toEqual([
      expect.stringMatching(/1 of 2 .* without proof in a hold/),
    ]);
    expect(with_([signed("one", "override"), signed("two", "override")], overridden)).toEqual([]);
  });
});
