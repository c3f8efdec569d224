import { bootstrapOver, type ConnectTo } from "@lifeboat/cli/bootstrap";
import { killSwitchOver } from "@lifeboat/cli/kill-switch";
import { beforeEach, describe, expect, it } from "vitest";
import { createAccount, FRANKFURT, type Account } from "../unit/cloud-account.ts";
import { lifeboat } from "./cli-in-process.ts";
import { connectingTo, createLedgerBuckets, runOn, withoutCredentials } from "./cli-on-account.ts";

const WITNESS_BUCKET = "spacelift-lifeboat-eu-central-1";
const PERSON = ["--by", "anna", "--why", "the network is being changed"];

let account: Account;
let written = 0;

const turnOver = (connect: ConnectTo, args: readonly string[]) =>
  runOn(account, killSwitchOver(connect, { next: () => `write-${(written += 1)}` }), args);

const turn = (...args: string[]) => turnOver(connectingTo(account), args);

/** Calls of this operation are refused from now on. */
const refuseAll = (refused: string, code: string, status: number): void => {
  account.cloud.world.faults.call = ({ operation }) =>
    operation === refused ? { type: "refuse", code, message: "not you", status } : undefined;
};

const state = (): unknown => JSON.parse(account.cloud.s3.read(WITNESS_BUCKET, "spacelift/switch") ?? "null");

beforeEach(async () => {
  account = createAccount();
  createLedgerBuckets(account);
  await runOn(account, bootstrapOver(connectingTo(account)), ["x.plan.yaml", "--active", "ireland"]);
});

describe("lifeboat kill-switch", () => {
  it("stops everything, and lets it go on, with who and why in the ledger", async () => {
    const on = await turn("x.plan.yaml", "on", ...PERSON);
    expect(on).toMatchObject({ code: 0, err: "" });
    expect(on.out).toContain("the kill switch of spacelift is on (anna: the network is being changed)");
    expect(state()).toMatchObject({
      on: true,
      by: "anna",
      why: "the network is being changed",
      workload: "spacelift",
    });
    const off = await turn("x.plan.yaml", "off", "--by", "bert", "--why", "it is done");
    expect(off.code).toBe(0);
    expect(state()).toMatchObject({ on: false, by: "bert", why: "it is done" });
  });

  it("changes nothing where it is that way already, and says who did it", async () => {
    await turn("x.plan.yaml", "on", ...PERSON);
    const before = state();
    const again = await turn("x.plan.yaml", "on", "--by", "bert", "--why", "to be sure");
    expect(again.code).toBe(0);
    expect(again.out).toContain("(anna: the network is being changed)");
    expect(state()).toEqual(before);
  });

  it.each([
    ["another position", ["x.plan.yaml", "maybe", ...PERSON], /no position "maybe"; expected on or off/],
    ["no name", ["x.plan.yaml", "on", "--why", "so"], /--by is missing; expected your name/],
    [
      "no reason",
      ["x.plan.yaml", "on", "--by", "anna", "--why", " "],
      /--why is missing; expected the reason/,
    ],
    ["no position", ["x.plan.yaml"], /kill-switch/],
  ])("refuses %s, and writes nothing", async (_, args, message) => {
    const before = state();
    const { code, err } = await turn(...args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(state()).toEqual(before);
  });

  it("says so when the ledger does not take it, does not claim to know, and names the region to look from", async () => {
    refuseAll("PutObject", "AccessDenied", 403);
    const { code, err } = await turn("x.plan.yaml", "on", ...PERSON);
    expect(code).toBe(1);
    expect(err).toContain(`s3://${WITNESS_BUCKET}/spacelift/switch (${FRANKFURT})`);
    expect(err).toContain("the switch may or may not be on");
    expect(err).toContain(`"lifeboat status spacelift --region ${FRANKFURT}"`);
    expect(state()).toMatchObject({ on: false });
  });

  it("says that nothing was changed, and to log in, where there are no credentials", async () => {
    const before = account.wire.length;
    const { code, err } = await turnOver(withoutCredentials(account), ["x.plan.yaml", "on", ...PERSON]);
    expect(code).toBe(2);
    expect(err).toBe(
      `lifeboat: s3://${WITNESS_BUCKET}/spacelift/switch (${FRANKFURT}) cannot be read: CredentialsProviderError: Could not load credentials from any providers; log in to the plan's account first (AWS_PROFILE, aws sso login); nothing was changed\n`,
    );
    expect(account.wire.slice(before).filter(({ mutating }) => mutating)).toEqual([]);
  });

  it("says that nothing was changed where the switch may not be read", async () => {
    refuseAll("GetObject", "AccessDenied", 403);
    const { code, err } = await turn("x.plan.yaml", "on", ...PERSON);
    expect(code).toBe(2);
    expect(err).toContain("cannot be read: AccessDenied: not you; run this again when it can be reached");
    expect(err).toContain("nothing was changed");
  });

  it("says that there is no switch yet, and that nothing was changed", async () => {
    account = createAccount();
    createLedgerBuckets(account);
    const { code, err } = await turn("x.plan.yaml", "on", ...PERSON);
    expect(code).toBe(1);
    expect(err).toMatch(/spacelift\/switch .* does not exist; run the bootstrap .*; nothing was changed\n$/);
  });

  it("is a command of lifeboat", async () => {
    expect((await lifeboat(["kill-switch", "--help"])).out).toContain("kill-switch PLAN on|off");
  });
});
