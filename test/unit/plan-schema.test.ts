import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import {
  accountId,
  alarmName,
  autoScalingGroupName,
  bucketName,
  certificateArn,
  clusterId,
  databaseName,
  domainConfigurationName,
  ecsName,
  externalId,
  hostName,
  localName,
  multiRegionKeyId,
  noteText,
  objectKey,
  probeUrl,
  regionName,
  roleArn,
  secretId,
  siteName,
  subnetId,
  workloadName,
  zoneName,
} from "@lifeboat/plan/aws-names";
import { parseDuration, repairDuration } from "@lifeboat/plan/durations";
import { planJsonSchema, planJsonSchemaText } from "@lifeboat/plan/json-schema";
import { planReference } from "@lifeboat/plan/reference";
import { exampleText, readValid, withEdit } from "./plan-example.ts";

const fileText = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe("a recovery plan that is read", () => {
  it("has its durations in milliseconds", () => {
    const { plan } = readValid(exampleText);
    expect(plan.objectives).toEqual({ rtoMs: 900_000, rpoMs: 60_000 });
    expect(plan.ledger.lease).toEqual({
      durationMs: 90_000,
      renewEveryMs: 12_000,
      fenceWithinMs: 20_000,
      driftMarginMs: 3000,
    });
    expect(plan.decision.cooldownMs).toBe(1_800_000);
    expect(plan.decision.answerWithinMs).toBe(43_200_000);
    expect(plan.traffic[0]).toMatchObject({ type: "switch", ttlMs: 60_000 });
    expect(JSON.stringify(plan)).not.toContain('"15m"');
  });

  it("gives what may be left out the value that the reference promises", () => {
    const text = withEdit((plan) => {
      for (const section of ["keys", "secrets", "certificates", "services", "workers", "notes"])
        plan.delete(section);
      plan.deleteIn(["ledger", "lease"]);
      for (const field of ["cooldown", "acceptPresumedFencing", "approvals", "answerWithin"]) {
        plan.deleteIn(["decision", field]);
      }
      plan.deleteIn(["traffic", 0, "ttl"]);
      plan.deleteIn(["checks", 0, "expectStatus"]);
    });
    const { plan } = readValid(text);
    const example = readValid(exampleText).plan;
    expect(plan).toEqual({
      ...example,
      keys: [],
      secrets: [],
      certificates: [],
      services: [],
      workers: [],
      notes: [],
    });
  });

  it("keeps one hash however it is laid out, and another one for every other value", () => {
    const { hash, document } = readValid(exampleText);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(readValid(JSON.stringify(document)).hash).toBe(hash);
    const reversed = Object.fromEntries(Object.entries(document).reverse());
    expect(readValid(JSON.stringify(reversed)).hash).toBe(hash);
    expect(readValid(exampleText.replace("rto: 15m", "rto: 16m")).hash).not.toBe(hash);
  });
});

describe("the JSON Schema for editors", () => {
  it("is up to date in examples/", () => {
    expect(
      fileText("examples/recovery-plan.schema.json"),
      "rewrite it: npx lifeboat schema > examples/recovery-plan.schema.json",
    ).toBe(planJsonSchemaText());
  });

  it("accepts the example, and refuses it with one unknown field", () => {
    const schema = z.fromJSONSchema(planJsonSchema());
    const { document } = readValid(exampleText);
    expect(schema.safeParse(document).error).toBeUndefined();
    expect(schema.safeParse({ ...document, quorum: 3 }).success).toBe(false);
  });

  it("describes every field, and takes no field that it does not know", () => {
    let fields = 0;
    const visit = (schema: unknown): void => {
      if (typeof schema !== "object" || schema === null) return;
      const { properties, additionalProperties } = schema as Record<string, unknown>;
      if (properties !== undefined) {
        expect(additionalProperties).toBe(false);
        for (const [name, field] of Object.entries(properties as object)) {
          fields++;
          const { description = "" } = field as { description?: string };
          expect(`${name}: ${description}`).toMatch(/: .{10,}\.$/);
        }
      }
      for (const inner of Object.values(schema)) visit(inner);
    };
    visit(planJsonSchema());
    expect(fields).toBeGreaterThan(80);
  });

  it("is what the reference for people is made from", () => {
    expect(
      fileText("docs/recovery-plan.md"),
      "rewrite it: npx lifeboat schema --markdown > docs/recovery-plan.md",
    ).toBe(planReference());
  });
});

describe("names of AWS in a plan", () => {
  const id32 = "0123456789abcdef0123456789abcdef";
  const cases = [
    [
      "workloadName",
      workloadName,
      ["a", "spacelift", "a".repeat(31)],
      ["", "Spacelift", "1a", "a_b", "a".repeat(32)],
    ],
    [
      "regionName",
      regionName,
      ["eu-west-1", "us-gov-east-1", "ap-southeast-7", "us-isob-east-1", "eusc-de-east-1"],
      ["eu-west", "EU-WEST-1", "eu-west-1a", "euwest1", "eu-west-1 "],
    ],
    ["zoneName", zoneName, ["eu-west-1a"], ["eu-west-1", "a"]],
    [
      "bucketName",
      bucketName,
      ["abc", "a.b-c", "a".repeat(63)],
      [
        "ab",
        "a".repeat(64),
        "A-bucket",
        "a..b",
        "-ab",
        "ab-",
        "192.168.0.1",
        "xn--abc",
        "abc-s3alias",
        "a_b",
        "abc--ol-s3",
      ],
    ],
    [
      "clusterId",
      clusterId,
      ["a", "spacelift-ireland", "a".repeat(63)],
      ["", "1a", "a--b", "a-", "Spacelift", "a".repeat(64), "a_b"],
    ],
    ["accountId", accountId, ["012345678901"], ["12345678901", "1234567890123", "1234-5678-9012"]],
    [
      "multiRegionKeyId",
      multiRegionKeyId,
      [`mrk-${id32}`],
      [id32, `mrk-${id32}0`, "mrk-6b1f2d3c-4a5e-4f60-8172-63544a5b6c7d", "alias/x"],
    ],
    [
      "secretId",
      secretId,
      ["a/b", `arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b-AbCdEf`],
      ["", "a b", "arn:aws:s3:::x", "a".repeat(513)],
    ],
    [
      "certificateArn",
      certificateArn,
      [
        "arn:aws:acm:eu-west-1:111122223333:certificate/0b6f",
        "arn:aws-cn:acm:cn-north-1:111122223333:certificate/0b6f",
      ],
      ["0b6f", "arn:aws:iam::111122223333:server-certificate/x"],
    ],
    [
      "roleArn",
      roleArn,
      [
        "arn:aws:iam::222233334444:role/lifeboat-spacelift",
        "arn:aws-us-gov:iam::222233334444:role/of/ours/lifeboat",
      ],
      [
        "lifeboat-spacelift",
        "arn:aws:iam::22223333444:role/lifeboat",
        "arn:aws:iam:eu-west-1:222233334444:role/lifeboat",
        "arn:aws:iam::222233334444:user/lifeboat",
        "arn:aws:sts::222233334444:assumed-role/lifeboat/anna",
        `arn:aws:iam::222233334444:role/${"a".repeat(65)}`,
        "arn:aws:iam::222233334444:role/",
        "arn:aws:iam::222233334444:role/*",
      ],
    ],
    [
      "externalId",
      externalId,
      ["x1", "lifeboat-7d1f0c2b", "a+b=c,d.e@f:g/h_i-j", "x".repeat(1224)],
      ["", "x", "x".repeat(1225), "two words", "x#", "ä1", "x\n"],
    ],
    ["ecsName", ecsName, ["spacelift_server-1"], ["", "a b", "a".repeat(256)]],
    [
      "autoScalingGroupName",
      autoScalingGroupName,
      ["workers (ireland)"],
      ["", " a", "a:b", "a\nb", "a".repeat(256)],
    ],
    ["alarmName", alarmName, ["5xx: too many"], ["", " a", "a\u0000b", "a".repeat(256)]],
    [
      "hostName",
      hostName,
      ["spacelift.example.com", "a-b.c1.io"],
      ["localhost", "https://a.b", "a.b/c", "A.b", "-a.b", "a..b", `${"a".repeat(64)}.com`, "10.0.0.1"],
    ],
    [
      "probeUrl",
      probeUrl,
      ["https://a.example.com/health?x=1", "http://a.example.com:8080"],
      ["a.example.com", "ftp://a.b/", "https://user:word@a.example.com/", "https://a.example.com/a b"],
    ],
    ["objectKey", objectKey, ["spacelift/active"], ["", "/a", "a//b", "a b", "a".repeat(181)]],
    ["databaseName", databaseName, ["spacelift"], ["", "1a", "a-b", "a".repeat(64)]],
    ["domainConfigurationName", domainConfigurationName, ["spacelift-broker"], ["", "a b", "a".repeat(129)]],
    ["subnetId", subnetId, ["subnet-0a1b2c3d", "subnet-0a1b2c3d4e5f60718"], ["subnet-", "sn-0a1b2c3d"]],
    ["siteName", siteName, ["ireland"], ["Ireland", "a".repeat(21)]],
    ["localName", localName, ["a-1"], ["A", "a".repeat(41)]],
    ["noteText", noteText, ["Grüße\n\tan alle → 🚢"], ["", "  \n", "a\u001b[2J", "a".repeat(2001)]],
  ] as const;

  it.each(cases)("%s takes what AWS takes and nothing else", (_, kind, good, bad) => {
    const takes = (text: string): boolean => kind().safeParse(text).success;
    expect(good.filter((text) => !takes(text))).toEqual([]);
    expect(bad.filter(takes)).toEqual([]);
  });
});

describe("a duration", () => {
  it.each([
    ["90s", 90_000],
    ["15m", 900_000],
    ["12h", 43_200_000],
    ["1h30m", 5_400_000],
    ["500ms", 500],
    ["1m500ms", 60_500],
    ["2h3m4s5ms", 7_384_005],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    "",
    "0s",
    "0h0m",
    "15",
    "15 m",
    "m",
    "1.5h",
    "-1s",
    "30m1h",
    "1s1s",
    "1d",
    "1M",
    "9999999s",
    "1ms1s",
  ])("%j is none", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it("is the sum of its parts", () => {
    const part = fc.integer({ min: 0, max: 9999 });
    fc.assert(
      fc.property(part, part, part, part, (h, m, s, ms) => {
        const total = h * 3_600_000 + m * 60_000 + s * 1000 + ms;
        expect(parseDuration(`${h}h${m}m${s}s${ms}ms`)).toBe(total === 0 ? undefined : total);
      }),
    );
  });

  it.each([
    ["15 min", "15m"],
    ["90", "90s"],
    ["1 hour", "1h"],
    ["2d", "48h"],
    ["250 millis", "250ms"],
    ["soon", undefined],
  ])("%j was probably meant as %j", (text, meant) => {
    expect(repairDuration(text)).toBe(meant);
  });
});
