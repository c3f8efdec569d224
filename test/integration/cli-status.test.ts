import { statusOver } from "@lifeboat/cli/status";
import type { StatusReport } from "@lifeboat/cli/status-report";
import { createLab, START_MS, type Lab } from "@lifeboat/lab/create-lab";
import { withVirtualGlobals } from "@lifeboat/lab/virtual-globals";
import { withActiveSite, withHolder, withOutcome, type Claim, type Lease } from "@lifeboat/recovery/ledger";
import { forSite } from "@lifeboat/recovery/plan";
import { describe, expect, it } from "vitest";
import { exampleText, readValid } from "../unit/plan-example.ts";
import { accessText } from "./access-plan.ts";
import { onlyFile, recordedIo } from "./cli-in-process.ts";

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Lets the workload live for a while, changes something, and asks for its status. */
const statusAfter = async (
  change: (lab: Lab) => void,
  args: readonly string[] = ["spacelift", "--region", "eu-west-3"],
  options: { readonly bootstraps?: boolean; readonly waitMs?: number; readonly planText?: string } = {},
): Promise<Answer & { readonly lab: Lab; readonly mutating: number }> => {
  const { plan } = readValid(options.planText ?? exampleText);
  const lab = await createLab({ plan, seed: 1 });
  const { clock, random } = lab.cloud.world;
  return withVirtualGlobals(clock, random.stream("process"), async () => {
    const during = async <Result>(action: Promise<Result>): Promise<Result> => {
      let settled = false;
      const watched = action.finally(() => (settled = true));
      await clock.run({ untilMs: clock.nowMs() + 60_000, until: () => settled });
      return watched;
    };
    if (options.bootstraps !== false) await during(lab.bootstrap());
    await clock.run({ untilMs: START_MS + 120_000 });
    change(lab);
    await clock.run({ untilMs: clock.nowMs() + (options.waitMs ?? 30_000) });
    const { io, said } = recordedIo(onlyFile());
    const command = statusOver({
      clock,
      defaultRegion: undefined,
      connectTo: (region) => ({
        region,
        credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
        requestHandler: ({ timeoutMs }) =>
          lab.cloud.connect({ region, timeoutMs, origin: { place: "internet", principal: "operator" } }),
      }),
    });
    const from = lab.wire.length;
    const code = await during(command([...args], io));
    const mutating = lab.wire
      .slice(from)
      .filter((record) => record.mutating && record.origin.principal === "operator").length;
    return { code, ...said, lab, mutating };
  });
};

/** Writes another body of the ledger over the one that is there, by hand. */
const change = <Body extends object>(
  lab: Lab,
  name: "claim" | "lease",
  [region, Bucket]: readonly [region: string, bucket: string],
  to: (before: Body) => Body,
): void => {
  const Key = `${lab.plan.workload}/${name}`;
  void lab.cloud.call({
    service: "s3",
    operation: "PutObject",
    region,
    input: {
      Bucket,
      Key,
      Body: JSON.stringify(to(JSON.parse(lab.cloud.s3.read(Bucket, Key) ?? "") as Body)),
      IfMatch: lab.cloud.s3.bucket(Bucket).objects.get(Key)?.[0]?.etag,
    },
    origin: { place: lab.plan.witness.region, principal: "operator" },
  });
};

const recoveredBefore =
  (agoMs: number) =>
  (lab: Lab): void =>
    change<Claim>(lab, "claim", [lab.plan.witness.region, lab.plan.ledger.witnessBucket], (claim) => ({
      ...claim,
      recoveredAtMs: lab.cloud.world.clock.nowMs() - agoMs,
    }));

/** Changes both leases, of a site whose region is lost before it can renew them. */
const leasesOfLost =
  (to: (lease: Lease) => Lease) =>
  (lab: Lab): void => {
    const { witness, sites, ledger } = lab.plan;
    lab.cloud.world.network.lose(sites.primary.region);
    for (const [region, bucket] of [
      [witness.region, ledger.witnessBucket],
      [sites.standby.region, forSite(ledger.buckets, sites.standby.name)],
    ] as const)
      change<Lease>(lab, "lease", [region, bucket], to);
  };

describe("lifeboat status", () => {
  it("finds the workload in its account, and says that it could move now", async () => {
    const { code, out, mutating } = await statusAfter(() => undefined);
    expect(code).toBe(0);
    expect(out).toMatch(/active +ireland, epoch 1/);
    expect(out).toMatch(/kill switch +off/);
    expect(out).toMatch(/lease, witness +ireland, epoch 1, canary \d+ reported \d+ s ago/);
    expect(out).toMatch(/Readiness of paris\n {2}ready +stores\/database: secondary/);
    expect(out).toMatch(/Last outcomes\n {2}none/);
    expect(out).toContain("a failover could begin now");
    expect(mutating).toBe(0);
  });

  it("says what stands in the way of a failover, and exits with 1", async () => {
    const { code, out } = await statusAfter((lab) => {
      lab.rds.cluster("eu-west-3", "spacelift-paris").status =
        "inaccessible-encryption-credentials-recoverable";
    });
    expect(code).toBe(1);
    expect(out).toMatch(
      /unfit +stores\/database: the cluster is "inaccessible-encryption-credentials-recoverable"/,
    );
    expect(out).toMatch(/look at this\n {2}the standby is not ready \(1 of \d+\)/);
  });

  it("tells a region that is gone from what it knows of the others", async () => {
    const { code, out } = await statusAfter((lab) => lab.cloud.world.network.lose("eu-west-1"), undefined, {
      waitMs: 90_000,
    });
    expect(code).toBe(1);
    expect(out).toMatch(/active +ireland/);
    expect(out).toMatch(/the lease was last renewed \d+ s ago/);
  });

  it("lists how recoveries went", async () => {
    const { out } = await statusAfter((lab) => lab.cloud.world.network.lose("eu-west-1"), undefined, {
      waitMs: 1_200_000,
    });
    expect(out).toMatch(/active +paris, epoch 2/);
    expect(out).toMatch(
      /recovered, ireland to paris, in \d+ min \d+ s, loss 0 s to \d+ s: spacelift is served from paris/,
    );
    expect(out).toMatch(/nothing protects spacelift: ireland is not back yet/);
  });

  it("names a move that was left unfinished, and what to start for it", async () => {
    const { code, out } = await statusAfter((lab) =>
      change<Claim>(lab, "claim", [lab.plan.witness.region, lab.plan.ledger.witnessBucket], (before) => {
        const loss = { known: false, reason: "nobody knows" } as const;
        const holder = { execution: "arn:one", site: "paris", from: "ireland", succeeds: null, loss: null };
        const arrived = withActiveSite(withHolder(before, holder, "h"), { activeSite: "paris", loss }, "a");
        const end = { execution: "arn:one", endedAtMs: 1, recovered: false, givenUp: false };
        return withOutcome(arrived, end, "by-hand");
      }),
    );
    expect(code).toBe(1);
    expect(out).toMatch(/active +paris, epoch 2\n {2}move +from ireland to paris, not finished/);
    expect(out).toContain(
      'the move from ireland to paris is not finished: start lifeboat-spacelift-failover in eu-west-3 with {"workload": "spacelift"}',
    );
  });

  it.each([
    [
      1_000_000,
      /^ {2}nothing automatic starts for another 13 min \(cooldown\); a person may order a failover with an override$/m,
    ],
    [1_680_000, /^ {2}nothing automatic starts for another \d\d s \(cooldown\)/m],
  ])("promises no failover within the cooldown, %d ms after a recovery", async (agoMs, said) => {
    const { code, out } = await statusAfter(recoveredBefore(agoMs));
    expect(code).toBe(1);
    expect(out).toMatch(said);
    expect(out).not.toContain("a failover could begin now");
  });

  it("says nothing of a cooldown that is over", async () => {
    const { code, out } = await statusAfter(recoveredBefore(1_800_000));
    expect(code).toBe(0);
    expect(out).toContain("a failover could begin now");
  });

  it("complains of leases that report no canary, though the plan has a store that takes them", async () => {
    const { code, out } = await statusAfter(leasesOfLost((lease) => ({ ...lease, canary: null })));
    expect(code).toBe(1);
    expect(out).toMatch(
      /look at this[^]*\n {2}no canary is reported in the lease at the witness and at the standby, which tells/,
    );
  });

  it("complains of a site that has fenced itself, at either place", async () => {
    const { code, out } = await statusAfter(leasesOfLost((lease) => ({ ...lease, fenced: true })));
    expect(code).toBe(1);
    for (const where of ["witness", "standby"])
      expect(out).toMatch(
        new RegExp(`look at this[^]*\\n {2}ireland has fenced itself, says the lease at the ${where}`),
      );
  });

  it("asks Lifeboat's functions for the readiness of a workload in another account, and looks at nothing there itself", async () => {
    const from = { at: 0 };
    const { code, out, lab } = await statusAfter((world) => void (from.at = world.wire.length), undefined, {
      planText: accessText,
    });
    expect(code).toBe(0);
    expect(out).toMatch(/Readiness of paris\n {2}ready +stores\/database: secondary/);
    const asked = lab.wire.slice(from.at).filter(({ origin }) => origin.principal === "operator");
    expect(new Set(asked.map(({ service }) => service))).toEqual(new Set(["lambda", "s3"]));
    const looks = lab.wire.slice(from.at).filter(({ service }) => service === "rds" || service === "kms");
    expect(looks.length).toBeGreaterThan(0);
    expect(looks.filter(({ origin }) => origin.session === undefined)).toEqual([]);
  });

  it("prints all of it as JSON", async () => {
    const { out } = await statusAfter(() => undefined, ["spacelift", "--region", "eu-central-1", "--json"]);
    const report = JSON.parse(out) as StatusReport;
    expect(report.claim).toMatchObject({ ok: true, value: { activeSite: "ireland" } });
    expect(report.concerns).toEqual([]);
  });

  it("says that there is no ledger yet", async () => {
    const { code, out } = await statusAfter(() => undefined, undefined, { bootstraps: false });
    expect(code).toBe(1);
    expect(out).toMatch(/claim .* does not exist; run the bootstrap of "spacelift"/);
  });

  it.each([
    [
      ["elsewhere", "--region", "eu-west-3"],
      /no workload "elsewhere" is deployed in eu-west-3; give the region/,
    ],
    [["spacelift", "--region", "us-east-1"], /no workload "spacelift" is deployed in us-east-1/],
    [["spacelift"], /no region is given; expected --region, or AWS_REGION/],
    [["Spacelift!", "--region", "eu-west-3"], /is no workload's name/],
    [[], /WORKLOAD is missing/],
  ])("refuses %j with one clear message", async (args, message) => {
    const { code, out, err } = await statusAfter(() => undefined, args, { waitMs: 1 });
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(message);
    expect(err.trim().split("\n")).toHaveLength(1);
  });
});
