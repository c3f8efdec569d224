import { readFileSync } from "node:fs";
import { identifyCaller, readProof, type FetchText } from "@lifeboat/aws/caller-identity";
import { createWorld } from "@lifeboat/cloud/kernel/create-world";
import { createSts, type SimulatedPrincipal } from "@lifeboat/cloud/services/sts/create-sts";
import { signProof } from "@lifeboat/lab/sign-proof";
import { describe, expect, it } from "vitest";

const REGION = "eu-west-3";
const PURPOSE = "lifeboat.person-1.1.abc.approve";

const anna: SimulatedPrincipal = {
  accessKeyId: "AKIAEXAMPLE0000000AA",
  secretAccessKey: "simulated",
  arn: "arn:aws:iam::111122223333:user/anna",
  userId: "AIDAANNA",
  account: "111122223333",
};

/** Printed by the AWS CLI 1.45.11 with anna's keys: `aws eks get-token --region eu-west-3 --cluster-name <PURPOSE>`. */
const printed = readFileSync(new URL("aws-cli-token.txt", import.meta.url), "utf8").trim();
const urlIn = (proof: string): URL => new URL(Buffer.from(proof.slice(11), "base64url").toString());
const proofOf = (url: URL | string): string => `k8s-aws-v1.${Buffer.from(String(url)).toString("base64url")}`;
const dateIn = (proof: string): number => {
  const at = urlIn(proof).searchParams.get("X-Amz-Date") ?? "";
  return Date.parse(at.replace(/^(....)(..)(..T..)(..)(..)Z$/, "$1-$2-$3:$4:$5Z"));
};

const createRegion = (nowMs: number) => {
  const world = createWorld({
    seed: 1,
    startMs: nowMs,
    accountId: anna.account,
    regions: [REGION, "eu-west-1"],
  });
  createSts(world).addPrincipal(anna);
  const asked: string[] = [];
  const fetchText: FetchText = async (url, headers, timeoutMs) => {
    asked.push(url);
    const pending = world.fabric.request(REGION, { method: "GET", url, headers, timeoutMs });
    let done = false;
    const settled = pending.finally(() => (done = true));
    await world.clock.run({ untilMs: world.clock.nowMs() + 60_000, until: () => done });
    return settled;
  };
  const identify = (proof: string, purpose = PURPOSE, atMs = nowMs) =>
    identifyCaller(fetchText, REGION, atMs, proof, purpose);
  return { identify, asked };
};

const NOW_MS = Date.parse("2026-11-03T03:00:00Z");
const proof = (purpose: string | null = PURPOSE, region = REGION, principal = anna): string =>
  signProof(principal, region, purpose, NOW_MS);

describe("what the AWS CLI prints", () => {
  it("is a proof that we read and that a signature check of its own accepts", async () => {
    const { identify } = createRegion(dateIn(printed));
    expect(await identify(printed, PURPOSE, dateIn(printed))).toEqual({
      type: "proven",
      identity: { arn: anna.arn, userId: anna.userId, account: anna.account },
    });
  });

  it("is what people print in simulations, byte for byte", () => {
    expect(signProof(anna, REGION, PURPOSE, dateIn(printed))).toBe(printed);
  });
});

describe("a proof", () => {
  it("says who signed it", async () => {
    expect(await createRegion(NOW_MS).identify(proof())).toMatchObject({
      type: "proven",
      identity: { arn: anna.arn },
    });
  });

  it.each([
    ["another answer", "lifeboat.person-1.1.abc.reject"],
    ["another question", "lifeboat.person-1.2.abc.approve"],
    ["a cluster of EKS", "production"],
  ])("for %s is no proof for this one", async (_what, purpose) => {
    const { identify } = createRegion(NOW_MS);
    expect(await identify(proof(purpose))).toMatchObject({ type: "refused" });
    expect(await identify(proof(purpose), purpose)).toMatchObject({ type: "proven" });
  });

  it("that covers no purpose is refused before anybody is asked", async () => {
    const { identify, asked } = createRegion(NOW_MS);
    expect(await identify(proof(null))).toMatchObject({
      type: "refused",
      reason: expect.stringMatching(/no purpose/),
    });
    expect(asked).toEqual([]);
  });

  it("of keys that nobody has, or with another secret, is refused", async () => {
    const { identify } = createRegion(NOW_MS);
    const unknown = { ...anna, accessKeyId: "AKIANOBODY" };
    const guessed = { ...anna, secretAccessKey: "guessed" };
    expect(await identify(proof(PURPOSE, REGION, unknown))).toMatchObject({ type: "refused" });
    expect(await identify(proof(PURPOSE, REGION, guessed))).toMatchObject({ type: "refused" });
  });

  it("is old after a quarter of an hour, for us as for STS", async () => {
    expect(readProof(proof(), REGION, NOW_MS + 15 * 60_000)).toMatchObject({ type: "request" });
    expect(readProof(proof(), REGION, NOW_MS + 15 * 60_000 + 1)).toMatchObject({ type: "refused" });
    expect(readProof(proof(), REGION, NOW_MS - 6 * 60_000)).toMatchObject({ type: "refused" });
    expect(await createRegion(NOW_MS + 61_000).identify(proof(), PURPOSE, NOW_MS + 61_000)).toMatchObject({
      type: "refused",
    });
  });

  const changed = (change: (url: URL) => void): string => {
    const url = urlIn(proof());
    change(url);
    return proofOf(url);
  };
  it.each([
    ["another region", proof(PURPOSE, "eu-west-1")],
    ["somebody else's host", changed((url) => void (url.host = "sts.eu-west-3.amazonaws.com.example.com"))],
    ["another port", changed((url) => void (url.port = "8443"))],
    ["plain HTTP", changed((url) => void (url.protocol = "http:"))],
    ["a user before the host", changed((url) => void (url.username = "sts.eu-west-3.amazonaws.com"))],
    ["a path", changed((url) => void (url.pathname = "/else"))],
    ["another action", changed((url) => url.searchParams.set("Action", "AssumeRole"))],
    ["two actions", changed((url) => url.searchParams.append("action", "AssumeRole"))],
    ["another parameter", changed((url) => url.searchParams.set("RoleArn", "arn"))],
    ["no date", changed((url) => url.searchParams.delete("X-Amz-Date"))],
    ["nothing", ""],
    ["no token", "k8s-aws-v1."],
    ["the metadata service", proofOf("http://169.254.169.254/latest/meta-data/")],
    ["too much", `k8s-aws-v1.${"A".repeat(9000)}`],
  ])("that goes to or asks for %s is refused before anybody is asked", async (_what, given) => {
    const { identify, asked } = createRegion(NOW_MS);
    expect(await identify(given)).toMatchObject({ type: "refused" });
    expect(asked).toEqual([]);
  });

  it("is not repeated in what is said about it", async () => {
    const { identify } = createRegion(NOW_MS);
    const given = proof("another");
    const answer = JSON.stringify(await identify(given));
    expect(answer).not.toContain(given.slice(0, 40));
    expect(answer).not.toContain("X-Amz-Signature");
  });

  it("that STS cannot judge now may be given again", async () => {
    const at = (reply: Awaited<ReturnType<FetchText>>) =>
      identifyCaller(() => Promise.resolve(reply), REGION, NOW_MS, proof(), PURPOSE);
    for (const reply of [
      { unreachable: "TimeoutError" },
      { status: 503, body: "" },
      { status: 429, body: "" },
      { status: 200, body: "<html>" },
      { status: 200, body: "null" },
      { status: 200, body: '{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Arn":7}}}' },
    ])
      expect(await at(reply)).toMatchObject({ type: "unreachable" });
    expect(await at({ status: 403, body: "" })).toMatchObject({ type: "refused" });
  });
});
