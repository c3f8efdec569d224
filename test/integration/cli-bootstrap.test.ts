import { bootstrapOver, type ConnectTo } from "@lifeboat/cli/bootstrap";
import { beforeEach, describe, expect, it } from "vitest";
import { createAccount, type Account } from "../unit/cloud-account.ts";
import { exampleText } from "../unit/plan-example.ts";
import { lifeboat } from "./cli-in-process.ts";
import {
  connectingTo,
  createLedgerBuckets,
  LEDGER_BUCKETS,
  runOn,
  withoutCredentials,
} from "./cli-on-account.ts";

let account: Account;
beforeEach(() => {
  account = createAccount();
});

const deploy = (): void => createLedgerBuckets(account);

const bootstrap = (active: string, connect: ConnectTo = connectingTo(account)) =>
  runOn(account, bootstrapOver(connect), ["x.plan.yaml", "--active", active]);

const writes = (): number => account.wire.filter(({ mutating }) => mutating).length;

describe("lifeboat bootstrap", () => {
  it("creates the ledger in all three places, for the site that is active", async () => {
    deploy();
    const { code, out } = await bootstrap("ireland");
    expect(code).toBe(0);
    expect(out.match(/created/g)).toHaveLength(5);
    expect(out).toContain("s3://spacelift-lifeboat-eu-central-1/spacelift/claim");
    expect(out).toContain("ireland is active");
  });

  it("changes nothing when it is run again", async () => {
    deploy();
    await bootstrap("ireland");
    const before = account.wire.length;
    const { code, out } = await bootstrap("ireland");
    expect(code).toBe(0);
    expect(out).toContain("nothing was changed");
    const again = account.wire
      .slice(before)
      .filter(({ outcome, mutating }) => mutating && outcome.type === "answered");
    expect(again).toEqual([]);
  });

  it("does not move a workload: another active site than the ledger's is refused before anything is written", async () => {
    deploy();
    await bootstrap("ireland");
    const before = writes();
    const { code, err } = await bootstrap("paris");
    expect(code).toBe(1);
    expect(err).toContain("says that ireland is active");
    expect(writes()).toBe(before);
  });

  it("writes nothing while one of the buckets is missing", async () => {
    for (const [region, name] of LEDGER_BUCKETS.slice(0, 2))
      account.cloud.s3.createBucket({ name, region, objectLock: "without-default" });
    const { code, err } = await bootstrap("ireland");
    expect(code).toBe(2);
    expect(err).toContain("s3://spacelift-lifeboat-eu-west-3 (eu-west-3) cannot be used: NoSuchBucket");
    expect(err).toContain("docs/deploy.md");
    expect(writes()).toBe(0);
  });

  it("says what to do where there are no credentials", async () => {
    deploy();
    const { code, err } = await bootstrap("ireland", withoutCredentials(account));
    expect(code).toBe(2);
    expect(err).toContain("log in to the plan's account first");
    expect(writes()).toBe(0);
  });

  it.each([
    [["bootstrap"], "PLAN is missing"],
    [
      ["bootstrap", "x.plan.yaml"],
      "--active is missing; expected the site that serves spacelift now: ireland or paris",
    ],
    [["bootstrap", "x.plan.yaml", "--active", "irland"], 'did you mean "ireland"?'],
    [["bootstrap", "y.plan.yaml", "--active", "ireland"], "cannot read y.plan.yaml"],
  ])("refuses %j without asking AWS", async (args, said) => {
    const { code, err } = await lifeboat(args, { files: { "x.plan.yaml": exampleText } });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(said) as string });
  });
});
