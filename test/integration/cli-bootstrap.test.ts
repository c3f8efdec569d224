import type { Io } from "@lifeboat/cli/io";
import { bootstrapOver, type ConnectTo } from "@lifeboat/cli/bootstrap";
import { beforeEach, describe, expect, it } from "vitest";
import { createAccount, FRANKFURT, IRELAND, PARIS, type Account } from "../unit/cloud-account.ts";
import { exampleText } from "../unit/plan-example.ts";
import { lifeboat } from "./cli-in-process.ts";

const buckets = [
  [FRANKFURT, "spacelift-lifeboat-eu-central-1"],
  [IRELAND, "spacelift-lifeboat-eu-west-1"],
  [PARIS, "spacelift-lifeboat-eu-west-3"],
] as const;

let account: Account;
beforeEach(() => {
  account = createAccount();
});

const deploy = (): void => {
  for (const [region, name] of buckets)
    account.cloud.s3.createBucket({ name, region, objectLock: "without-default" });
};

const connectTo: ConnectTo = (region) => ({
  region,
  credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
  requestHandler: ({ timeoutMs }) => account.cloud.connect({ region, timeoutMs }),
});

const bootstrap = async (active: string, connect: ConnectTo = connectTo) => {
  const said = { out: "", err: "" };
  const output = (name: "out" | "err"): Io["out"] => ({
    colours: false,
    write: (text) => {
      said[name] += text;
    },
  });
  const io: Io = {
    out: output("out"),
    err: output("err"),
    files: {
      read: async () => ({ ok: true, text: exampleText }),
      write: async () => ({ ok: false, reason: "nothing is written" }),
    },
  };
  const code = await account.run(() => bootstrapOver(connect)(["x.plan.yaml", "--active", active], io));
  return { code, ...said };
};

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
    for (const [region, name] of buckets.slice(0, 2))
      account.cloud.s3.createBucket({ name, region, objectLock: "without-default" });
    const { code, err } = await bootstrap("ireland");
    expect(code).toBe(2);
    expect(err).toContain("s3://spacelift-lifeboat-eu-west-3 (eu-west-3) cannot be used: NoSuchBucket");
    expect(err).toContain("docs/deploy.md");
    expect(writes()).toBe(0);
  });

  it("says what to do where there are no credentials", async () => {
    deploy();
    const withoutCredentials: ConnectTo = (region) => ({
      ...connectTo(region),
      get credentials(): never {
        throw Object.assign(new Error("Could not load credentials from any providers"), {
          name: "CredentialsProviderError",
        });
      },
    });
    const { code, err } = await bootstrap("ireland", withoutCredentials);
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
