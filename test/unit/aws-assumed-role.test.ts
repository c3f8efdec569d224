import { assumeRole, type AssumedRole } from "@lifeboat/aws/assumed-role";
import type { Connection } from "@lifeboat/aws/connection";
import { createProtection } from "@lifeboat/aws/protection";
import { createBuckets } from "@lifeboat/aws/s3-buckets";
import type { CallFault, DepartingCall } from "@lifeboat/cloud/kernel/faults";
import type { AwsError } from "@lifeboat/cloud/kernel/service";
import { withVirtualGlobals } from "@lifeboat/lab/virtual-globals";
import { describe, expect, it } from "vitest";
import { createAccount, failure, IRELAND, PARIS, type Account } from "./cloud-account.ts";

const ROLE = "arn:aws:iam::222233334444:role/lifeboat-spacelift";
const EXTERNAL_ID = "lifeboat-7d1f0c2b";
const assumed = (session = "spacelift.promote.euw3.e2"): AssumedRole => ({
  role: ROLE,
  externalId: EXTERNAL_ID,
  session,
});

/** A container in Paris, in an account with a bucket and a key in both regions. */
const container = () => {
  const account = createAccount();
  for (const region of [IRELAND, PARIS]) {
    account.cloud.s3.createBucket({ name: `b-${region}`, region });
    account.cloud.kms.createKey({ keyId: `k-${region}`, region });
  }
  const connection: Connection = {
    region: PARIS,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
    requestHandler: ({ timeoutMs }) =>
      account.cloud.connect({ timeoutMs, origin: { place: PARIS, principal: "function/promote@eu-west-3" } }),
  };
  return { account, connection };
};

/** Runs the clock with the time that the SDK asks the process for. */
const running = <Result>(account: Account, work: () => Promise<Result>): Promise<Result> =>
  withVirtualGlobals(account.cloud.world.clock, account.cloud.world.random.stream("process"), () =>
    account.run(work),
  );

const assumptions = ({ wire }: Account) => wire.filter(({ service }) => service === "sts");

const sessionsOf = ({ wire }: Account): readonly (string | undefined)[] =>
  wire.filter(({ service }) => service !== "sts").map(({ origin }) => origin.session?.userId.split(":")[1]);

/** STS does so, and nothing else fails. */
const stsDoes =
  (fault: CallFault) =>
  ({ service }: DepartingCall): CallFault | undefined =>
    service === "sts" ? fault : undefined;

const refusing = (code: string, message: string, status: number): CallFault => ({
  type: "refuse",
  code,
  message,
  status,
});

describe("a role that is assumed", () => {
  it("signs every call of every client, in whichever region, and is assumed once", async () => {
    const { account, connection } = container();
    await running(account, async () => {
      const there = assumeRole(connection, assumed(), connection);
      await Promise.all([
        createBuckets(there).replication(PARIS, `b-${PARIS}`),
        createProtection(there).key(PARIS, `k-${PARIS}`),
        createProtection(there).key(IRELAND, `k-${IRELAND}`),
      ]);
      await createBuckets(assumeRole(connection, assumed(), connection)).replication(IRELAND, `b-${IRELAND}`);
    });
    expect(assumptions(account)).toMatchObject([
      {
        operation: "AssumeRole",
        input: {
          RoleArn: ROLE,
          ExternalId: EXTERNAL_ID,
          RoleSessionName: "spacelift.promote.euw3.e2",
          DurationSeconds: 900,
        },
      },
    ]);
    expect(new Set(sessionsOf(account))).toEqual(new Set(["spacelift.promote.euw3.e2"]));
  });

  it("is asked of STS in the function's own region, and not in the one that is lost", async () => {
    const { account, connection } = container();
    account.cloud.world.network.lose(IRELAND);
    await running(account, async () => {
      const protection = createProtection(assumeRole(connection, assumed(), connection));
      expect(await failure(protection.key(IRELAND, `k-${IRELAND}`))).toMatchObject({
        name: "AwsUnavailable",
      });
      await expect(protection.key(PARIS, `k-${PARIS}`)).resolves.toMatchObject({ enabled: true });
    });
    expect(assumptions(account).map(({ region }) => region)).toEqual([PARIS]);
  });

  it.each(["eu-west-1", "eu-west-3", "us-east-1", "us-west-2"])(
    "is never asked of STS's global endpoint, not even where that would be in the same region: %s",
    async (region) => {
      const hosts: string[] = [];
      const connection: Connection = {
        region,
        credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
        requestHandler: () => ({
          handle: ({ hostname }: { readonly hostname: string }) => {
            hosts.push(hostname);
            return Promise.reject(new Error("nothing answers here"));
          },
        }),
      };
      const there = createProtection(assumeRole(connection, assumed(), connection));
      expect(await failure(there.key("eu-central-1", "k"))).toMatchObject({ name: "AwsUnavailable" });
      expect(new Set(hosts)).toEqual(new Set([`sts.${region}.amazonaws.com`]));
    },
  );

  it("is assumed by each container for itself: one that dies in between keeps nobody waiting", async () => {
    const { account, connection } = container();
    account.cloud.world.faults.call = stsDoes({ type: "kill-before" });
    await running(account, async () => {
      const dying = createProtection(assumeRole(connection, assumed(), {})).key(PARIS, `k-${PARIS}`);
      await account.sleep(100);
      delete account.cloud.world.faults.call;
      const other = createProtection(assumeRole(connection, assumed(), {}));
      await expect(other.key(PARIS, `k-${PARIS}`)).resolves.not.toBeNull();
      expect(await Promise.race([dying, account.sleep(60_000).then(() => "still waiting")])).toBe(
        "still waiting",
      );
    });
  });

  it("leaves the connection that it began with as it was", async () => {
    const { account, connection } = container();
    await running(account, async () => {
      await createProtection(assumeRole(connection, assumed(), connection)).key(PARIS, `k-${PARIS}`);
      await createProtection(connection).key(PARIS, `k-${PARIS}`);
    });
    expect(sessionsOf(account)).toEqual(["spacelift.promote.euw3.e2", undefined]);
  });

  it("is assumed again before its credentials end, and no call is made with ones that are over", async () => {
    const { account, connection } = container();
    await running(account, async () => {
      const protection = createProtection(assumeRole(connection, assumed(), connection));
      for (let minute = 0; minute < 45; minute++) {
        await expect(protection.key(PARIS, `k-${PARIS}`)).resolves.not.toBeNull();
        await account.sleep(60_000);
      }
    });
    // Fifteen minutes less the five that the SDK keeps back.
    expect(assumptions(account)).toHaveLength(5);
  });

  it("acts for another recovery under another name", async () => {
    const { account, connection } = container();
    await running(account, async () => {
      for (const epoch of [2, 2, 3])
        await createProtection(
          assumeRole(connection, assumed(`spacelift.promote.euw3.e${epoch}`), connection),
        ).key(PARIS, `k-${PARIS}`);
    });
    expect(sessionsOf(account).map((name) => name?.slice(-2))).toEqual(["e2", "e2", "e3"]);
    expect(assumptions(account)).toHaveLength(2);
  });
});

describe("STS that gives no credentials", () => {
  const askedWith = async (fault: CallFault) => {
    const { account, connection } = container();
    account.cloud.world.faults.call = stsDoes(fault);
    const startedAtMs = account.cloud.world.clock.nowMs();
    return running(account, async () => {
      const protection = createProtection(assumeRole(connection, assumed(), connection));
      const failed = await failure(protection.key(PARIS, `k-${PARIS}`));
      const tookMs = account.cloud.world.clock.nowMs() - startedAtMs;
      delete account.cloud.world.faults.call;
      // Nothing of the failure is kept.
      const later = await protection.key(PARIS, `k-${PARIS}`);
      return { ...failed, tookMs, later, reached: sessionsOf(account).length };
    });
  };

  it.each([
    ["throttled", refusing("Throttling", "Rate exceeded", 400)],
    ["failing", refusing("InternalFailure", "We do not know", 500)],
    ["expired keys of its own", refusing("ExpiredTokenException", "The token is expired", 400)],
    ["out of reach", { type: "lose-reply" } as const],
  ])("is a failure of the call that can be made again: %s", async (_, fault) => {
    const { name, message, later, tookMs, reached } = await askedWith(fault);
    expect(name).toBe("AwsUnavailable");
    expect(message).toMatch(/^AssumeRole of arn:aws:iam::222233334444:role\/lifeboat-spacelift: /);
    expect(later).toMatchObject({ enabled: true });
    expect(tookMs).toBeLessThan(5000);
    // Of the first attempt nothing went to the service: a call without credentials asks nobody.
    expect(reached).toBe(1);
  });

  it("says what to look at when the role does not let it in, and does not repeat the external id", async () => {
    const denied = refusing("AccessDenied", `not authorized with ${EXTERNAL_ID}`, 403);
    const { name, message } = await askedWith(denied);
    expect(name).toBe("AwsRejected");
    expect(message).toContain(`AssumeRole of ${ROLE}: AccessDenied: check that the role exists`);
    expect(message).toContain("`lifeboat access PLAN` prints");
    expect(message).not.toContain(EXTERNAL_ID);
  });

  it("is not quoted, for its words may quote the request", async () => {
    const invalid = refusing("ValidationError", `Value '${EXTERNAL_ID}' at 'externalId' failed`, 400);
    const { name, message } = await askedWith(invalid);
    expect(name).toBe("AwsRejected");
    expect(message).not.toContain(EXTERNAL_ID);
  });

  it("that has turned off in the region is told as what it is", async () => {
    const { message } = await askedWith(refusing("RegionDisabledException", "STS is not activated", 403));
    expect(message).toMatch(/turned STS off in this region/);
  });

  it("never becomes the answer that a resource is not there", async () => {
    const absent: readonly AwsError["code"][] = [
      "NoSuchBucket",
      "NotFoundException",
      "ResourceNotFoundException",
    ];
    for (const code of absent) {
      const { account, connection } = container();
      account.cloud.world.faults.call = stsDoes(refusing(code, "gone", 404));
      const there = assumeRole(connection, assumed(), connection);
      const answers = await running(account, () =>
        Promise.all([
          failure(createBuckets(there).replication(PARIS, `b-${PARIS}`)),
          failure(createProtection(there).key(PARIS, `k-${PARIS}`)),
          failure(createProtection(there).secret(PARIS, "s")),
        ]),
      );
      expect(answers.map(({ name }) => name)).toEqual(["AwsRejected", "AwsRejected", "AwsRejected"]);
    }
  });
});
