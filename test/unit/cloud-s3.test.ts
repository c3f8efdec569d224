import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
} from "@aws-sdk/client-s3";
import type { Datum } from "@lifeboat/cloud/kernel/world";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAccount, failure, FRANKFURT, IRELAND, PARIS, type Account } from "./cloud-account.ts";

const BUCKET = "ledger-ireland";
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let account: Account;
beforeEach(() => {
  account = createAccount();
  account.cloud.s3.createBucket({ name: BUCKET, region: IRELAND });
});
afterEach(() => account.expectConformance());

const put = (key: string, body: string, conditions: object = {}) =>
  account.s3(IRELAND).send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body, ...conditions }));
const get = async (key: string, more: object = {}) => {
  const { Body, ...rest } = await account
    .s3(IRELAND)
    .send(new GetObjectCommand({ Bucket: BUCKET, Key: key, ...more }));
  return { ...rest, text: await Body?.transformToString() };
};

describe("conditional writes", () => {
  it("create an object once: the second If-None-Match answers 412", () =>
    account.run(async () => {
      await put("claim", "one", { IfNoneMatch: "*" });
      expect(await failure(put("claim", "two", { IfNoneMatch: "*" }))).toMatchObject({
        name: "PreconditionFailed",
        status: 412,
      });
      expect((await get("claim")).text).toBe("one");
    }));

  it("replace an object whose entity tag is still the one that was read, and no other", () =>
    account.run(async () => {
      const { ETag } = await put("claim", "one");
      expect(ETag).toBe('"f97c5d29941bfb1b2fdab0874906ab82"');
      await put("claim", "two", { IfMatch: ETag });
      expect(await failure(put("claim", "three", { IfMatch: ETag }))).toMatchObject({ status: 412 });
      expect((await get("claim")).text).toBe("two");
    }));

  it("answer 404 for If-Match on a key that does not exist or was deleted", () =>
    account.run(async () => {
      expect(await failure(put("claim", "x", { IfMatch: '"0"' }))).toMatchObject({
        name: "NoSuchKey",
        status: 404,
      });
      const { ETag } = await put("claim", "one");
      await account.s3(IRELAND).send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "claim" }));
      expect(await failure(put("claim", "x", { IfMatch: ETag }))).toMatchObject({
        name: "NoSuchKey",
        status: 404,
      });
    }));

  it("let If-None-Match succeed again over a delete marker", () =>
    account.run(async () => {
      await put("claim", "one", { IfNoneMatch: "*" });
      await account.s3(IRELAND).send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "claim" }));
      await put("claim", "two", { IfNoneMatch: "*" });
      expect((await get("claim")).text).toBe("two");
    }));

  it("give exactly one of two simultaneous writers the object, the other 409 or 412", () =>
    account.run(async () => {
      const { ETag } = await put("claim", "zero");
      const results = await Promise.allSettled(
        ["a", "b", "c"].map((body) => put("claim", body, { IfMatch: ETag })),
      );
      const statuses = results.map((result) =>
        result.status === "fulfilled"
          ? 200
          : (result.reason as { $metadata: { httpStatusCode: number } }).$metadata.httpStatusCode,
      );
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status !== 200)).toSatisfy((losers: number[]) =>
        losers.every((status) => status === 409 || status === 412),
      );
      expect(statuses).toContain(409);
    }));

  it("answer 412 to the retry of a write that took effect", () =>
    account.run(async () => {
      const { ETag } = await put("claim", "one");
      const hasty = account.s3(IRELAND, { timeoutMs: 15 });
      const write = new PutObjectCommand({ Bucket: BUCKET, Key: "claim", Body: "two", IfMatch: ETag });
      expect((await failure(hasty.send(write))).name).toBe("TimeoutError");
      await account.sleep(1_000);
      expect((await get("claim")).text).toBe("two");
      expect(await failure(put("claim", "two", { IfMatch: ETag }))).toMatchObject({ status: 412 });
    }));
});

describe("versions", () => {
  it("stay readable after an overwrite and after a delete marker", () =>
    account.run(async () => {
      const first = await put("state", "one");
      await put("state", "two");
      const { DeleteMarker } = await account
        .s3(IRELAND)
        .send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "state" }));
      expect(DeleteMarker).toBe(true);
      expect(await failure(get("state"))).toMatchObject({ name: "NoSuchKey", status: 404 });
      expect((await get("state", { VersionId: first.VersionId })).text).toBe("one");
      const listed = await account.s3(IRELAND).send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
      expect(listed.Versions?.map(({ IsLatest }) => IsLatest)).toEqual([false, false]);
      expect(listed.DeleteMarkers?.map(({ IsLatest }) => IsLatest)).toEqual([true]);
    }));

  it("come back when the delete marker is deleted", () =>
    account.run(async () => {
      await put("state", "one");
      const s3 = account.s3(IRELAND);
      const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "state" }));
      await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "state", VersionId }));
      expect((await get("state")).text).toBe("one");
    }));

  it("under retention cannot be deleted for good until it ends, and a marker does not touch them", async () => {
    account.cloud.s3.createBucket({
      name: "locked",
      region: IRELAND,
      objectLock: { mode: "COMPLIANCE", days: 1 },
    });
    await account.run(async () => {
      const s3 = account.s3(IRELAND);
      const { VersionId } = await s3.send(
        new PutObjectCommand({ Bucket: "locked", Key: "claim", Body: "x" }),
      );
      const remove = () =>
        s3.send(
          new DeleteObjectCommand({
            Bucket: "locked",
            Key: "claim",
            VersionId,
            BypassGovernanceRetention: true,
          }),
        );
      expect(await failure(remove())).toMatchObject({ name: "AccessDenied", status: 403 });
      const shorter = new PutObjectRetentionCommand({
        Bucket: "locked",
        Key: "claim",
        Retention: {
          Mode: "COMPLIANCE",
          RetainUntilDate: new Date(account.cloud.world.clock.nowMs() + 1_000),
        },
      });
      expect(await failure(s3.send(shorter))).toMatchObject({ name: "AccessDenied" });
      await s3.send(new DeleteObjectCommand({ Bucket: "locked", Key: "claim" }));
      expect((await s3.send(new ListObjectVersionsCommand({ Bucket: "locked" }))).Versions).toHaveLength(1);
    });
    await account.cloud.world.clock.run({ untilMs: account.cloud.world.clock.nowMs() + DAY_MS });
    await account.run(async () => {
      const [version] = account.cloud.s3.bucket("locked").objects.get("claim")?.slice(-1) ?? [];
      const s3 = account.s3(IRELAND);
      await s3.send(
        new DeleteObjectCommand({ Bucket: "locked", Key: "claim", VersionId: version?.versionId }),
      );
      expect((await s3.send(new ListObjectVersionsCommand({ Bucket: "locked" }))).Versions).toBeUndefined();
    });
  });
});

describe("a bucket policy", () => {
  it("denies deletes and unconditional writes under its prefix, and nothing elsewhere", async () => {
    account.cloud.s3.createBucket({
      name: "guarded",
      region: IRELAND,
      denials: [
        { deny: "delete", prefix: "ledger/" },
        { deny: "unconditional-put", prefix: "ledger/" },
      ],
    });
    await account.run(async () => {
      const s3 = account.s3(IRELAND);
      const write = (Key: string, more = {}) =>
        s3.send(new PutObjectCommand({ Bucket: "guarded", Key, Body: "x", ...more }));
      expect(await failure(write("ledger/claim"))).toMatchObject({ name: "AccessDenied", status: 403 });
      await write("ledger/claim", { IfNoneMatch: "*" });
      const remove = new DeleteObjectCommand({ Bucket: "guarded", Key: "ledger/claim" });
      expect(await failure(s3.send(remove))).toMatchObject({ name: "AccessDenied", status: 403 });
      const { Errors, Deleted } = await s3.send(
        new DeleteObjectsCommand({
          Bucket: "guarded",
          Delete: { Objects: [{ Key: "ledger/claim" }, { Key: "x" }] },
        }),
      );
      expect(Errors?.map(({ Code }) => Code)).toEqual(["AccessDenied"]);
      expect(Deleted?.map(({ Key }) => Key)).toEqual(["x"]);
      await write("switch");
    });
  });
});

describe("reads", () => {
  it("tell what is stored, and 304 to a reader that has it already", () =>
    account.run(async () => {
      await put("plan", "text", { ContentType: "text/plain", Metadata: { epoch: "7" } });
      const { ETag, ContentLength, ContentType, Metadata } = await account
        .s3(IRELAND)
        .send(new HeadObjectCommand({ Bucket: BUCKET, Key: "plan" }));
      expect({ ContentLength, ContentType, Metadata }).toEqual({
        ContentLength: 4,
        ContentType: "text/plain",
        Metadata: { epoch: "7" },
      });
      expect(await failure(get("plan", { IfNoneMatch: ETag }))).toMatchObject({ status: 304 });
      expect(await failure(get("plan", { IfMatch: '"other"' }))).toMatchObject({ status: 412 });
    }));

  it("answer a missing bucket by name, and a bucket of another region with a redirect", () =>
    account.run(async () => {
      const s3 = account.s3(PARIS);
      expect(await failure(s3.send(new GetObjectCommand({ Bucket: "nobody", Key: "x" })))).toMatchObject({
        name: "NoSuchBucket",
        status: 404,
      });
      expect(await failure(s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: "x" })))).toMatchObject({
        name: "PermanentRedirect",
        status: 301,
      });
      expect(
        await failure(account.s3(IRELAND).send(new HeadObjectCommand({ Bucket: BUCKET, Key: "x" }))),
      ).toMatchObject({ name: "NotFound", status: 404 });
    }));

  it("list keys in pages and groups", () =>
    account.run(async () => {
      for (const key of ["a/1", "a/2", "b", "c/1"]) await put(key, "x");
      const s3 = account.s3(IRELAND);
      const seen: string[] = [];
      let token: string | undefined;
      do {
        const page = await s3.send(
          new ListObjectsV2Command({ Bucket: BUCKET, Delimiter: "/", MaxKeys: 1, ContinuationToken: token }),
        );
        seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix));
        seen.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
        token = page.NextContinuationToken;
      } while (token !== undefined);
      expect(seen).toEqual(["a/", "b", "c/"]);
      const all = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "a/" }));
      expect(all.Contents?.map(({ Key }) => Key)).toEqual(["a/1", "a/2"]);
    }));

  it("tell region and versioning of a bucket", () =>
    account.run(async () => {
      const s3 = account.s3(IRELAND);
      expect((await s3.send(new GetBucketLocationCommand({ Bucket: BUCKET }))).LocationConstraint).toBe(
        IRELAND,
      );
      expect((await s3.send(new GetBucketVersioningCommand({ Bucket: BUCKET }))).Status).toBe("Enabled");
      expect(await failure(s3.send(new GetBucketReplicationCommand({ Bucket: BUCKET })))).toMatchObject({
        name: "ReplicationConfigurationNotFoundError",
        status: 404,
      });
    }));

  it("copy an object from a bucket of another region, unless that region is gone", async () => {
    account.cloud.s3.createBucket({ name: "paris", region: PARIS });
    await account.run(async () => {
      await put("plan v1", "text");
      const copy = new CopyObjectCommand({ Bucket: "paris", Key: "plan", CopySource: `${BUCKET}/plan%20v1` });
      await account.s3(PARIS).send(copy);
      expect(account.cloud.s3.read("paris", "plan")).toBe("text");
      account.cloud.world.network.lose(IRELAND);
      expect(await failure(account.s3(PARIS).send(copy))).toMatchObject({ status: 500 });
    });
  });
});

describe("replication", () => {
  const replicate = () => {
    account.cloud.s3.createBucket({ name: "ledger-paris", region: PARIS });
    account.cloud.s3.replicate({ from: BUCKET, to: "ledger-paris", id: "to-paris" });
  };

  it("brings a version to the other region after a while, with its id, and says so", async () => {
    replicate();
    await account.run(async () => {
      const { VersionId } = await put("state", "one");
      expect(account.cloud.s3.read("ledger-paris", "state")).toBeUndefined();
      expect((await get("state")).ReplicationStatus).toBe("PENDING");
      await account.sleep(MINUTE_MS + 1);
      const replica = await account
        .s3(PARIS)
        .send(new HeadObjectCommand({ Bucket: "ledger-paris", Key: "state" }));
      expect(replica).toMatchObject({ VersionId, ReplicationStatus: "REPLICA" });
      expect((await get("state")).ReplicationStatus).toBe("COMPLETED");
    });
  });

  it("waits while the regions do not see each other, and loses nothing", async () => {
    replicate();
    const data: Datum[] = [];
    account.cloud.world.onMeasure((region, datum) => {
      if (region === PARIS && datum.metricName === "ReplicationLatency") data.push(datum);
    });
    const { network } = account.cloud.world;
    await account.run(async () => {
      network.cut(IRELAND, PARIS);
      await put("state", "one");
      await account.sleep(10 * MINUTE_MS);
      expect(account.cloud.s3.read("ledger-paris", "state")).toBeUndefined();
      expect(account.cloud.s3.pending(BUCKET, "to-paris")).toHaveLength(1);
      // What Paris would measure, it hears from Ireland.
      expect(data).toEqual([]);
      network.mend(IRELAND, PARIS);
      await account.sleep(2 * MINUTE_MS);
      expect(account.cloud.s3.read("ledger-paris", "state")).toBe("one");
      expect(data.length).toBeGreaterThan(0);
    });
  });

  it("does not carry delete markers unless the rule says so", async () => {
    replicate();
    await account.run(async () => {
      await put("state", "one");
      await account.sleep(2 * MINUTE_MS);
      await account.s3(IRELAND).send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "state" }));
      await account.sleep(2 * MINUTE_MS);
      expect(account.cloud.s3.read("ledger-paris", "state")).toBe("one");
    });
  });
});

describe("the public address of a bucket", () => {
  const request = (path: string) =>
    account.cloud.world.fabric.request("internet", {
      method: "GET",
      url: `https://switch-paris.s3.${PARIS}.amazonaws.com/${path}`,
      timeoutMs: 2_000,
    });

  it("answers 200 with a public key's body, 404 without one, 403 for what is not public", async () => {
    account.cloud.s3.createBucket({ name: "switch-paris", region: PARIS, publicKeys: ["switch"] });
    await account.run(async () => {
      expect((await request("switch")).status).toBe(404);
      account.cloud.s3.seed("switch-paris", "switch", "active");
      account.cloud.s3.seed("switch-paris", "secret", "x");
      expect(await request("switch")).toEqual({ status: 200, body: "active" });
      expect((await request("secret")).status).toBe(403);
      account.cloud.world.network.lose(PARIS);
      await expect(request("switch")).rejects.toThrow(/no answer/);
    });
  });
});

it("a lost region answers nobody, and others do not notice", async () => {
  account.cloud.s3.createBucket({ name: "witness", region: FRANKFURT });
  await account.run(async () => {
    account.cloud.world.network.lose(IRELAND);
    const before = account.cloud.world.clock.nowMs();
    expect((await failure(put("state", "x"))).name).toBe("TimeoutError");
    expect(account.cloud.world.clock.nowMs() - before).toBe(5_000);
    await account.s3(FRANKFURT).send(new PutObjectCommand({ Bucket: "witness", Key: "k", Body: "v" }));
  });
});
