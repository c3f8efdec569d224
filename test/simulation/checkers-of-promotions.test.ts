import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import type { Evidence, Notice } from "@lifeboat/lab/checks/evidence";
import { forSite } from "@lifeboat/recovery/plan";
import { describe, expect, it } from "vitest";
import {
  call,
  claimAt,
  claimsOfPromotion,
  EXECUTION,
  found,
  nothing,
  OTHER,
  plan,
  promotion,
  recordAt,
  TARGET,
} from "./planted-evidence.ts";

const answered = (output: unknown): WireRecord["outcome"] => ({ type: "answered", output });

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
    found("target-first", { claims: claimsOfPromotion, wire: [...wire, promotion], ...more });

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
    const back = { claims: [...claimsOfPromotion, claimAt(300_000, { epoch: 2, holder: null })] };
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
        claims: [...claimsOfPromotion, claimAt(300_000, { epoch: 2, activeSite: "paris" })],
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
