import { bootstrapOver } from "@lifeboat/cli/bootstrap";
import { killSwitchOver } from "@lifeboat/cli/kill-switch";
import { beforeEach, describe, expect, it } from "vitest";
import { createAccount, FRANKFURT, type Account } from "../unit/cloud-account.ts";
import { lifeboat } from "./cli-in-process.ts";
import { connectingTo, createLedgerBuckets, runOn } from "./cli-on-account.ts";

const WITNESS_BUCKET = "spacelift-lifeboat-eu-central-1";
const PERSON = ["--by", "anna", "--why", "the network is being changed"];

let account: Account;
let written = 0;

const turn = (...args: string[]) =>
  runOn(account, killSwitchOver(connectingTo(account), { next: () => `write-${(written += 1)}` }), args);

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

  it("says so when the ledger does not take it, and does not claim to know", async () => {
    account.cloud.world.faults.call = ({ operation }) =>
      operation === "PutObject"
        ? { type: "refuse", code: "AccessDenied", message: "not you", status: 403 }
        : undefined;
    const { code, err } = await turn("x.plan.yaml", "on", ...PERSON);
    expect(code).toBe(1);
    expect(err).toContain(`s3://${WITNESS_BUCKET} (${FRANKFURT})`);
    expect(err).toContain("whether the switch is on is not known");
    expect(state()).toMatchObject({ on: false });
  });

  it("is a command of lifeboat", async () => {
    expect((await lifeboat(["kill-switch", "--help"])).out).toContain("kill-switch PLAN on|off");
  });
});
