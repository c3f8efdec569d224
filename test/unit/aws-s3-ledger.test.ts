import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { createLedgerStore } from "@lifeboat/aws/s3-ledger";
import type { LedgerStore } from "@lifeboat/operations/ports";
import { beforeEach, describe, expect, it } from "vitest";
import { createAccount, failure, FRANKFURT, type Account } from "./cloud-account.ts";

const BUCKET = "ledger";
const place = { region: FRANKFURT, bucket: BUCKET };
const YEAR_MS = 365 * 24 * 3_600_000;

describe("the ledger in S3", () => {
  let account: Account;
  let ledger: LedgerStore;
  beforeEach(() => {
    account = createAccount();
    account.cloud.s3.createBucket({ name: BUCKET, region: FRANKFURT, objectLock: "without-default" });
    ledger = createLedgerStore(
      {
        region: FRANKFURT,
        credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
        requestHandler: ({ timeoutMs }) => account.cloud.connect({ region: FRANKFURT, timeoutMs }),
      },
      account.cloud.world.clock,
    );
  });

  const write = (key: string) =>
    account.run(async () => {
      const first = await ledger.create(place, key, { revision: 1 });
      if (first.type !== "written") throw new Error(JSON.stringify(first));
      return ledger.replace(place, key, { revision: 2 }, first.etag);
    });
  const versions = (key: string) => account.cloud.s3.bucket(BUCKET).objects.get(key) ?? [];

  it("locks every version of the claim for a year as it is written", async () => {
    const startMs = account.cloud.world.clock.nowMs();
    expect(await write("spacelift/claim")).toMatchObject({ type: "written" });
    expect(versions("spacelift/claim")).toHaveLength(2);
    for (const { retention } of versions("spacelift/claim")) {
      expect(retention?.mode).toBe("GOVERNANCE");
      expect(retention?.untilMs).toBeGreaterThanOrEqual(startMs + YEAR_MS - 1000);
    }
    account.expectConformance();
  });

  it("lets nobody take a version of the claim's history out", async () => {
    await write("spacelift/claim");
    const old = versions("spacelift/claim").at(-1);
    const refused = await account.run(() =>
      failure(
        account
          .s3(FRANKFURT)
          .send(
            new DeleteObjectCommand({ Bucket: BUCKET, Key: "spacelift/claim", VersionId: old?.versionId }),
          ),
      ),
    );
    expect(refused).toMatchObject({ name: "AccessDenied", status: 403 });
    expect(versions("spacelift/claim")).toHaveLength(2);
  });

  it.each(["spacelift/lease", "spacelift/switch"])(
    "leaves %s unlocked: it has no history to keep",
    async (key) => {
      await write(key);
      expect(versions(key).map(({ retention }) => retention)).toEqual([undefined, undefined]);
    },
  );
});
